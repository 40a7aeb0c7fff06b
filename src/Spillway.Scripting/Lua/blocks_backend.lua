-- The blocks that follow the metrics: their dispatchers, and the objects they are given: session, alert, resource, document
-- (script API, sections 1.13 and 4.9 to 4.12).
local ffi, call, host, views, engine = ...

local type, tonumber, tostring, error, setmetatable, floor, huge = type, tonumber, tostring, error, setmetatable, math.floor, math.huge
local makers, timestamp, vote = views.makers, views.timestamp, views.vote
local vm = call.vm

-- Texts of an item, by their place in the record (ItemText).
local FLOW, KEY, TEXT, CLASSIFICATION, STATUS, EXTRA, PRIORITY = 0, 1, 2, 3, 4, 5, 6
local TAGS = KEY
local NO_FLOW = '00A:00.00.00.00:p-0000_00.00.00.00:p-0000'

local function dead(what) error(what .. ' used after its callback has returned: copy what you need', 3) end

local function text(field)
  local bytes = call.item.texts[field]
  return bytes.length > 0 and ffi.string(bytes.data, bytes.length) or ''
end

local function flow_of(id) return setmetatable({ _id = id }, views.FlowID) end

local function seconds(ns)
  local whole = ns / 1000000000LL
  return tonumber(whole), tonumber((ns - whole * 1000000000LL) / 1000LL)
end

local function set(field, value, number)
  value = value == nil and '' or tostring(value)
  host.set_item(vm, field, value, #value, number or 0)
end

-- Each class is a C type with the generation of its call: a view that outlives its callback is an error, never a read of freed memory.
-- `what` names it in messages; a method is told that its view lives before it looks at the item.
local function class(what, methods)
  local checked = {}
  for name, method in pairs(methods) do
    checked[name] = function(view, a)
      if view.gen ~= call.generation then dead(what) end
      return method(a)
    end
  end
  views.classes[what:lower()] = checked
  local shown = methods.key or methods.sigid or methods.uri
  local new = ffi.metatype(ffi.typeof('struct { uint32_t gen; }'), {
    __index = checked,
    __tostring = function(view) return view.gen == call.generation and what .. ' ' .. shown() or what end,
  })
  return function() return new(call.generation) end
end

local function end_of(method)
  return function()
    local id = text(FLOW)
    return method(flow_of(id ~= '' and id or NO_FLOW))
  end
end
local FlowID = views.FlowID
local source_ip, source_port = end_of(FlowID.ipa_readable), end_of(FlowID.porta_readable)
local destination_ip, destination_port = end_of(FlowID.ipz_readable), end_of(FlowID.portz_readable)

local function counter(index) return function() return call.item.counters[index] end end
local function item_flow() return flow_of(text(FLOW)) end
local function item_time() return seconds(call.item.timestamp_ns) end

local session = class('Session', {
  key = function() return text(FLOW) end,
  flow = item_flow,
  time_window = function() return (seconds(call.item.first_ns)), (seconds(call.item.last_ns)) end,
  state = function() return call.item.state end,
  az_bytes = counter(0), za_bytes = counter(1), az_packets = counter(2), za_packets = counter(3),
  az_payload_bytes = counter(4), za_payload_bytes = counter(5),
  tags = function() return text(TAGS) end,
  add_tag = function(tag) if tag ~= nil then set(TAGS, tag) end end,
  setup_rtt = function() return call.item.setup_rtt end,
  retransmissions = function() return call.item.retransmissions end,
})

local alert = class('Alert', {
  timestamp = item_time,
  flow = function()
    local id = text(FLOW)
    return id ~= '' and flow_of(id) or nil
  end,
  source_ip = source_ip, source_port = source_port, destination_ip = destination_ip, destination_port = destination_port,
  sigid = function() return text(KEY) end,
  classification = function() return text(CLASSIFICATION) end,
  priority = function() return call.item.priority end,
  message = function() return text(TEXT) end,
  extra_message = function() return text(EXTRA) end,
  status = function() return text(STATUS) end,
  ack_flag = function() return 0 end,
  set_priority = function(value)
    local n = tonumber(value)
    if not n or not (n >= 0 and n <= 1000) then error('alert:set_priority: the priority must be a number from 0 to 1000', 3) end
    set(PRIORITY, '', floor(n))
  end,
  set_message = function(value) set(TEXT, value) end,
  set_extra_message = function(value) set(EXTRA, value) end,
})

local resource = class('Resource', {
  timestamp = item_time,
  flow = function()
    local id = text(FLOW)
    return flow_of(id ~= '' and id or NO_FLOW)
  end,
  source_ip = source_ip, source_port = source_port, destination_ip = destination_ip, destination_port = destination_port,
  uri = function() return text(KEY) end,
  label = function() return text(TEXT) end,
  set_uri = function(value) set(KEY, value) end,
  set_label = function(value) set(TEXT, value) end,
})

local document = class('Document', {
  timestamp = item_time,
  key = function() return text(KEY) end,
  flow = function()
    local id = text(FLOW)
    return flow_of(id ~= '' and id or NO_FLOW)
  end,
  text = function() return text(TEXT) end,
})

-- Dispatchers -------------------------------------------------------------------------------------------------------------------------

local function at_time(f) return function() f(engine, timestamp()) end end

-- Every block type has these.
local function with_common(block)
  block.onbeginflush, block.onendflush = at_time, at_time
  block.onmetronome = function(f) return function() f(engine, timestamp(), call.position, call.length) end end
  return block
end

local function with_item(new) return function(f) return function() f(engine, new()) end end end
local function vote_on(new) return function(f) return function() vote(f(engine, new())) end end end

makers.engine_monitor = with_common {}

makers.sg_monitor = with_common {
  onnewflow = with_item(session), onupdate = with_item(session), onterminate = with_item(session),
  flushfilter = vote_on(session), onflush = with_item(session),
}
makers.alert_monitor = with_common { onnewalert = with_item(alert), flushfilter = vote_on(alert), onflush = with_item(alert) }
makers.resource_monitor = with_common { onnewresource = with_item(resource), flushfilter = vote_on(resource), onflush = with_item(resource) }
makers.fts_monitor = with_common { onnewfts = with_item(document), flushfilter = vote_on(document), onflush = with_item(document) }

makers.flowtracker = with_common {
  getmetric = function(f)
    return function()
      local value = f(engine, session())
      local n = tonumber(value)
      if value ~= nil and value ~= false and not n then error('getmetric returned a ' .. type(value) .. ' where a number or nil is expected', 0) end
      call.position = n and n == n and n or 0
    end
  end,
}

local function key() return views.text_of(call.name) end

-- metrics[1] is meter 0. A table of its own for each call: scripts keep them to compare with the next window.
local function metrics()
  local values, result = ffi.cast('const double*', call.blob.data), {}
  for i = 1, tonumber(call.code) do result[i] = values[i - 1] end
  return result
end

-- Behind the values there is room for what a filter wants instead; -1 leaves a value as it is.
local function put_overrides(overrides)
  local wanted, meters = ffi.cast('double*', call.blob.data) + call.code, call.code
  for i = 1, meters do
    local value = tonumber(overrides[i])
    if value and value >= 0 and value < huge then wanted[i - 1] = value end
  end
end

-- What must be a boolean and is not counts as true, and is an error (script API, section 7).
local function strict_vote(callback, result)
  call.result = result == false and 0 or 1
  if type(result) ~= 'boolean' then error(callback .. ' returned a ' .. type(result) .. ' where true or false is expected; taken as true', 0) end
end

makers.cg_monitor = with_common {
  onflushfilter = function(f)
    return function()
      local keep, overrides = f(engine, timestamp(), key(), metrics())
      vote(keep)
      if keep ~= false and type(overrides) == 'table' then put_overrides(overrides) end
    end
  end,
  onflush = function(f) return function() f(engine, timestamp(), key(), metrics()) end end,
  onupdate = function(f) return function() f(engine, timestamp(), key(), metrics()) end end,
  onnewkey = function(f) return function() f(engine, timestamp(), key()) end end,
  onbegintopperflush = function(f) return function() strict_vote('onbegintopperflush', f(engine, timestamp(), call.code)) end end,
  ontopperflushfilter = function(f) return function() strict_vote('ontopperflushfilter', f(engine, key(), call.position)) end end,
  ontopperflush = function(f) return function() f(engine, key(), call.position) end end,
  onendtopperflush = function(f) return function() f(engine, call.code) end end,
}
