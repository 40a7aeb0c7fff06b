-- Flow records from a file (T.args): seconds, source, port, destination, port, bytes, packets on a line. Others are skipped.
local function key(address) return string.format('%02X.%02X.%02X.%02X', address:match '(%d+)%.(%d+)%.(%d+)%.(%d+)') end

TrisulPlugin = {
  id = { name = 'Records' },
  onload = function()
    local message
    T.file, message = io.open(T.args)
    if not T.file then
      T.logerror(message)
      return false
    end
  end,
  inputfilter = {
    step = function(packet, engine)
      local line = T.file:read()
      if not line then return false end
      local f = T.util.split(line, ' ')
      if #f < 7 then return true end
      packet:set_timestamp(f[1])
      local flow = string.format('06C:%s:p-%04X_%s:p-%04X_0A.00.00.FE_00000003_00000004', key(f[2]), f[3], key(f[4]), f[5])
      engine:update_counter('{4CD742B1-C1CA-4708-BE78-0FCA2EB01A86}', key(f[2]), 0, f[6])
      engine:update_flow(flow, 0, f[6])
      engine:update_flow(flow, 2, f[7])
      engine:set_flow_duration(flow, 5)
      engine:new_flow_record(flow, f[6], 0, f[7], 0)
      return true
    end,
  },
}
