-- What differs on the metrics pipeline: methods that only the packet path has, groups by title, the group a monitor is bound to
-- (script API, sections 2 and 4.1).
local call, views, T, settings = ...

local tonumber, type, pairs, error = tonumber, type, pairs, error
local methods, request = views.engine_methods, views.request
local MESSAGE, OTHER_SIDE = 1, 7

for _, name in pairs { 'update_counter_bytes', 'update_flow', 'update_flow_raw', 'terminate_flow', 'set_flow_duration', 'new_flow_record',
  'add_flow_counter', 'reset_flow_counter', 'add_flow_attribute', 'disable_reassembly' } do
  methods[name] = function() error('ERR_NOTAVAIL: ' .. name .. '() is not available for backend scripts', 2) end
end

local function post(kind)
  return function(_, id, message)
    if message == nil then id, message = '', id end
    if message ~= nil then request(kind, id, message) end
  end
end
methods.post_message_backend, methods.post_message_frontend = post(MESSAGE), post(OTHER_SIDE)
methods.postmessage_backend, methods.postmessage_frontend = methods.post_message_backend, methods.post_message_frontend

--- The window that was flushed last, or is being flushed; packet time before the first.
function methods.timestamp()
  local ns = call.interval_ns ~= 0 and call.interval_ns or call.timestamp_ns
  return tonumber(ns / 1000000000LL)
end

T.enginetype = 'backend'
T.backend_engineid = tonumber(settings.instance_id)

-- Groups by title. Of two groups with one title the first defined counts.
for line in settings.groups:gmatch '[^\30]+' do
  local kind, guid, title = line:match '^([^\31]*)\31([^\31]*)\31(.*)$'
  T[kind] = T[kind] or {}
  if T[kind][title] == nil then T[kind][title] = guid end
end

--- Tells the script which group this VM watches.
function views.bind_group(guid, title) T.monitor_group_guid, T.monitor_group_name = guid, title end
