-- What T.host has besides the facts of tglobal.lua: labels, files of configuration, broadcasts (script API, section 2.1).
local host, call, views, settings, T, both = ...

local tostring, error, upper = tostring, error, string.upper
local is_worker = settings.role == 'worker'

local function lane_only(name)
  if is_worker then error('T.host:' .. name .. '() is not available in a worker: return what it needs to onresult', 3) end
end

local functions = {}

function functions.createkey(guid, key, label)
  lane_only 'createkey'
  if guid == nil or key == nil or label == nil then return end
  guid, key, label = tostring(guid), tostring(key), tostring(label)
  host.update_key_info(call.vm, host.find_counter_group(call.vm, guid, #guid), key, #key, label, #label, '', 0)
end

function functions.broadcast(id, class, message)
  lane_only 'broadcast'
  views.broadcast(id, class, message)
end

--- The path of a plugin's own configuration file: made from the template if it is not there yet, never overwritten.
function functions.prepare_config(guid, template)
  local directory = T.env.get_config 'App>PluginsConfDirectory'
  if directory == '' then directory = T.host.get_configpath() end
  local path = directory .. '/PI-' .. upper(tostring(guid)):gsub('[^%w%-{}]', '') .. '.xml'
  local present = io.open(path, 'rb')
  if present then
    present:close()
    return path
  end
  local source, message = io.open(tostring(template), 'rb')
  if not source then error('T.host:prepare_config: the template cannot be read: ' .. message, 3) end
  local text = source:read '*a'
  source:close()
  local target
  target, message = io.open(path, 'wb')
  if not target then error('T.host:prepare_config: the configuration cannot be written: ' .. message, 3) end
  target:write(text or '')
  target:close()
  return path
end

for name, f in pairs(functions) do T.host[name] = both(T.host, f) end
