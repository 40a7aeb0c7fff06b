-- A DNS lookup of a.test, query and answer, for each line of a pipe (T.args), at the second that it says; each from a port of its own.
local question = '\1a\4test\0' .. '\0\1\0\1'
local query = '\18\52\1\0' .. '\0\1\0\0\0\0\0\0' .. question
local answer = '\18\52\129\128' .. '\0\1\0\1\0\0\0\0' .. question .. '\192\12\0\1\0\1\0\0\0\60\0\4\10\0\0\7'

local function frame(from, to, source, target, payload)
  local function short(n) return string.char(math.floor(n / 256), n % 256) end
  local udp = short(source) .. short(target) .. short(8 + #payload) .. '\0\0' .. payload
  return ('\2'):rep(12) .. '\8\0' .. '\69\0' .. short(20 + #udp) .. '\0\0\0\0\64\17\0\0' .. from .. to .. udp
end

local client, server = '\10\1\2\3', '\198\51\100\7'

TrisulPlugin = {
  id = { name = 'Lookups' },
  onload = function()
    T.lines, T.port = io.open(T.args), 20000
    print 'paced'
  end,
  inputfilter = {
    step = function(packet)
      if T.answer then
        packet:set_packet(T.second, 1, 1, T.answer)
        T.answer = nil
        return true
      end
      T.second = tonumber(T.lines:read())
      if not T.second then return false end
      T.port = T.port + 1
      T.answer = frame(server, client, 53, T.port, answer)
      packet:set_packet(T.second, 0, 1, frame(client, server, T.port, 53, query))
      return true
    end,
  },
}
