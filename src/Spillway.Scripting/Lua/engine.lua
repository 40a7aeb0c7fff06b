-- The engine object of a lane (script API, section 4.1).
local ffi, call, host, views, settings = ...

local type, tonumber, tostring, error, setmetatable, gsub = type, tonumber, tostring, error, setmetatable, string.gsub
local flow_text = views.flow_text
local vm = call.vm

-- GUIDs are looked up by the host once; in any case and spelling they come to the same number. Unknown ones are -1: updates are ignored.
local group_of_guid = setmetatable({}, {
  __index = function(known, guid)
    if guid == nil then return -1 end
    local text = tostring(guid)
    local group = host.find_counter_group(vm, text, #text)
    known[guid] = group
    return group
  end,
})
local function group_of(guid) return guid ~= nil and group_of_guid[guid] or -1 end

-- Forgets what was looked up: groups may be defined after a script has asked for them.
function views.forget_groups() for guid in pairs(group_of_guid) do group_of_guid[guid] = nil end end

-- 64-bit integers of FFI are written without the suffix that their tostring has.
local function text_of(value)
  if type(value) == 'string' then return value end
  if type(value) == 'cdata' then return (gsub(tostring(value), '^(%-?%d+)U?LL$', '%1')) end
  return value == nil and '' or tostring(value)
end

-- An array of byte strings for host functions with many texts. The strings are anchored while the host reads them.
local fields = ffi.new('sw_bytes[8]')
local anchors = {}
local function field(i, value)
  local text = text_of(value)
  anchors[i] = text
  fields[i].data, fields[i].length = ffi.cast('const uint8_t*', text), #text
end

local engine = {}

function engine.update_counter(_, guid, key, meter, value)
  if key == nil then return end
  if type(key) ~= 'string' then key = text_of(key) end
  if type(value) ~= 'number' then value = tonumber(value) or 0 / 0 end   -- no number is no sample, as NaN is none
  host.update_counter(vm, group_of_guid[guid], key, #key, tonumber(meter) or -1, value)
end
engine.update_counter_raw = engine.update_counter

function engine.update_counter_bytes(_, guid, key, meter)
  if key == nil then return end
  if type(key) ~= 'string' then key = text_of(key) end
  local packet = call.packet
  host.update_counter(vm, group_of_guid[guid], key, #key, tonumber(meter) or -1, packet ~= nil and packet.wire_length or 0)
end

function engine.update_key_info(_, guid, key, label, description)
  if key == nil or label == nil then return end
  key, label, description = text_of(key), text_of(label), text_of(description)
  host.update_key_info(vm, group_of(guid), key, #key, label, #label, description, #description)
end

function engine.set_key_attribute(_, guid, key, name, value)
  if key == nil or name == nil then return end
  key, name, value = text_of(key), text_of(name), text_of(value)
  host.set_key_attribute(vm, group_of(guid), key, #key, name, #name, value, #value)
end

local function add_alert(guid, flow, alert_key, classification, priority, message, status)
  field(0, guid)
  field(1, flow_text(flow))
  field(2, alert_key)
  field(3, classification)
  field(4, message)
  field(5, status)
  host.add_alert(vm, fields, tonumber(priority) or 0)
end

function engine.add_alert(_, guid, flow, alert_key, priority, message) add_alert(guid, flow, alert_key, '', priority, message, '') end

function engine.add_alert_full(_, guid, flow, alert_key, classification, priority, message, status)
  add_alert(guid, flow, alert_key, classification, priority, message, status)
end
engine.add_alert_ids = engine.add_alert_full

function engine.add_alert_tca(_, guid, tca_id, status, message) add_alert(guid, nil, tca_id, '', 1, message, status) end

function engine.add_resource(_, guid, flow, uri, contents)
  if uri == nil then return end
  field(0, guid)
  field(1, flow_text(flow))
  field(2, uri)
  field(3, contents)
  host.add_resource(vm, fields)
end

function engine.add_edge(_, guid_a, key_a, guid_b, key_b)
  if key_a == nil or key_b == nil then return end
  field(0, guid_a)
  field(1, key_a)
  field(2, guid_b)
  field(3, key_b)
  host.add_edge(vm, fields)
end

-- Both ways between the vertex and each end, port and protocol of the flow: eight directed edges.
function engine.add_flow_edges(self, flow, guid, key)
  local id = flow_text(flow)
  if not id or key == nil then return end
  local protocol, a, pa, z, pz = string.match(id, '^(%x%x)%a:([^:]*):([^_]*)_([^:]*):([^_]*)')
  if not protocol then return end
  local hosts = #a == 32 and '{6CD742B1-C1CA-4708-BE78-0FCA2EB01A86}' or '{4CD742B1-C1CA-4708-BE78-0FCA2EB01A86}'
  for _, pair in ipairs { { hosts, a }, { hosts, z }, { '{C51B48D4-7876-479E-B0D9-BD9EFF03CE2E}', pz },
    { '{E89BCD56-30AD-40F5-B1C8-8B7683F440BD}', protocol } } do
    engine.add_edge(self, guid, key, pair[1], pair[2])
    engine.add_edge(self, pair[1], pair[2], guid, key)
  end
end

function engine.tag_flow(_, flow, tag)
  local id = flow_text(flow)
  if not id or tag == nil then return end
  tag = text_of(tag)
  host.tag_flow(vm, id, #id, tag, #tag)
end

function engine.disable_reassembly(_, flow)
  local id = flow_text(flow)
  if id then host.disable_reassembly(vm, id, #id) end
end

function engine.add_flow_counter(_, flow, guid, key, meter, direction)
  local id = flow_text(flow)
  if not id or key == nil then return end
  key = text_of(key)
  host.add_flow_counter(vm, id, #id, group_of(guid), key, #key, tonumber(meter) or -1, tonumber(direction) or 0)
end

function engine.reset_flow_counter(self, flow, guid, key, meter, direction)
  local id = flow_text(flow)
  if not id then return end
  host.remove_flow_counters(vm, id, #id, group_of(guid))
  if key ~= nil then engine.add_flow_counter(self, flow, guid, key, meter, direction) end
end

-- What may call other scripts, or end the flow of this very callback, is done when the callback has returned.
local MESSAGE, ATTRIBUTE, TERMINATE_FLOW, OTHER_SIDE = 1, 2, 3, 7

local function request(kind, first, second, third)
  field(0, first)
  field(1, second)
  field(2, third)
  host.request(vm, kind, fields)
end

function engine.add_flow_attribute(_, flow, name, value)
  local id = flow_text(flow)
  if id and name ~= nil and value ~= nil then request(ATTRIBUTE, id, name, value) end
end

function engine.terminate_flow(_, flow)
  local id = flow_text(flow)
  if id then request(TERMINATE_FLOW, id) end
end

function engine.post_message_frontend(_, id, message)
  if message == nil then id, message = '', id end
  if message ~= nil then request(MESSAGE, id, message) end
end
engine.postmessage_frontend = engine.post_message_frontend

function engine.post_message_backend(_, id, message)
  if message == nil then id, message = '', id end
  if message ~= nil then request(OTHER_SIDE, id, message) end
end
engine.postmessage_backend = engine.post_message_backend

function engine.timestamp() return tonumber(call.timestamp_ns / 1000000000LL) end
function engine.instanceid() return settings.instance_id end
engine.id = engine.instanceid
function engine.probeid() return settings.probe_id end

views.engine_methods, views.request = engine, request   -- for the parts that add methods

-- A method is found by table look-ups alone, which compiled code turns into constants; only an unknown name calls a function.
setmetatable(engine, {
  __index = function(_, name) error("engine has no method '" .. tostring(name) .. "' in this version", 2) end,
})

return setmetatable({}, { __index = engine, __tostring = function() return 'engine ' .. settings.instance_id end })
