-- inspect(value [, options]): a value as text that a person can read and, where it is plain data, Lua can load.
-- Options: depth (tables deeper are {...}), newline ('\n'), indent (two blanks), process (function(item, path) -> item).
local floor, huge = math.floor, math.huge
local type, tostring, pairs, ipairs, getmetatable, rawget = type, tostring, pairs, ipairs, getmetatable, rawget

local inspect = { KEY = setmetatable({}, { __tostring = function() return 'inspect.KEY' end }),
  METATABLE = setmetatable({}, { __tostring = function() return 'inspect.METATABLE' end }) }

local KEYWORDS = {}
for word in ([[and break do else elseif end false for function goto if in local nil not or repeat return then true until while]]):gmatch('%a+') do
  KEYWORDS[word] = true
end

local ESCAPES = { ['\a'] = '\\a', ['\b'] = '\\b', ['\f'] = '\\f', ['\n'] = '\\n', ['\r'] = '\\r', ['\t'] = '\\t', ['\v'] = '\\v', ['\\'] = '\\\\' }

local function quote(text)
  local mark = (text:find('"', 1, true) and not text:find("'", 1, true)) and "'" or '"'
  local body = text:gsub('[%c\127\\]', function(c) return ESCAPES[c] or ('\\%03d'):format(c:byte()) end)
  if mark == '"' then body = body:gsub('"', '\\"') end
  return mark .. body .. mark
end

local function is_identifier(key) return type(key) == 'string' and key:find('^[%a_][%w_]*$') ~= nil and not KEYWORDS[key] end

local ORDER = { number = 1, boolean = 2, string = 3, table = 4, ['function'] = 5, userdata = 6, thread = 7, cdata = 8 }

local function before(a, b)
  local kind_a, kind_b = type(a), type(b)
  if kind_a == kind_b and (kind_a == 'string' or kind_a == 'number') then return a < b end
  local order_a, order_b = ORDER[kind_a] or 9, ORDER[kind_b] or 9
  if order_a ~= order_b then return order_a < order_b end
  return tostring(a) < tostring(b)
end

-- Items 1 to n stand without a key.
local function sequence_length(t)
  local n = 0
  while rawget(t, n + 1) ~= nil do n = n + 1 end
  return n
end

local function other_keys(t, n)
  local keys = {}
  for key in next, t do
    if not (type(key) == 'number' and key >= 1 and key <= n and floor(key) == key) then keys[#keys + 1] = key end
  end
  table.sort(keys, before)
  return keys
end

-- Tables that are met more than once get a number.
local function count(value, seen)
  if type(value) ~= 'table' then return end
  seen[value] = (seen[value] or 0) + 1
  if seen[value] > 1 then return end
  for key, item in next, value do
    count(key, seen)
    count(item, seen)
  end
  count(getmetatable(value), seen)
end

local Writer = {}
Writer.__index = Writer

function Writer:put(text) self[#self + 1] = text end
function Writer:line() self:put(self.newline .. self.indent:rep(self.level)) end

function Writer:number_of(value)
  local kind = type(value)
  local ids = self.ids[kind] or { n = 0 }
  self.ids[kind] = ids
  if not ids[value] then
    ids.n = ids.n + 1
    ids[value] = ids.n
  end
  return ids[value]
end

function Writer:key(key)
  if is_identifier(key) then return self:put(key) end
  self:put('[')
  self:value(key)
  self:put(']')
end

function Writer:table(t)
  if self.done[t] then return self:put('<table ' .. self:number_of(t) .. '>') end
  if self.level >= self.depth then return self:put('{...}') end
  self.done[t] = true
  if self.counts[t] > 1 then self:put('<' .. self:number_of(t) .. '>') end
  local n = sequence_length(t)
  local keys, meta = other_keys(t, n), getmetatable(t)
  self:put('{')
  self.level = self.level + 1
  for i = 1, n do
    self:put(i > 1 and ', ' or ' ')
    self:value(rawget(t, i))
  end
  for i, key in ipairs(keys) do
    if i > 1 or n > 0 then self:put(',') end
    self:line()
    self:key(key)
    self:put(' = ')
    self:value(rawget(t, key))
  end
  if type(meta) == 'table' then
    if n + #keys > 0 then self:put(',') end
    self:line()
    self:put('<metatable> = ')
    self:value(meta)
  end
  self.level = self.level - 1
  if #keys > 0 or type(meta) == 'table' then self:line() elseif n > 0 then self:put(' ') end
  self:put('}')
end

function Writer:value(value)
  local kind = type(value)
  if kind == 'string' then self:put(quote(value))
  elseif kind == 'number' then self:put(value == huge and 'math.huge' or value == -huge and '-math.huge' or tostring(value))
  elseif kind == 'boolean' or kind == 'nil' or kind == 'cdata' then self:put(tostring(value))
  elseif kind == 'table' then self:table(value)
  else self:put('<' .. kind .. ' ' .. self:number_of(value) .. '>') end
end

local function processed(process, item, path, copies)
  if item == nil then return nil end
  if type(item) == 'table' and copies[item] then return copies[item] end
  local result = process(item, path)
  if type(result) ~= 'table' then return result end
  local copy = {}
  copies[item] = copy
  local function below(key)
    local longer = {}
    for i = 1, #path do longer[i] = path[i] end
    longer[#longer + 1] = key
    return longer
  end
  for key, value in next, result do
    local new_key = processed(process, key, below(inspect.KEY), copies)
    if new_key ~= nil then copy[new_key] = processed(process, value, below(key), copies) end
  end
  local meta = processed(process, getmetatable(result), below(inspect.METATABLE), copies)
  return setmetatable(copy, type(meta) == 'table' and meta or nil)
end

function inspect.inspect(value, options)
  options = options or {}
  if options.process then value = processed(options.process, value, {}, {}) end
  local counts = {}
  count(value, counts)
  local writer = setmetatable({ ids = {}, done = {}, counts = counts, level = 0, depth = options.depth or huge,
    newline = options.newline or '\n', indent = options.indent or '  ' }, Writer)
  writer:value(value)
  return table.concat(writer)
end

return setmetatable(inspect, { __call = function(_, value, options) return inspect.inspect(value, options) end })
