-- A reader that sweeps over a string of bytes from left to right. Numbers are in network byte order unless the name ends in le.
--
--   local SweepBuf = require 'sweepbuf'
--   local s = SweepBuf.new(bytes)
--   local kind, length = s:next_u8(), s:next_u16()
--
-- Reading past the end gives nil and never raises: the bytes are those of strangers. A fence (push_fence) makes the end nearer for has_more, as for an
-- inner record of known length. No member takes more time than the bytes it reads.
local byte, sub, find, format, match = string.byte, string.sub, string.find, string.format, string.match
local type, tostring, error, setmetatable, tonumber, floor, min, max, concat = type, tostring, error, setmetatable, tonumber, math.floor, math.min, math.max, table.concat

local SweepBuf = {}
SweepBuf.__index = SweepBuf

local function over(bytes, first, left)
  return setmetatable({ buff = bytes, first = first, seekpos = first, left = left, right = left + #bytes, fence = {} }, SweepBuf)
end

--- A reader over bytes: a string, or an object whose tostring() gives them (a Buffer). `sequence` is the number of bytes before them in their stream.
function SweepBuf.new(bytes, sequence)
  if type(bytes) ~= 'string' then
    if bytes == nil then error("bad argument #1 to 'SweepBuf.new' (string expected, got nil)", 2) end
    bytes = tostring(bytes)
  end
  return over(bytes, 1, tonumber(sequence) or 0)
end

--- A reader over the bytes from `first` on, without a copy (pdurecord).
function SweepBuf.over(bytes, first, sequence) return over(bytes, first, sequence - first + 1) end

-- Where it stands -------------------------------------------------------------------------------------------------------------------

function SweepBuf:bytes_left() return max(#self.buff - self.seekpos + 1, 0) end
function SweepBuf:buffer_left() return sub(self.buff, max(self.seekpos, 1)) end
function SweepBuf:abs_seek() return self.left + self.seekpos end

function SweepBuf:inc(n)
  self.seekpos = self.seekpos + (tonumber(n) or 0)
  return true
end
SweepBuf.skip = SweepBuf.inc   -- true, so that it can stand in a chain of 'and'

function SweepBuf:reset() self.seekpos, self.fence = self.first, {} end

--- What lies behind the first `length` bytes is gone.
function SweepBuf:clip(length)
  self.buff = sub(self.buff, 1, self.first - 1 + max(tonumber(length) or 0, 0))
  self.right = self.left + #self.buff
end

function SweepBuf:push_fence(ahead) self.fence[#self.fence + 1] = self.seekpos + (tonumber(ahead) or 0) end
function SweepBuf:pop_fence() self.fence[#self.fence] = nil end
function SweepBuf:top_fence() return self.fence[#self.fence] end

function SweepBuf:bytes_left_to_fence()
  local fence = self.fence[#self.fence]
  return fence and fence - self.seekpos or self:bytes_left()
end

function SweepBuf:has_more() return min(self:bytes_left_to_fence(), self:bytes_left()) > 1 end

-- Numbers ---------------------------------------------------------------------------------------------------------------------------

-- Above 2^53 the value is not exact, as any number of Lua.
local function number_at(s, at, n, little)
  local bytes = s.buff
  if not n or at < 1 or n < 1 or at + n - 1 > #bytes then return nil end
  local value = 0
  if little then
    for i = at + n - 1, at, -1 do value = value * 256 + byte(bytes, i) end
  else
    for i = at, at + n - 1 do value = value * 256 + byte(bytes, i) end
  end
  return value
end

local function take(s, n, little)
  local at = s.seekpos
  s.seekpos = at + (n or 0)
  return number_at(s, at, n, little)
end

local function named(value, names) return { value, value ~= nil and names[value] or '' } end

-- As many as there are: a count from the wire may be any.
local function list(s, count, read, ...)
  local values = {}
  for i = 1, tonumber(count) or 0 do
    local value = read(s, ...)
    if value == nil then break end
    values[i] = value
  end
  return values
end

for name, n in pairs { u8 = 1, u16 = 2, u24 = 3, u32 = 4, u48 = 6, u64 = 8 } do
  SweepBuf[name] = function(s) return number_at(s, s.seekpos, n) end
  SweepBuf[name .. 'le'] = function(s) return number_at(s, s.seekpos, n, true) end
  SweepBuf['peek_' .. name] = function(s, offset) return number_at(s, s.seekpos + (tonumber(offset) or 0), n) end
  SweepBuf['next_' .. name] = function(s) return take(s, n) end
  SweepBuf['next_' .. name .. '_le'] = function(s) return take(s, n, true) end
  SweepBuf['next_' .. name .. '_enum'] = function(s, names) return named(take(s, n), names) end
  SweepBuf['next_' .. name .. '_arr'] = function(s, count) return list(s, count, take, n) end
  SweepBuf['next_' .. name .. '_enum_arr'] = function(s, count, names)
    local values = list(s, count, take, n)
    for i = 1, #values do values[i] = named(values[i], names) end
    return values
  end
end

function SweepBuf:next_uN(n) return take(self, tonumber(n)) end
function SweepBuf:next_uN_enum(n, names) return named(take(self, tonumber(n)), names) end

--- The bits of the next bytes in groups of the given widths, from the most significant: next_bitfield_u8 { 4, 4 }.
local function bitfield(n)
  return function(s, widths, names)
    local value, left, fields = take(s, n), 8 * n, {}
    if not value then return fields end
    for i = 1, #widths do
      left = left - widths[i]
      if left < 0 then break end
      fields[names and names[i] or i] = floor(value / 2 ^ left) % 2 ^ widths[i]
    end
    return fields
  end
end

for name, n in pairs { u8 = 1, u16 = 2, u32 = 4 } do
  local read = bitfield(n)
  SweepBuf['next_bitfield_' .. name] = function(s, widths) return read(s, widths) end
  SweepBuf['next_bitfield_' .. name .. '_named'] = read
end

-- Texts and addresses ---------------------------------------------------------------------------------------------------------------

local function text_at(s, at, n)
  if not n or n < 0 or at < 1 or at + n - 1 > #s.buff then return nil end
  return sub(s.buff, at, at + n - 1)
end

function SweepBuf:next_str_to_len(n)
  n = tonumber(n)
  local at = self.seekpos
  self.seekpos = at + max(n or 0, 0)
  return text_at(self, at, n)
end

function SweepBuf:peek_str(n) return text_at(self, self.seekpos, tonumber(n)) end

local function hex(text) return (text:gsub('.', function(c) return format('%02x', byte(c)) end)) end

function SweepBuf:next_hex_str_to_len(n)
  local text = self:next_str_to_len(n)
  return text and hex(text)
end

-- The pattern is plain text unless `is_plain` is false. nil, and no move, if it is not there.
local function to_pattern(s, pattern, is_plain, excludes)
  local at = max(s.seekpos, 1)
  local first, last = find(s.buff, pattern, at, is_plain ~= false)
  if not first then return nil end
  local stop = excludes and first - 1 or last
  s.seekpos = stop + 1
  return sub(s.buff, at, stop)
end

--- Up to and including the match.
function SweepBuf:next_str_to_pattern(pattern, is_plain) return to_pattern(self, pattern, is_plain, false) end

--- Up to the match, which is what comes next.
function SweepBuf:next_str_to_pattern_exclude(pattern, is_plain) return to_pattern(self, pattern, is_plain, true) end

function SweepBuf:next_ipv4()
  local a, b, c, d = take(self, 1), take(self, 1), take(self, 1), take(self, 1)
  return d and format('%d.%d.%d.%d', a, b, c, d) or nil
end

function SweepBuf:next_ipv4_arr(count) return list(self, count, SweepBuf.next_ipv4) end

-- As inet_ntop(3) writes it: the longest run of zero groups is '::', addresses that hold one of IPv4 end in its form.
function SweepBuf:next_ipv6()
  local groups = {}
  for i = 1, 8 do groups[i] = take(self, 2) end
  if not groups[8] then return nil end
  local best, length, i = 0, 1, 1
  while i <= 8 do
    local n = 0
    while groups[i + n] == 0 do n = n + 1 end
    if n > length then best, length = i, n end
    i = i + n + 1
  end
  local last = 8
  local tail = ''
  if best == 1 and (length == 6 or (length == 5 and groups[6] == 0xffff)) then
    last = 6
    tail = format('%s%d.%d.%d.%d', length == 5 and ':' or '', floor(groups[7] / 256), groups[7] % 256, floor(groups[8] / 256), groups[8] % 256)
  end
  local before, after = {}, {}
  for k = 1, last do
    if best == 0 or k < best then before[#before + 1] = format('%x', groups[k])
    elseif k >= best + length then after[#after + 1] = format('%x', groups[k]) end
  end
  if best == 0 then return concat(before, ':') end
  return concat(before, ':') .. '::' .. concat(after, ':') .. tail
end

function SweepBuf:next_mac()
  local at = self.seekpos
  self.seekpos = at + 6
  local text = text_at(self, at, 6)
  return text and format('%02X:%02X:%02X:%02X:%02X:%02X', byte(text, 1, 6)) or nil
end

-- Fields ----------------------------------------------------------------------------------------------------------------------------

local function each(text, delimiter, visit)
  local at = 1
  while true do
    local first, last = nil, nil
    if delimiter ~= '' then first, last = find(text, delimiter, at, true) end
    visit(sub(text, at, (first or #text + 1) - 1))
    if not first then return end
    at = last + 1
  end
end

function SweepBuf:split(text, delimiter)
  local parts = {}
  each(tostring(text), delimiter, function(part) parts[#parts + 1] = part end)
  return parts
end

--- Name and value of each part of what is left: the two captures of a pattern.
function SweepBuf:split_fields(pattern, delimiter)
  local fields = {}
  each(self:buffer_left(), delimiter, function(part)
    local name, value = match(part, pattern)
    if name then fields[name] = value end
  end)
  return fields
end

--- The same where what stands between name and value is plain text.
function SweepBuf:split_fields_fast(name_delimiter, record_delimiter)
  local fields = {}
  each(self:buffer_left(), record_delimiter, function(part)
    local first, last = find(part, name_delimiter, 1, true)
    if first then fields[sub(part, 1, first - 1)] = sub(part, last + 1) end
  end)
  return fields
end

-- Streams ---------------------------------------------------------------------------------------------------------------------------

SweepBuf.__lt = function(a, b) return a.left < b.left end
SweepBuf.__le = function(a, b) return a.left <= b.left end

--- Joins what follows in the stream; bytes that both have are taken once.
SweepBuf.__add = function(a, b)
  if b.left < a.left then a, b = b, a end
  if b.left > a.right then error(format('sweepbuf: %d bytes are missing between the two', b.left - a.right), 2) end
  return SweepBuf.new(a.buff .. sub(b.buff, a.right - b.left + 1), a.left)
end

-- For people ------------------------------------------------------------------------------------------------------------------------

SweepBuf.__tostring = function(s) return format('SweepBuf: bytes %d to %d of the stream, at %d, %d left', s.left, s.right, s:abs_seek(), s:bytes_left()) end
SweepBuf.to_string, SweepBuf.to_s = SweepBuf.__tostring, SweepBuf.__tostring

local function dump(s, from)
  local lines = {}
  for at = from, #s.buff, 16 do
    local row = sub(s.buff, at, at + 15)
    local spaced = row:gsub('.', function(c) return format('%02x ', byte(c)) end)
    lines[#lines + 1] = format('%08x   %-48s   %s', at - s.first, spaced, (row:gsub('[^%w%p ]', '.')))
  end
  local text = concat(lines, '\n')
  print(text)
  return text
end

--- Prints all bytes, and gives the text.
function SweepBuf:hexdump() return dump(self, self.first) end

--- Prints what is left, and gives the text.
function SweepBuf:hexdump_left() return dump(self, max(self.seekpos, self.first)) end

return SweepBuf
