-- A UDP packet for each line of a pipe (T.args), at the second that it says: whoever writes there decides how fast the run goes.
TrisulPlugin = {
  id = { name = 'Paced' },
  onload = function()
    T.lines = io.open(T.args)
    print 'paced'
  end,
  inputfilter = {
    step = function(packet)
      local second = T.lines:read()
      if not second then return false end
      local udp = string.char(0x30, 0x39, 0x1E, 0x61, 0, 12, 0, 0) .. 'T!!!'
      local ip = string.char(0x45, 0, 0, 32, 0, 0, 0, 0, 64, 17, 0, 0, 10, 1, 2, 3, 198, 51, 100, 7)
      packet:set_packet(tonumber(second), 0, 1, ('\2'):rep(12) .. '\8\0' .. ip .. udp)
      return true
    end,
  },
}
