-- Makes T.args packets, one a second: UDP from 10.1.2.3:12345 to 198.51.100.7:7777 with a payload of four bytes.
local function frame(n)
  local udp = string.char(0x30, 0x39, 0x1E, 0x61, 0, 12, 0, 0) .. 'T!' .. string.char(0, n % 256)
  local ip = string.char(0x45, 0, 0, 32, 0, n % 256, 0, 0, 64, 17, 0, 0, 10, 1, 2, 3, 198, 51, 100, 7)
  return ('\2'):rep(12) .. '\8\0' .. ip .. udp
end

TrisulPlugin = {
  id = { name = 'Frames' },
  onload = function() T.made = 0 end,
  onunload = function() print('made ' .. T.made) end,
  inputfilter = {
    step = function(packet)
      if T.made >= tonumber(T.args) then return false end
      T.made = T.made + 1
      packet:set_packet(1700000000 + T.made, 0, 1, frame(T.made))
      return true
    end,
  },
}
