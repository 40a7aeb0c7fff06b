-- MD5 of a string as 32 lower-case hexadecimal digits (RFC 1321). Identifies, as JA3 wants it; protects nothing.
local bit = require 'bit'
local band, bor, bxor, bnot, rol, tobit, tohex, bswap = bit.band, bit.bor, bit.bxor, bit.bnot, bit.rol, bit.tobit, bit.tohex, bit.bswap
local byte, char, floor, abs, sin = string.byte, string.char, math.floor, math.abs, math.sin

local SHIFTS = { { 7, 12, 17, 22 }, { 5, 9, 14, 20 }, { 4, 11, 16, 23 }, { 6, 10, 15, 21 } }
local SINES = {}
for i = 1, 64 do SINES[i] = tobit(floor(abs(sin(i)) * 2 ^ 32)) end

local function word(text, at)
  local a, b, c, d = byte(text, at, at + 3)
  return tobit(a + b * 256 + c * 65536 + d * 16777216)
end

local function mix(round, b, c, d)
  if round == 1 then return bor(band(b, c), band(bnot(b), d)) end
  if round == 2 then return bor(band(d, b), band(bnot(d), c)) end
  if round == 3 then return bxor(b, c, d) end
  return bxor(c, bor(b, bnot(d)))
end

local INDEX = {
  function(i) return i end,
  function(i) return (5 * i + 1) % 16 end,
  function(i) return (3 * i + 5) % 16 end,
  function(i) return (7 * i) % 16 end,
}

return function(text)
  local bits = #text * 8
  text = text .. '\128' .. ('\0'):rep((55 - #text) % 64)
  for i = 0, 7 do text = text .. char(floor(bits / 256 ^ i) % 256) end
  local a0, b0, c0, d0 = tobit(0x67452301), tobit(0xefcdab89), tobit(0x98badcfe), tobit(0x10325476)
  for block = 1, #text, 64 do
    local a, b, c, d = a0, b0, c0, d0
    for i = 0, 63 do
      local round = floor(i / 16) + 1
      local sum = tobit(a + mix(round, b, c, d) + SINES[i + 1] + word(text, block + 4 * INDEX[round](i)))
      a, d, c, b = d, c, b, tobit(b + rol(sum, SHIFTS[round][i % 4 + 1]))
    end
    a0, b0, c0, d0 = tobit(a0 + a), tobit(b0 + b), tobit(c0 + c), tobit(d0 + d)
  end
  return tohex(bswap(a0)) .. tohex(bswap(b0)) .. tohex(bswap(c0)) .. tohex(bswap(d0))
end
