-- Dispatchers of the smaller blocks of the packet path: protocol_handler, messagemonitor, flowmonitor, channellistener.
local ffi, call, views, engine = ...

local type, tonumber, tostring, error, setmetatable = type, tonumber, tostring, error, setmetatable
local makers, current_layer, current_flow, current_buffer, timestamp = views.makers, views.current_layer, views.current_flow, views.current_buffer, views.timestamp

-- nil: not this protocol. n: so many bytes are its own and nothing follows. n, guid: the rest is of that protocol.
local function set_parsed(n, next_protocol)
  if n == nil then return end
  local length = tonumber(n)
  if not length then error('parselayer returned a ' .. type(n) .. ' where a number of bytes or nil is expected', 0) end
  call.length = length == length and length or 0
  call.code = next_protocol ~= nil and views.protocol_of_guid[next_protocol] or 0
  call.result = 1
end

makers.protocol_handler = {
  parselayer = function(f) return function() set_parsed(f(current_layer())) end end,
}

-- A flow that a script has told of has its id as text; one of packets has its key in the call.
local function told_flow()
  if call.text.length == 0 then return current_flow() end
  return setmetatable({ _id = views.text_of(call.text) }, views.FlowID)
end

makers.messagemonitor = {
  onnewflowrecord = function(f)
    return function()
      local n = ffi.cast('const double*', call.blob.data)
      f(engine, told_flow(), n[0], n[1], n[2], n[3])
    end
  end,
  onflowmetric = function(f) return function() f(engine, told_flow(), call.code, call.position) end end,
}

-- The order of arguments is that of older versions: the flow before the time, the value as a buffer.
makers.flowmonitor = {
  onflowattribute = function(f)
    return function() f(engine, current_flow(), timestamp(), views.text_of(call.name), current_buffer()) end
  end,
}

makers.channellistener = {
  onchannelmessage = function(f) return function() f(views.text_of(call.name), current_buffer()) end end,
}
