-- The objects a script sees: views over the host's memory for packets, layers and buffers (valid during their callback), and copies for
-- flow ids and HTTP headers (valid for ever).
local ffi, call, host = ...

local bit = require 'bit'
local type, tonumber, tostring, error, setmetatable = type, tonumber, tostring, error, setmetatable
local format, sub, find, match, lower, upper, byte = string.format, string.sub, string.find, string.match, string.lower, string.upper, string.byte
local floor, min, concat = math.floor, math.min, table.concat

local views = {}

-- Buffer ----------------------------------------------------------------------------------------------------------------------------

local function dead(what) error(what .. ' used after its callback has returned: copy what you need with tostring()', 3) end

local function number_of(name, value)
  local number = tonumber(value)
  if not number then error(("bad argument #1 to '%s' (number expected, got %s)"):format(name, value == nil and 'no value' or type(value)), 3) end
  return number
end

local buffer_type
local Buffer = {}

function Buffer.size(b)
  if b.gen ~= call.generation then dead 'Buffer' end
  return b.n
end
Buffer.length = Buffer.size

-- Offsets count from 0. Bytes past the end read as 0: scripts probe short payloads without looking at the size first. The conditions say what
-- is within, not what is outside, since every comparison with NaN is false.
function Buffer.hval_8(b, offset)
  if b.gen ~= call.generation then dead 'Buffer' end
  if type(offset) ~= 'number' then offset = number_of('hval_8', offset) end
  if not (offset >= 0 and offset < b.n) then return 0 end
  return b.p[offset]
end

function Buffer.hval_16(b, offset)
  if b.gen ~= call.generation then dead 'Buffer' end
  if type(offset) ~= 'number' then offset = number_of('hval_16', offset) end
  if not (offset >= 0 and offset + 2 <= b.n) then return 0 end
  local p = b.p + offset
  return p[0] * 256 + p[1]
end

function Buffer.hval_24(b, offset)
  if b.gen ~= call.generation then dead 'Buffer' end
  if type(offset) ~= 'number' then offset = number_of('hval_24', offset) end
  if not (offset >= 0 and offset + 3 <= b.n) then return 0 end
  local p = b.p + offset
  return p[0] * 65536 + p[1] * 256 + p[2]
end

function Buffer.hval_32(b, offset)
  if b.gen ~= call.generation then dead 'Buffer' end
  if type(offset) ~= 'number' then offset = number_of('hval_32', offset) end
  if not (offset >= 0 and offset + 4 <= b.n) then return 0 end
  local p = b.p + offset
  return p[0] * 16777216 + p[1] * 65536 + p[2] * 256 + p[3]
end

function Buffer.tostring(b, offset, size)
  if b.gen ~= call.generation then dead 'Buffer' end
  local n = b.n
  offset = floor(tonumber(offset or 0) or 0)
  if not (offset > 0) then offset = 0 end
  if offset >= n then return '' end
  size = min(floor(tonumber(size or n) or n), n - offset)
  if not (size > 0) then return '' end
  return ffi.string(b.p + offset, size)
end

local function hexdump_line(text, at)
  local hex, shown = {}, {}
  for i = 0, 15 do
    local c = byte(text, at + i)
    hex[i + 1] = c and format('%02x', c) or '  '
    shown[i + 1] = c and ((c >= 32 and c < 127) and string.char(c) or '.') or ''
  end
  return format('%08x   %s    %s\n', at - 1, concat(hex, ' '), concat(shown))
end

function Buffer.hexdump(b, offset, size)
  local text, lines = Buffer.tostring(b, offset, size), {}
  for at = 1, #text, 16 do lines[#lines + 1] = hexdump_line(text, at) end
  return concat(lines)
end

local function write_to(path, mode, text, offset)
  local file, message = io.open(path, mode)
  if not file and offset then file, message = io.open(path, 'w+b') end
  if not file then error(message, 3) end
  if offset then file:seek('set', offset) end
  file:write(text)
  file:close()
end

function Buffer.appendtofile(b, path) write_to(path, 'ab', Buffer.tostring(b)) end
function Buffer.writetofile(b, path, offset) write_to(path, 'r+b', Buffer.tostring(b), floor(tonumber(offset) or 0)) end

buffer_type = ffi.metatype('sw_buffer', { __index = Buffer, __tostring = Buffer.tostring, __len = Buffer.size })
views.buffer_type = buffer_type

--- The buffer of the callback that runs.
function views.current_buffer() return buffer_type(call.data.data, call.data.length, call.generation) end

-- Packet and Layer ------------------------------------------------------------------------------------------------------------------

-- The host numbers protocols, those of scripts included; a number never changes, so each is asked for once. Texts that are no GUID are 0.
local guid_text = ffi.new('char[64]')
local guid_of_protocol = setmetatable({}, {
  __index = function(known, number)
    local guid = ffi.string(guid_text, host.protocol_guid(call.vm, number, guid_text, 64))
    known[number] = guid
    return guid
  end,
})
local protocol_of_guid = setmetatable({}, {
  __index = function(known, guid)
    if type(guid) ~= 'string' then return 0 end
    local number = host.find_protocol(call.vm, guid, #guid)
    known[guid] = number
    return number
  end,
})
views.protocol_of_guid = protocol_of_guid

local packet_type, layer_type
local Packet, Layer = {}, {}

local function current_flow_of_packet() return views.flow_of(call.packet.key, tonumber(call.flow_number)) end

function Packet.timestamp(p)
  if p.gen ~= call.generation then dead 'Packet' end
  local ns = call.packet.timestamp_ns
  local seconds = ns / 1000000000LL
  return tonumber(seconds), tonumber((ns - seconds * 1000000000LL) / 1000LL)
end

function Packet.rawbytes(p)
  if p.gen ~= call.generation then dead 'Packet' end
  return buffer_type(call.packet.data, call.packet.captured_length, p.gen)
end

function Packet.wire_length(p)
  if p.gen ~= call.generation then dead 'Packet' end
  return call.packet.wire_length
end

function Packet.capture_length(p)
  if p.gen ~= call.generation then dead 'Packet' end
  return call.packet.captured_length
end

function Packet.num_layers(p)
  if p.gen ~= call.generation then dead 'Packet' end
  return call.packet.layer_count
end

function Packet.get_layer(p, index)
  if p.gen ~= call.generation then dead 'Packet' end
  if type(index) ~= 'number' then index = number_of('get_layer', index) end
  if not (index >= 0 and index < call.packet.layer_count) then return nil end
  return layer_type(index, p.gen)
end

function Packet.find_layer(p, guid)
  if p.gen ~= call.generation then dead 'Packet' end
  local protocol = protocol_of_guid[guid]
  local packet = call.packet
  for i = 0, packet.layer_count - 1 do
    if packet.layers[i].protocol == protocol then return layer_type(i, p.gen) end
  end
  return nil
end

function Packet.flowid(p)
  if p.gen ~= call.generation then dead 'Packet' end
  return current_flow_of_packet()
end

function Packet.originid(p)
  if p.gen ~= call.generation then dead 'Packet' end
  return 0
end

-- For the storage of this packet (script API, section 4.3); of several calls the last counts. What is no policy is no wish.
function Packet.set_packetstore_policy(p, policy)
  if p.gen ~= call.generation then dead 'Packet' end
  policy = tonumber(policy)
  call.packet_policy = (policy == 0 or policy == 1 or policy == 2) and policy + 1 or 0
end

packet_type = ffi.metatype('sw_packet_view', { __index = Packet, __tostring = function() return 'Packet' end })

function Layer.layer_bytes(l)
  if l.gen ~= call.generation then dead 'Layer' end
  return call.packet.layers[l.index].length
end

function Layer.protocol_id(l)
  if l.gen ~= call.generation then dead 'Layer' end
  return guid_of_protocol[call.packet.layers[l.index].protocol]
end

function Layer.rawbytes(l)
  if l.gen ~= call.generation then dead 'Layer' end
  local layer = call.packet.layers[l.index]
  return buffer_type(call.packet.data + layer.offset, layer.length, l.gen)
end

function Layer.total_bytes(l)
  if l.gen ~= call.generation then dead 'Layer' end
  return call.packet.wire_length
end

function Layer.packet(l)
  if l.gen ~= call.generation then dead 'Layer' end
  return packet_type(l.gen, 0)
end

-- Bit n counts from the most significant bit of the first byte (network order).
function Layer.testbit(l, n)
  if l.gen ~= call.generation then dead 'Layer' end
  if type(n) ~= 'number' then n = number_of('testbit', n) end
  local layer = call.packet.layers[l.index]
  local at = floor(n / 8)
  if not (at >= 0 and at < layer.length) then return false end
  return bit.band(call.packet.data[layer.offset + at], bit.rshift(0x80, n % 8)) ~= 0
end

function Layer.getbyte(l, offset)
  if l.gen ~= call.generation then dead 'Layer' end
  if type(offset) ~= 'number' then offset = number_of('getbyte', offset) end
  local layer = call.packet.layers[l.index]
  if not (offset >= 0 and offset < layer.length) then return 0 end
  return call.packet.data[layer.offset + offset]
end

function Layer.flowkey(l)
  if l.gen ~= call.generation then dead 'Layer' end
  return current_flow_of_packet()._id
end

layer_type = ffi.metatype('sw_layer_view', { __index = Layer, __tostring = function() return 'Layer' end })

function views.current_layer() return layer_type(call.layer, call.generation) end

-- An unknown method is told by the name that scripts know the object by, not as a member of a C type.
for name, methods in pairs { buffer = Buffer, packet = Packet, layer = Layer } do
  setmetatable(methods, { __index = function(_, key) error(name .. " has no method '" .. tostring(key) .. "'", 2) end })
end

-- The methods behind each object, for those who ask what there is (reflect.lua). Parts loaded later add theirs.
views.classes = { buffer = Buffer, packet = Packet, layer = Layer }

return views
