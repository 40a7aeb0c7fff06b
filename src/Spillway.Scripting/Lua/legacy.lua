-- What older versions of the callbacks took, for the published scripts that were never changed (script API, section 6).
local views = ...

local type, tonumber, ipairs, pairs, lower, find, byte, sub = type, tonumber, ipairs, pairs, string.lower, string.find, string.byte, string.sub
local getlocal, floor = debug.getlocal, math.floor

local function named(name, words)
  if type(name) ~= 'string' then return false end
  name = lower(name)
  for _, word in ipairs(words) do
    if find(name, word) then return true end
  end
  return false
end

--- Whether onattribute is written in the older order: engine, flow, time, name, Buffer. Nothing but the names of its parameters tells.
function views.is_older_onattribute(f)
  local second, third = getlocal(f, 2), getlocal(f, 3)
  return named(second, { 'flow', '^fk', '^fid' }) and named(third, { 'time', 'stamp', '^ts', '^tm', '^tv' })
end

local function unsigned(text, offset, width)
  offset = floor(tonumber(offset) or 0)
  if offset < 0 or offset + width > #text then return 0 end
  local value = 0
  for i = 1, width do value = value * 256 + byte(text, offset + i) end
  return value
end

local METHODS = {
  size = function(text) return #text end,
  length = function(text) return #text end,
  hval_8 = function(text, offset) return unsigned(text, offset, 1) end,
  hval_16 = function(text, offset) return unsigned(text, offset, 2) end,
  hval_24 = function(text, offset) return unsigned(text, offset, 3) end,
  hval_32 = function(text, offset) return unsigned(text, offset, 4) end,
  tostring = function(text, offset, size)
    offset = floor(tonumber(offset) or 0)
    if offset < 0 then offset = 0 end
    return sub(text, offset + 1, size ~= nil and offset + (tonumber(size) or #text) or -1)
  end,
}

--- Gives strings the methods of a Buffer: values of attributes were Buffers once. What `library` has already, it keeps.
function views.add_buffer_methods(library)
  for name, method in pairs(METHODS) do
    if library[name] == nil then library[name] = method end
  end
end
