-- T.args is "FROM TO N": N files, FROM/1 to FROM/N, are copied to TO while packets come by. N = 0 copies nothing.
-- Prints the seconds from the first call to the end of the last copy, and how long all calls took.
local from, to, count = T.args:match("^(%S+) (%S+) (%d+)$")
local ffi = require "ffi"
ffi.cdef [[ struct spillway_time { long seconds, nanoseconds; }; int clock_gettime(int, struct spillway_time *); ]]

local function now()
  local time = ffi.new "struct spillway_time"
  ffi.C.clock_gettime(1, time)
  return tonumber(time.seconds) + tonumber(time.nanoseconds) / 1e9
end

local submitted

TrisulPlugin = {
  id = { name = "Copies", description = "copies many files while packets come by" },
  onload = function()
    if count == "0" then return end
    local start = now()
    for i = 1, tonumber(count) do T.async:copy(from .. "/" .. i, to .. "/" .. i) end
    submitted = now() - start
    -- One worker does everything in order: this runs when the last copy is there.
    T.async:schedule {
      onexecute = function()
        local ffi = require "ffi"
        ffi.cdef [[ struct spillway_time { long seconds, nanoseconds; }; int clock_gettime(int, struct spillway_time *); ]]
        local time = ffi.new "struct spillway_time"
        ffi.C.clock_gettime(1, time)
        return tostring(tonumber(time.seconds) + tonumber(time.nanoseconds) / 1e9)
      end,
      onresult = function(engine, data, ended) print(("copied %.6f submitted %.6f"):format(tonumber(ended) - start, submitted)) end,
    }
  end,
  filex_monitor = { onfile_http = function() end },
}
