-- A reader that sweeps over a string of bytes from left to right. Numbers are big-endian unless the name ends in _le.
--
--   local SB = require 'sweepbuf'
--   local sb = SB.new(bytes)
--   local kind, length = sb:next_u8(), sb:next_u16()
--
-- Reading past the end raises an error that tells where; has_more() and bytes_left() tell before. A fence (push_fence) makes the end nearer
-- for a while, as for an inner structure of known length.
local bit = require 'bit'
local byte, sub, find, format, rep = string.byte, string.sub, string.find, string.format, string.rep
local type, tostring, error, setmetatable, tonumber = type, tostring, error, setmetatable, tonumber

local SweepBuf = {}
SweepBuf.__index = SweepBuf
SweepBuf.__len = function(sb) return sb:bytes_left() end
SweepBuf.__tostring = function(sb) return format('SweepBuf: at %d of %d', sb:abs_seek(), sb.right - 1) end

--- A reader over bytes: a string, or an object whose tostring() gives them (a Buffer).
-- `start_position` is where the bytes lie in their stream, for seek positions; 0 without.
function SweepBuf.new(bytes, start_position)
  if type(bytes) ~= 'string' then
    if bytes == nil then error("bad argument #1 to 'SweepBuf.new' (string expected, got nil)", 2) end
    bytes = tostring(bytes)
  end
  return setmetatable({ buff = bytes, seekpos = 1, left = 1, right = #bytes + 1, start = start_position or 0, fences = {} }, SweepBuf)
end

-- Checks that n bytes are there and moves past them; gives where they begin.
local function take(sb, n, level)
  n = tonumber(n) or 0
  local at = sb.seekpos
  if not (n >= 0 and at + n <= sb.right) then
    error(format('sweepbuf: %s bytes wanted at offset %d, %d left', tostring(n), at - 1, sb.right - at), (level or 1) + 2)
  end
  sb.seekpos = at + n
  return at
end

-- Where it stands -------------------------------------------------------------------------------------------------------------------

function SweepBuf:bytes_left() return self.right - self.seekpos end
function SweepBuf:has_more() return self.seekpos < self.right end
function SweepBuf:abs_seek() return self.start + self.seekpos - 1 end
function SweepBuf:reset() self.seekpos = self.left end
function SweepBuf:skip(n) take(self, n) end
SweepBuf.inc = SweepBuf.skip
function SweepBuf:skip_to_end() self.seekpos = self.right end

--- Moves to just behind the next occurrence of a Lua pattern; false, and no move, if there is none.
function SweepBuf:skip_to_pattern(pattern)
  local _, last = find(sub(self.buff, 1, self.right - 1), pattern, self.seekpos)
  if not last then return false end
  self.seekpos = last + 1
  return true
end

--- The end is n bytes from here until pop_fence.
function SweepBuf:push_fence(n)
  local at = take(self, n)
  self.seekpos = at
  self.fences[#self.fences + 1] = self.right
  self.right = at + n
end

function SweepBuf:pop_fence()
  local right = self.fences[#self.fences]
  if not right then error('sweepbuf: pop_fence without push_fence', 2) end
  self.fences[#self.fences] = nil
  self.right = right
end

-- Numbers ---------------------------------------------------------------------------------------------------------------------------

local function big(sb, at, n)
  local value = 0
  for i = at, at + n - 1 do value = value * 256 + byte(sb.buff, i) end
  return value
end

local function little(sb, at, n)
  local value = 0
  for i = at + n - 1, at, -1 do value = value * 256 + byte(sb.buff, i) end
  return value
end

-- Above 2^53 a u64 is not exact, as any number of Lua.
for name, n in pairs { u8 = 1, u16 = 2, u24 = 3, u32 = 4, u48 = 6, u64 = 8 } do
  SweepBuf['next_' .. name] = function(sb) return big(sb, take(sb, n), n) end
  SweepBuf['next_' .. name .. '_le'] = function(sb) return little(sb, take(sb, n), n) end
  SweepBuf['next_' .. name .. '_arr'] = function(sb, count)
    local values, at = {}, take(sb, n * (tonumber(count) or 0))
    for i = 1, count do values[i] = big(sb, at + (i - 1) * n, n) end
    return values
  end
  SweepBuf['peek_' .. name] = function(sb, offset)
    local before = sb.seekpos
    take(sb, (offset or 0) + n)
    sb.seekpos = before
    return big(sb, before + (offset or 0), n)
  end
  --- A number and its name in a table { [number] = name }: name, number.
  SweepBuf['next_' .. name .. '_enum'] = function(sb, names)
    local value = big(sb, take(sb, n), n)
    return names[value], value
  end
end

--- The bits of the next byte in groups of the given widths, from the most significant: next_bitfield_u8 { 4, 4 }.
local function bitfield(n)
  return function(sb, widths)
    local value, left, fields = big(sb, take(sb, n), n), 8 * n, {}
    for i = 1, #widths do
      left = left - widths[i]
      if left < 0 then error('sweepbuf: the widths are more than ' .. 8 * n .. ' bits', 2) end
      fields[i] = math.floor(value / 2 ^ left) % 2 ^ widths[i]
    end
    return fields
  end
end
SweepBuf.next_bitfield_u8, SweepBuf.next_bitfield_u16, SweepBuf.next_bitfield_u32 = bitfield(1), bitfield(2), bitfield(4)

-- Texts and addresses ---------------------------------------------------------------------------------------------------------------

function SweepBuf:next_str_to_len(n)
  local at = take(self, n)
  return sub(self.buff, at, at + n - 1)
end

function SweepBuf:peek_str(n)
  local at = take(self, n)
  self.seekpos = at
  return sub(self.buff, at, at + n - 1)
end

--- What stands before the next occurrence of a Lua pattern; moves behind it. nil, and no move, if there is none.
function SweepBuf:next_str_to_pattern(pattern)
  local at = self.seekpos
  local first, last = find(sub(self.buff, 1, self.right - 1), pattern, at)
  if not first then return nil end
  self.seekpos = last + 1
  return sub(self.buff, at, first - 1)
end

function SweepBuf:next_cstr() return self:next_str_to_pattern('%z') end
function SweepBuf:next_line() return self:next_str_to_pattern('\r?\n') end
function SweepBuf:rest() return sub(self.buff, self.seekpos, self.right - 1) end

function SweepBuf:next_ipv4()
  local at = take(self, 4)
  return format('%d.%d.%d.%d', byte(self.buff, at, at + 3))
end

function SweepBuf:next_ipv6()
  local at, groups = take(self, 16), {}
  for i = 0, 7 do groups[i + 1] = format('%x', big(self, at + 2 * i, 2)) end
  return table.concat(groups, ':')
end

function SweepBuf:next_mac()
  local at = take(self, 6)
  return format('%02X:%02X:%02X:%02X:%02X:%02X', byte(self.buff, at, at + 5))
end

-- For people ------------------------------------------------------------------------------------------------------------------------

function SweepBuf:hexdump()
  local lines = {}
  for at = self.left, self.right - 1, 16 do
    local row = sub(self.buff, at, math.min(at + 15, self.right - 1))
    local hex = row:gsub('.', function(c) return format('%02x ', byte(c)) end)
    lines[#lines + 1] = format('%08x   %-48s   %s', at - 1, hex, (row:gsub('[^%w%p ]', '.')))
  end
  return table.concat(lines, '\n')
end

function SweepBuf:to_s() return tostring(self) end

return SweepBuf
