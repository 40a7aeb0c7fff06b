-- JSON for scripts: JSON:encode(v), JSON:encode_pretty(v), JSON:decode(text) (RFC 8259).
local type, tostring, tonumber, pairs, error = type, tostring, tonumber, pairs, error
local format, byte, sub, find, gsub, char, concat, rep = string.format, string.byte, string.sub, string.find, string.gsub, string.char,
  table.concat, string.rep
local floor = math.floor

local JSON = { null = setmetatable({}, { __tostring = function() return 'null' end }) }
local MAXIMUM_DEPTH = 500

-- Encoding --------------------------------------------------------------------------------------------------------------------------

local ESCAPES = { ['"'] = '\\"', ['\\'] = '\\\\', ['\b'] = '\\b', ['\f'] = '\\f', ['\n'] = '\\n', ['\r'] = '\\r', ['\t'] = '\\t' }
local function quote(s)
  return '"' .. gsub(s, '[%c"\\\127]', function(c) return ESCAPES[c] or format('\\u%04x', byte(c)) end) .. '"'
end

local function encode_number(n)
  if n ~= n or n == math.huge or n == -math.huge then return 'null' end
  if n == floor(n) and n > -2 ^ 53 and n < 2 ^ 53 then return format('%d', n) end
  return format('%.14g', n)
end

-- A table whose keys are 1 to n is an array; an empty table is one too.
local function array_length(t)
  local n = 0
  for k in pairs(t) do
    if type(k) ~= 'number' or k < 1 or k ~= floor(k) then return nil end
    if k > n then n = k end
  end
  if n > 2 * #t + 16 then return nil end
  return n
end

local encode_value

local function encode_table(t, out, indent, depth, seen)
  if seen[t] then error('JSON:encode: the table contains itself', 0) end
  if depth > MAXIMUM_DEPTH then error('JSON:encode: nested too deep', 0) end
  seen[t] = true
  local length = array_length(t)
  local open, close = length and '[' or '{', length and ']' or '}'
  local break_line = indent and ('\n' .. rep('  ', depth)) or ''
  local first = true
  out[#out + 1] = open
  local function separate()
    out[#out + 1] = (first and '' or ',') .. break_line
    first = false
  end
  if length then
    for i = 1, length do
      separate()
      encode_value(t[i], out, indent, depth + 1, seen)
    end
  else
    local keys = {}
    for k in pairs(t) do keys[#keys + 1] = k end
    table.sort(keys, function(a, b) return tostring(a) < tostring(b) end)
    for _, k in ipairs(keys) do
      separate()
      out[#out + 1] = quote(tostring(k)) .. (indent and ': ' or ':')
      encode_value(t[k], out, indent, depth + 1, seen)
    end
  end
  if not first and indent then out[#out + 1] = '\n' .. rep('  ', depth - 1) end
  out[#out + 1] = close
  seen[t] = nil
end

function encode_value(v, out, indent, depth, seen)
  local kind = type(v)
  if v == nil or v == JSON.null then out[#out + 1] = 'null'
  elseif kind == 'string' then out[#out + 1] = quote(v)
  elseif kind == 'number' then out[#out + 1] = encode_number(v)
  elseif kind == 'boolean' then out[#out + 1] = tostring(v)
  elseif kind == 'table' then encode_table(v, out, indent, depth, seen)
  elseif kind == 'cdata' then out[#out + 1] = (gsub(tostring(v), '[UL]+$', ''))
  else error('JSON:encode: a ' .. kind .. ' has no JSON form', 0) end
end

function JSON:encode(v)
  local out = {}
  encode_value(v, out, false, 1, {})
  return concat(out)
end

function JSON:encode_pretty(v)
  local out = {}
  encode_value(v, out, true, 1, {})
  return concat(out)
end

-- Decoding --------------------------------------------------------------------------------------------------------------------------

local function fail(text, at, what)
  local line = select(2, gsub(sub(text, 1, at - 1), '\n', '')) + 1
  error(format('JSON:decode: %s at byte %d (line %d)', what, at, line), 0)
end

local function utf8_of(code)
  if code < 0x80 then return char(code) end
  if code < 0x800 then return char(0xC0 + floor(code / 64), 0x80 + code % 64) end
  if code < 0x10000 then return char(0xE0 + floor(code / 4096), 0x80 + floor(code / 64) % 64, 0x80 + code % 64) end
  return char(0xF0 + floor(code / 262144), 0x80 + floor(code / 4096) % 64, 0x80 + floor(code / 64) % 64, 0x80 + code % 64)
end

local UNESCAPES = { b = '\b', f = '\f', n = '\n', r = '\r', t = '\t', ['"'] = '"', ['\\'] = '\\', ['/'] = '/' }

local function decode_string(text, at)
  local parts = {}
  local i = at + 1
  while true do
    local stop = find(text, '["\\]', i)
    if not stop then fail(text, at, 'a string does not end') end
    parts[#parts + 1] = sub(text, i, stop - 1)
    if byte(text, stop) == 34 then return concat(parts), stop + 1 end
    local c = sub(text, stop + 1, stop + 1)
    if c == 'u' then
      local code = tonumber(string.match(text, '^%x%x%x%x', stop + 2) or fail(text, stop, 'bad \\u escape'), 16)
      i = stop + 6
      if code >= 0xD800 and code < 0xDC00 then
        local low = string.match(text, '^\\u([dD][c-fC-F]%x%x)', i)
        if low then
          code = 0x10000 + (code - 0xD800) * 1024 + tonumber(low, 16) - 0xDC00
          i = i + 6
        end
      end
      parts[#parts + 1] = utf8_of(code)
    else
      parts[#parts + 1] = UNESCAPES[c] or fail(text, stop, 'bad escape')
      i = stop + 2
    end
  end
end

local decode_value

local function skip(text, at) return find(text, '[^ \t\r\n]', at) or #text + 1 end

local function decode_array(text, at, depth)
  local result, n = {}, 0
  at = skip(text, at + 1)
  if sub(text, at, at) == ']' then return result, at + 1 end
  while true do
    n = n + 1
    result[n], at = decode_value(text, at, depth + 1)
    at = skip(text, at)
    local c = sub(text, at, at)
    if c == ']' then return result, at + 1 end
    if c ~= ',' then fail(text, at, "',' or ']' expected") end
    at = skip(text, at + 1)
  end
end

local function decode_object(text, at, depth)
  local result = {}
  at = skip(text, at + 1)
  if sub(text, at, at) == '}' then return result, at + 1 end
  while true do
    if sub(text, at, at) ~= '"' then fail(text, at, 'a name in quotes expected') end
    local name
    name, at = decode_string(text, at)
    at = skip(text, at)
    if sub(text, at, at) ~= ':' then fail(text, at, "':' expected") end
    result[name], at = decode_value(text, skip(text, at + 1), depth + 1)
    at = skip(text, at)
    local c = sub(text, at, at)
    if c == '}' then return result, at + 1 end
    if c ~= ',' then fail(text, at, "',' or '}' expected") end
    at = skip(text, at + 1)
  end
end

function decode_value(text, at, depth)
  if depth > MAXIMUM_DEPTH then fail(text, at, 'nested too deep') end
  local c = sub(text, at, at)
  if c == '"' then return decode_string(text, at) end
  if c == '{' then return decode_object(text, at, depth) end
  if c == '[' then return decode_array(text, at, depth) end
  if sub(text, at, at + 3) == 'true' then return true, at + 4 end
  if sub(text, at, at + 4) == 'false' then return false, at + 5 end
  if sub(text, at, at + 3) == 'null' then return nil, at + 4 end
  local first, last = find(text, '^-?%d+%.?%d*[eE]?[+-]?%d*', at)
  local number = first and tonumber(sub(text, first, last))
  if not number then fail(text, at, 'a value expected') end
  return number, last + 1
end

--- The value that the text begins with; nil for blank text.
function JSON:decode(text)
  if type(text) ~= 'string' then error('JSON:decode: a string expected, got ' .. type(text), 2) end
  local at = skip(text, 1)
  if at > #text then return nil end
  return (decode_value(text, at, 1))   -- what follows it, a comma say, is nobody's concern: data files of the field have that
end

return JSON
