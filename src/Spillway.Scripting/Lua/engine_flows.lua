-- The engine's methods that tell of flows (script API, section 4.1.3).
local ffi, call, host, views = ...

local tonumber, flow_text = tonumber, views.flow_text
local vm, methods, request = call.vm, views.engine_methods, views.request
local FLOW_RECORD, FLOW_METRIC, BROADCAST = 4, 5, 6

-- Numbers as a byte string, for requests, whose fields are bytes.
local numbers = ffi.new('double[4]')
local function pack(a, b, c, d)
  numbers[0], numbers[1], numbers[2], numbers[3] = a, b, c or 0, d or 0
  return ffi.string(numbers, d and 32 or 16)
end

function methods.update_flow(_, flow, meter, value)
  local id = flow_text(flow)
  value, meter = tonumber(value), tonumber(meter)
  if not id or not value or not (meter and meter >= 0 and meter < 8) then return end
  if host.update_flow(vm, id, #id, meter, value) == 2 then request(FLOW_METRIC, id, pack(meter, value)) end
end
methods.update_flow_raw = methods.update_flow

function methods.set_flow_duration(_, flow, seconds)
  local id = flow_text(flow)
  seconds = tonumber(seconds)
  if id and seconds then host.set_flow_duration(vm, id, #id, seconds) end
end

function methods.new_flow_record(_, flow, bytes_az, bytes_za, packets_az, packets_za)
  local id = flow_text(flow)
  if not id then return end
  request(FLOW_RECORD, id, pack(tonumber(bytes_az) or 0, tonumber(bytes_za) or 0, tonumber(packets_az) or 0, tonumber(packets_za) or 0))
end

--- T.host:broadcast.
function views.broadcast(id, class, message)
  if message == nil then return end
  request(BROADCAST, id, class, message)
end
