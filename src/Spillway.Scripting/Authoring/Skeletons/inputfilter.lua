-- Makes the input itself. This one turns lines of a text file, "seconds from to bytes", into flow records; T.args is the file:
--   spillway input THIS.lua FILE
local HOSTS = "{4CD742B1-C1CA-4708-BE78-0FCA2EB01A86}"

local function key_of(address)
  local a, b, c, d = address:match("^(%d+)%.(%d+)%.(%d+)%.(%d+)$")
  return a and string.format("%02X.%02X.%02X.%02X", a, b, c, d)
end

TrisulPlugin = {
  id = { name = "My input", description = "Flow records from a text file" },

  onload = function()
    local message
    T.file, message = io.open(T.args)
    if not T.file then
      T.logerror("no input: " .. tostring(message))
      return false
    end
  end,

  onunload = function()
    if T.file then T.file:close() end
  end,

  inputfilter = {
    -- Once more for each true that it returns. Either packet:set_packet(seconds, microseconds, link type, bytes), or the time and updates.
    step = function(packet, engine)
      local line = T.file:read()
      if not line then return false end
      local seconds, from, to, bytes = line:match("^(%d+) (%S+) (%S+) (%d+)$")
      local a, z = key_of(from or ""), key_of(to or "")
      if not a or not z then return true end -- not such a line: on to the next

      local flow = string.format("06A:%s:p-0000_%s:p-0000", a, z)
      packet:set_timestamp(seconds)
      engine:update_counter(HOSTS, a, 0, bytes)
      engine:update_flow(flow, 0, bytes)
      engine:new_flow_record(flow, bytes, 0, 1, 0)
      return true
    end,
  },
}
