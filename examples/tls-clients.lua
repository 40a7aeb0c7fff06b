-- TLS clients: which programs (by JA3 fingerprint) talk to which names. Needs helpers/md5.lua beside it.
--   Run:     spillway test -r traffic.pcap -s tls-clients.lua
--   Prints:  a line for each handshake: client, server name, JA3
--   Shows:   counter group "TLS clients": handshakes by fingerprint; resources "TLS names"; flows tagged with [sni]
--   Blocks:  countergroup, resourcegroup, reassembly_handler
local bit = require 'bit'
local SweepBuf = require 'sweepbuf'
local md5 = require 'md5'

local GROUP = "{7687A9D2-E951-43C1-A2FC-C9752D2FA84E}"
local NAMES = "{E454A0BD-CB62-4A1D-BB7C-45F310DEF795}"

-- Values that clients mix in at random (RFC 8701).
local function is_grease(value) return bit.band(value, 0x0F0F) == 0x0A0A and bit.band(value, 0xFF) == bit.rshift(value, 8) end

local function add(list, value)
  if not is_grease(value) then list[#list + 1] = value end
end

local function read_list(reader, bytes)
  local list = {}
  for _ = 1, bytes / 2 do add(list, reader:next_u16()) end
  return list
end

-- The five lists of JA3 and the server name, from a record that holds one whole ClientHello (RFC 8446, section 4.1.2); nil for anything else.
local function read_client_hello(record)
  if #record < 9 or record:byte(1) ~= 22 or record:byte(6) ~= 1 then return nil end
  local reader = SweepBuf.new(record)
  reader:skip(6)
  if reader:next_u24() ~= #record - 9 then return nil end
  local version = reader:next_u16()
  reader:skip(32)                   -- random
  reader:skip(reader:next_u8())     -- session id
  local suites = read_list(reader, reader:next_u16())
  reader:skip(reader:next_u8())     -- compression
  local extensions, groups, formats, name = {}, {}, {}, nil
  if reader:bytes_left() >= 2 then
    reader:skip(2)
    while reader:has_more() do
      local kind, length = reader:next_u16(), reader:next_u16()
      local content = SweepBuf.new(reader:next_str_to_len(length))
      add(extensions, kind)
      if kind == 0 and length > 5 then
        content:skip(3)
        name = content:next_str_to_len(content:next_u16())
      elseif kind == 10 then
        groups = read_list(content, content:next_u16())
      elseif kind == 11 then
        for _ = 1, content:next_u8() do formats[#formats + 1] = content:next_u8() end
      end
    end
  end
  local ja3 = table.concat({ version, table.concat(suites, "-"), table.concat(extensions, "-"), table.concat(groups, "-"), table.concat(formats, "-") }, ",")
  return md5(ja3), name
end

TrisulPlugin = {
  id = { name = "TLS clients", description = "Programs by JA3, and the names they ask for" },

  countergroup = {
    control = { guid = GROUP, name = "TLS clients", description = "Handshakes by JA3 fingerprint", bucketsize = 60 },
    meters = { { 0, T.K.vartype.COUNTER, 20, 0, "Handshakes", "client hellos", "hits" } },
  },

  resourcegroup = { control = { guid = NAMES, name = "TLS names", description = "Server names that clients ask for" } },

  reassembly_handler = {
    onattribute = function(engine, timestamp, flow, name, value)
      if name ~= "TLS:RECORD" then return end
      local ok, ja3, server = pcall(read_client_hello, value)   -- what a hello claims of its own lengths need not be true
      if not ok or not ja3 then return end
      print(string.format("%-15s  %-24s  %s", flow:ipa_readable(), server or "(no name)", ja3))
      engine:update_counter(GROUP, ja3, 0, 1)
      if server then
        engine:add_resource(NAMES, flow:id(), server, "JA3 " .. ja3)
        engine:tag_flow(flow:id(), "[sni]" .. server:sub(1, 40))
      end
    end,
  },
}
