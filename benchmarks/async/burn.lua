-- A full slow path: each UDP packet gives every worker half a second of computing. The argument is the number of workers. Used by lane-share.
local WORKERS = tonumber(T.args)

local function burn()
  local ffi = require 'ffi'
  pcall(ffi.cdef, 'struct bench_time { long s, ns; }; int clock_gettime(int, struct bench_time *);') -- once for each worker
  local time = ffi.new 'struct bench_time'
  local function now()
    ffi.C.clock_gettime(1, time)
    return tonumber(time.s) + tonumber(time.ns) / 1e9
  end
  local finish, x = now() + 0.5, 0
  while now() < finish do
    for i = 1, 10000 do x = x + math.sqrt(i) end
  end
end

TrisulPlugin = {
  id = { name = 'burn' },
  request_async_workers = WORKERS,
  simplecounter = {
    protocol_guid = '{14D7AB53-CC51-47E9-8814-9C06AAE60189}', -- UDP
    onpacket = function()
      for _ = 1, WORKERS do T.async:schedule { onexecute = burn } end
    end,
  },
}
