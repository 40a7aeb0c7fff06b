-- Tells the program what there is, for `scripts check` and for the test of the reference: the names behind every object that scripts see, and
-- the shape of the script's own tables. Nothing here runs unless it is asked for.
local views, T, engine = ...

local type, tostring, pairs, ipairs, getmetatable, rawget = type, tostring, pairs, ipairs, getmetatable, rawget
local concat, sort, floor = table.concat, table.sort, math.floor
local getinfo = debug.getinfo

-- The table in which the methods of an object are looked up; nil for a C type, whose part has to put it into views.classes.
local function methods_of(object)
  local meta = getmetatable(object)
  local index = type(meta) == 'table' and rawget(meta, '__index')
  return type(index) == 'table' and index or nil
end

local function add_names(out, object, members)
  if type(members) ~= 'table' then return end
  for name, value in pairs(members) do
    if type(name) == 'string' and name:sub(1, 1) ~= '_' then out[#out + 1] = object .. ' ' .. name .. ' ' .. type(value) end
  end
end

--- One line for each member of each object: object, member, type of its value.
function views.api()
  local out = {}
  add_names(out, 'T', T)
  for _, library in ipairs { 'host', 'util', 'env', 'async', 'K' } do add_names(out, 'T.' .. library, rawget(T, library)) end
  for _, constants in ipairs { 'vartype', 'loglevel' } do add_names(out, 'T.K.' .. constants, T.K[constants]) end
  add_names(out, 'engine', engine and methods_of(engine))
  add_names(out, 'flow', views.FlowID)
  add_names(out, 'header', views.HTTPHeader)
  if not views.classes.re2 then add_names(out, 're2', methods_of(T.re2 'x')) end
  if not views.classes.ac then add_names(out, 'ac', methods_of(T.ac { 'x' })) end
  add_names(out, 'packet', views.input_packet)
  for object, members in pairs(views.classes) do add_names(out, object, members) end
  sort(out)
  return concat(out, '\n')
end

-- The shape of tables is told as records: path, type, and the line of a function or the text of a scalar. Text that may hold anything comes last.
local MAXIMUM_RECORDS = 20000

local function add_record(out, path, value)
  if #out >= MAXIMUM_RECORDS then return end
  local kind, text = type(value), ''
  if kind == 'function' then text = tostring(getinfo(value, 'S').linedefined)
  elseif kind == 'string' or kind == 'number' or kind == 'boolean' then text = tostring(value):sub(1, 200) end
  out[#out + 1] = path .. '\31' .. kind .. '\31' .. (text:gsub('[\30\31]', ' '))
end

local function describe(out, path, value, depth)
  add_record(out, path, value)
  if type(value) ~= 'table' or depth == 0 then return end
  for key, member in pairs(value) do
    local name
    if type(key) == 'string' then name = '.' .. key:sub(1, 100):gsub('[\30\31]', ' ')
    elseif type(key) == 'number' and key == floor(key) then name = '[' .. key .. ']' end
    if name then describe(out, path .. name, member, depth - 1) end
  end
end

--- What a script's tables hold: blocks, their fields and their declarations; two levels below a block, which is where rows of meters end.
function views.shape(plugin)
  local out = {}
  if plugin then describe(out, 'TrisulPlugin', plugin, 4) end
  return concat(out, '\30')
end
