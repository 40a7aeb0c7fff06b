-- What the host asks of a VM, as one function of a command string. A function for the host is left in a global, which it clears.
local call, views, engine, settings = ...

local type, tostring, rawget, rawset, pairs, ipairs, tonumber = type, tostring, rawget, rawset, pairs, ipairs, tonumber
local concat = table.concat

-- The block types in order, each with the names that its table may have (BlockTypes.cs).
local BLOCKS, NAMES = {}, {}
for names in settings.block_types:gmatch '[^;]+' do
  local name = names:match '^%S+'
  BLOCKS[#BLOCKS + 1], NAMES[name] = name, {}
  for alias in names:gmatch '%S+' do table.insert(NAMES[name], alias) end
end

local function plugin()
  local p = rawget(_G, 'TrisulPlugin')
  return type(p) == 'table' and p or nil
end

local function block_of(p, name)
  for _, alias in ipairs(NAMES[name]) do
    if type(p[alias]) == 'table' then return p[alias] end
  end
end

-- Records are fields joined by \31, records end with \30: neither byte has a place in a name.
local function record(out, ...)
  local fields = { ... }
  for i = 1, select('#', ...) do fields[i] = (tostring(fields[i] == nil and '' or fields[i]):gsub('[\30\31]', ' ')) end
  out[#out + 1] = concat(fields, '\31', 1, select('#', ...))
end

local function describe_group(out, kind, block)
  local control = type(block.control) == 'table' and block.control or {}
  record(out, kind, control.guid, control.name, control.description, control.bucketsize, control.resolver_guid)
end

local function describe_countergroup(out, block)
  describe_group(out, 'countergroup', block)
  for _, row in ipairs(type(block.meters) == 'table' and block.meters or {}) do
    -- Seven columns with the bottom count in the fourth, or six without (script API, section 1.12).
    local seven = type(row[4]) == 'number'
    record(out, 'meter', row[1], row[2], row[3], seven and row[4] or 0, row[seven and 5 or 4], row[seven and 6 or 5], row[seven and 7 or 6])
  end
  for _, row in ipairs(type(block.keyinfo) == 'table' and block.keyinfo or {}) do
    if type(row) == 'table' and row[1] ~= nil and row[2] ~= nil then record(out, 'key', row[1], row[2]) end
  end
end

-- A value that scripts may also give as a function, which is called before onload (script API, section 1.5).
local function attached(value)
  if type(value) == 'function' then return value() end
  return value
end

local function describe_protocol_handler(out, block)
  local control = type(block.control) == 'table' and block.control or {}
  local ports = control.host_protocol_ports
  local texts = {}
  for i, port in ipairs(type(ports) == 'table' and ports or { ports }) do texts[i] = tostring(port) end
  record(out, 'protocol', control.guid, control.name, attached(control.host_protocol_guid), concat(texts, ','))
end

local function describe_inputfilter(out, block)
  record(out, 'input', type(block.step) == 'function' and 'step' or '', type(block.step_alert) == 'function' and 'step_alert' or '')
end

local DESCRIBED = {
  countergroup = describe_countergroup,
  alertgroup = function(out, block) describe_group(out, 'alertgroup', block) end,
  resourcegroup = function(out, block) describe_group(out, 'resourcegroup', block) end,
  simplecounter = function(out, block) record(out, 'counts', attached(block.protocol_guid), views.protocol_of_guid[attached(block.protocol_guid)]) end,
  protocol_handler = describe_protocol_handler,
  inputfilter = describe_inputfilter,
}

local commands = {}

function commands.describe()
  local p, out = plugin(), {}
  if not p then return '' end
  local id = type(p.id) == 'table' and p.id or {}
  record(out, 'id', id.name, id.description)
  record(out, 'workers', type(p.request_async_workers), p.request_async_workers)
  for _, name in ipairs(BLOCKS) do
    local block = block_of(p, name)
    if block then
      record(out, 'block', name)
      for _, alias in ipairs(NAMES[name]) do
        if type(p[alias]) == 'table' and p[alias] ~= block then record(out, 'twice', name, alias) end
      end
      if DESCRIBED[name] then DESCRIBED[name](out, block) end
    end
  end
  return concat(out, '\30')
end

-- Where the blocks of the metrics pipeline say what they watch.
local ATTACH_FIELDS = {
  cg_monitor = { 'counter_guid', 'counter_name_match', 'counter_name_regex' },
  sg_monitor = { 'session_guid' },
  alert_monitor = { 'alert_guid', 'alert_name_match', 'alert_name_regex' },
  resource_monitor = { 'resource_guid' },
  fts_monitor = { 'fts_guid' },
}

--- What the chosen block watches, as records of field and text. Each field may hold a text, a function that gives one, or an array of both,
--- which a function may give too.
function commands.attachments(name)
  local out = {}
  local function put(field, value)
    value = attached(value)
    if type(value) ~= 'table' then return record(out, field, value) end
    for _, one in ipairs(value) do record(out, field, attached(one)) end
  end
  for _, field in ipairs(ATTACH_FIELDS[name] or {}) do put(field, views.block[field]) end
  local control = type(views.block.control) == 'table' and views.block.control or {}
  if name == 'flowtracker' then record(out, 'tracker', control.name, control.bucketsize, control.count) end
  return concat(out, '\30')
end

--- Tells the script the group that this VM watches.
function commands.group(argument)
  local guid, title = argument:match '^([^\31]*)\31(.*)$'
  views.bind_group(guid, title)
end

local bound = {}

local function life_cycle(callback)
  local p = plugin()
  if not p then return 'true' end
  local result
  if type(p[callback]) == 'function' then result = p[callback]() end
  if result ~= false and views.block and type(views.block[callback]) == 'function' then result = views.block[callback]() end
  return tostring(result ~= false)
end

function commands.onload() return life_cycle 'onload' end
function commands.onunload() return life_cycle 'onunload' end

--- Chooses the block that this VM runs.
function commands.attach(name) views.block = block_of(plugin(), name) end

--- Makes the dispatchers of the chosen block; gives the names of its callbacks. After onload, which may still change the block.
function commands.bind(name)
  bound = views.bind(name, views.block)
  local names = {}
  for callback in pairs(bound) do names[#names + 1] = callback end
  table.sort(names)
  return concat(names, ' ')
end

--- Leaves the dispatcher of onmessage for the host to take, if the plugin has one. It may be set as late as in onload.
function commands.message()
  local p = plugin()
  if not p or type(p.onmessage) ~= 'function' then return 'false' end
  rawset(_G, 'spillway_taken', views.message_dispatcher(p))
  return 'true'
end

--- Leaves a function for the host to take.
function commands.take(name) rawset(_G, 'spillway_taken', bound[name] or views[name]) end

--- Lets go of all that a disabled script has kept.
function commands.abandon()
  bound, views.block = {}, nil
  for name in pairs(package.loaded) do package.loaded[name] = nil end
  for name in pairs(_G) do
    if name ~= 'collectgarbage' then _G[name] = nil end
  end
end

function commands.taken() rawset(_G, 'spillway_taken', nil) end

-- For authors: what scripts can call, and what this one has defined (reflect.lua).
function commands.api() return views.api() end
function commands.shape() return views.shape(plugin()) end

return function(command)
  local name, argument = command:match('^(%S+) ?(.*)$')
  return commands[name](argument)
end
