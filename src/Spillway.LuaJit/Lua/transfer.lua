-- Moves values between Lua states as a string of bytes: nil, booleans, numbers, strings, tables (nested, shared, cyclic, with their
-- metatables), Lua functions with their upvalues, 64-bit integers of the FFI, modules and functions of the standard libraries by name.
-- What cannot cross (a coroutine, an open file, an object of the host) becomes a stand-in that raises when it is touched.
--
-- The form: a value is one tag byte and its data. Objects with identity are numbered and follow as a list, so that neither depth nor
-- cycles matter: encoding and decoding walk a queue, never the Lua stack. Bytecode goes to states of the same LuaJIT only.

local prototypes = ...
local ffi = require 'ffi'
local type, pairs, rawset, next, tostring = type, pairs, rawset, next, tostring
local setmetatable, error, pcall, loadstring, require = setmetatable, error, pcall, loadstring, require
local getupvalue, setupvalue, upvalueid, upvaluejoin = debug.getupvalue, debug.setupvalue, debug.upvalueid, debug.upvaluejoin
local getinfo, rawmetatable, setrawmetatable = debug.getinfo, debug.getmetatable, debug.setmetatable
local dump, sub, find, format, concat = string.dump, string.sub, string.find, string.format, table.concat

local MAXIMUM_OBJECTS = 1000000

local number_cell = ffi.new('double[1]')
local int64, uint64 = ffi.typeof('int64_t'), ffi.typeof('uint64_t')

local transfer = {}

-- Objects that exist in every state under the same name cross as that name: `string.format`, `io.popen`, `T.util.split`.
local name_of_object = setmetatable({}, { __mode = 'k' })
local object_of_name = {}

--- Registers an object that each state has under this name.
function transfer.register(name, object)
  if name_of_object[object] == nil then name_of_object[object] = name end
  object_of_name[name] = object
end

--- Registers a table and the functions in it.
function transfer.register_library(name, library)
  transfer.register(name, library)
  for key, value in pairs(library) do
    if type(key) == 'string' and (type(value) == 'function' or type(value) == 'userdata') then
      transfer.register(name .. '.' .. key, value)
    end
  end
end

for _, name in pairs { 'string', 'table', 'math', 'io', 'os', 'debug', 'package', 'coroutine', 'bit', 'jit', 'ffi' } do
  local library = package.loaded[name]
  if library then transfer.register_library(name, library) end
end
for name, value in pairs(_G) do
  if type(value) == 'function' then transfer.register(name, value) end
end
transfer.register('_G', _G)

-- Objects of the host that must not cross.
local refused = setmetatable({}, { __mode = 'k' })

--- Says that an object, or every object with this metatable, belongs to the lane and cannot cross.
function transfer.refuse(object) refused[object] = true end

-- Encoding --------------------------------------------------------------------------------------------------------------------------

local function put_string(out, s) -- length and bytes
  local n = #out
  out[n + 1] = format('%d:', #s)
  out[n + 2] = s
end

local function module_name_of(value)
  for name, module in pairs(package.loaded) do
    if module == value and name ~= '_G' then return name end
  end
end

local encode_value

local function add_object(state, object, refusal)
  local id = state.ids[object]
  if not id then
    id = state.count + 1
    if id > MAXIMUM_OBJECTS then error('the value has more than ' .. MAXIMUM_OBJECTS .. ' objects') end
    state.count = id
    state.ids[object] = id
    state.queue[id] = object
    state.refusals[id] = refusal
  end
  return id
end

function encode_value(state, out, value, refusal)
  local kind = type(value)
  if kind == 'nil' then out[#out + 1] = 'z'
  elseif kind == 'boolean' then out[#out + 1] = value and 't' or 'f'
  elseif kind == 'number' then
    number_cell[0] = value
    out[#out + 1] = 'n'
    out[#out + 1] = ffi.string(number_cell, 8)
  elseif kind == 'string' then
    out[#out + 1] = 's'
    put_string(out, value)
  elseif kind == 'cdata' and (ffi.istype(int64, value) or ffi.istype(uint64, value)) then
    out[#out + 1] = ffi.istype(int64, value) and 'i' or 'u'
    out[#out + 1] = ffi.string(ffi.new('uint64_t[1]', ffi.cast(uint64, value)), 8)
  else
    out[#out + 1] = 'o'
    out[#out + 1] = format('%d;', add_object(state, value, refusal))
  end
end

local function encode_table(state, out, object)
  out[#out + 1] = 'T'
  local metatable = rawmetatable(object)
  if type(metatable) ~= 'table' then metatable = nil end
  encode_value(state, out, metatable)
  for key, value in next, object do
    encode_value(state, out, key)
    encode_value(state, out, value)
  end
  out[#out + 1] = 'e'
end

local function place_of(prototype) return (prototype.source or '?') .. ':' .. (prototype.line or 0) end

-- What is to be known of a function: its code, how many upvalues it has, and where it begins. nil for what is no Lua function.
local prototype_of = prototypes and prototypes.of or function(object)
  local ok, code = pcall(dump, object)
  if not ok then return nil end
  local info = getinfo(object, 'Su')
  return { code = code, upvalues = info.nups, source = info.short_src, line = info.linedefined }
end

local function encode_upvalues(state, out, object, prototype)
  local label = state.root_function == object and state.root_label or ('the function at ' .. place_of(prototype))
  for i = 1, prototype.upvalues do
    local name, value = getupvalue(object, i)
    -- A variable that two functions share stays shared: it is sent once, and the second function is joined to it.
    local cell = upvalueid(object, i)
    local home = state.cells[cell]
    if home then
      if home.id == 1 then state.shares_first = true end
      out[#out + 1] = format('j%d;%d;', home.id, home.index)
    else
      state.cells[cell] = { id = state.ids[object], index = i }
      out[#out + 1] = 'v'
      local shown = name ~= nil and name ~= '' and name or ('#' .. i)
      encode_value(state, out, value, format("upvalue '%s' of %s cannot cross to a worker (%s)", shown, label, place_of(prototype)))
    end
  end
end

local function encode_function(state, out, object)
  local prototype = prototype_of(object)
  if not prototype then return false end
  out[#out + 1] = 'F'
  put_string(out, prototype.code)
  out[#out + 1] = format('%d;', prototype.upvalues)
  encode_upvalues(state, out, object, prototype)
  return true
end

local function put_refusal(out, text)
  out[#out + 1] = 'X'
  put_string(out, text)
end

local function encode_object(state, out, object, refusal)
  local kind = type(object)
  local metatable = kind ~= 'cdata' and rawmetatable(object) or nil
  refusal = refusal or ('a value of type ' .. kind .. ' cannot cross to a worker')
  if refused[object] or (metatable and refused[metatable]) then return put_refusal(out, refusal) end

  local name = name_of_object[object]
  if name then
    out[#out + 1] = 'N'
    put_string(out, name)
    return put_string(out, refusal)
  end

  if kind == 'table' then
    local module = module_name_of(object)
    if module then
      out[#out + 1] = 'M'
      put_string(out, module)
      return put_string(out, refusal)
    end
    return encode_table(state, out, object)
  end

  if kind == 'function' and encode_function(state, out, object) then return end
  put_refusal(out, refusal)
end

local function finish(state, out, first)
  local i = first or 1
  while i <= state.count do
    encode_object(state, out, state.queue[i], state.refusals[i])
    i = i + 1
  end
  return concat(out)
end

local function new_state() return { ids = {}, queue = {}, refusals = {}, cells = {}, count = 0 } end

--- Encodes one value. Raises only if it is absurdly large.
function transfer.encode(value, refusal)
  local state, out = new_state(), {}
  encode_value(state, out, value, refusal)
  return finish(state, out)
end

--- Encodes a function with its upvalues. `label` names it in refusals ('onexecute').
function transfer.encode_function(object, label)
  local state, out = new_state(), {}
  state.root_function, state.root_label = object, label
  encode_value(state, out, object)
  return finish(state, out)
end

--- Encodes the upvalues of a function whose code the other state has. The second result tells whether another function among them shares
--- one of its upvalues.
function transfer.encode_upvalues(object, label)
  local state, out = new_state(), {}
  state.root_function, state.root_label = object, label
  add_object(state, object)
  encode_upvalues(state, out, object, prototype_of(object))
  return finish(state, out, 2), state.shares_first == true
end

-- Decoding --------------------------------------------------------------------------------------------------------------------------

local function stand_in(text)
  local function raise() error(text, 2) end
  return setmetatable({}, {
    __index = raise, __newindex = raise, __call = raise, __len = raise, __concat = raise, __unm = raise, __add = raise, __sub = raise,
    __mul = raise, __div = raise, __mod = raise, __pow = raise, __lt = raise, __le = raise, __tostring = raise, __metatable = false,
  })
end

local function take_number(state)
  local _, last, digits = find(state.text, '^(%d+)[;:]', state.at)
  state.at = last + 1
  return digits + 0
end

local function take_string(state)
  local length = take_number(state)
  local s = sub(state.text, state.at, state.at + length - 1)
  state.at = state.at + length
  return s
end

local function take_cell(state, ctype)
  local raw = sub(state.text, state.at, state.at + 7)
  state.at = state.at + 8
  local cell = ffi.new(ctype)
  ffi.copy(cell, raw, 8)
  return cell[0]
end

-- References to objects that come later in the list are filled in when all objects exist: a slot is a value, or an id to resolve.
local function take_value(state)
  local tag = sub(state.text, state.at, state.at)
  state.at = state.at + 1
  if tag == 'z' then return nil
  elseif tag == 't' then return true
  elseif tag == 'f' then return false
  elseif tag == 'n' then return take_cell(state, 'double[1]')
  elseif tag == 's' then return take_string(state)
  elseif tag == 'i' then return take_cell(state, 'int64_t[1]')
  elseif tag == 'u' then return take_cell(state, 'uint64_t[1]')
  else
    local id = take_number(state)
    if id > state.highest then state.highest = id end
    return nil, id
  end
end

local function take_table(state, id)
  local object = {}
  state.objects[id] = object
  local keys, key_ids, values, value_ids, n = {}, {}, {}, {}, 0
  local _, metatable_id = take_value(state)
  while sub(state.text, state.at, state.at) ~= 'e' do
    n = n + 1
    keys[n], key_ids[n] = take_value(state)
    values[n], value_ids[n] = take_value(state)
  end
  state.at = state.at + 1
  state.fixups[#state.fixups + 1] = function(objects)
    for i = 1, n do
      local key = keys[i]
      if key_ids[i] then key = objects[key_ids[i]] end
      local value = values[i]
      if value_ids[i] then value = objects[value_ids[i]] end
      if key ~= nil then rawset(object, key, value) end
    end
    if metatable_id then setrawmetatable(object, objects[metatable_id]) end
  end
end

local function take_upvalues(state, object, count, set)
  for i = 1, count do
    local tag = sub(state.text, state.at, state.at)
    state.at = state.at + 1
    if tag == 'j' then
      local home, index = take_number(state), take_number(state)
      state.fixups[#state.fixups + 1] = function(objects) upvaluejoin(object, i, objects[home], index) end
    else
      local value, value_id = take_value(state)
      state.fixups[#state.fixups + 1] = function(objects)
        if value_id then value = objects[value_id] end
        set(object, i, value)
      end
    end
  end
end

local function take_function(state, id)
  local object = loadstring(take_string(state))
  state.objects[id] = object
  take_upvalues(state, object, take_number(state), setupvalue)
end

local function take_named(state, id)
  local name, refusal = take_string(state), take_string(state)
  local object = object_of_name[name]
  if object == nil then object = stand_in(refusal .. ": '" .. name .. "' is not available in a worker") end
  state.objects[id] = object
end

local function take_module(state, id)
  local name, refusal = take_string(state), take_string(state)
  local ok, module = pcall(require, name)
  if ok and (type(module) == 'table' or type(module) == 'function') then
    state.objects[id] = module
  else
    state.objects[id] = stand_in(refusal .. ": module '" .. name .. "': " .. tostring(module))
  end
end

local take_object = {
  T = take_table, F = take_function, N = take_named, M = take_module,
  X = function(state, id) state.objects[id] = stand_in(take_string(state)) end,
}

local function begin(text, at) return { text = text, at = at, objects = {}, fixups = {}, highest = 0 } end

local function take_objects(state, first)
  local i = first
  while i <= state.highest do
    local tag = sub(state.text, state.at, state.at)
    state.at = state.at + 1
    take_object[tag](state, i)
    i = i + 1
  end
  for f = 1, #state.fixups do state.fixups[f](state.objects) end
end

--- Gives a function the upvalues that `encode_upvalues` took from one of the same code. `set` has the arguments of debug.setupvalue, and is
--- that if nil. What is encoded begins at the byte `at`.
function transfer.decode_upvalues(text, at, object, count, set)
  local state = begin(text, at)
  state.objects[1] = object
  take_upvalues(state, object, count, set or setupvalue)
  take_objects(state, 2)
end

--- Decodes what `encode` made in another state.
function transfer.decode(text)
  local state = begin(text, 1)
  local value, id = take_value(state)
  take_objects(state, 1)
  if id then return state.objects[id] end
  return value
end

return transfer
