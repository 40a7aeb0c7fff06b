-- inputfilter: the script makes the packets, the flow records and the alerts.
local ffi, call, host, views, engine = ...

local type, tonumber, tostring, error, setmetatable, floor, format, match = type, tonumber, tostring, error, setmetatable, math.floor, string.format, string.match
local vm, makers = call.vm, views.makers

local MAX_PACKET = 262144        -- ScriptInstance.MaxPacketBytes
local MAX_SECONDS = 9223372035   -- what nanoseconds since 1970 can hold

-- Seconds and microseconds may be texts or fractions. The whole seconds are kept apart: a double cannot hold nanoseconds since 1970.
local function nanoseconds(what, seconds, microseconds)
  seconds, microseconds = tonumber(seconds), tonumber(microseconds or 0)
  if not seconds or not (seconds >= 0 and seconds <= MAX_SECONDS) then
    error(what .. ': seconds must be a number from 0 to ' .. MAX_SECONDS .. ' (since 1970)', 3)
  end
  if not microseconds or not (microseconds >= 0 and microseconds < 1e9) then
    error(what .. ': microseconds must be a number from 0 to 999999', 3)
  end
  local whole = floor(seconds)
  return ffi.cast('int64_t', whole) * 1000000000LL + ffi.cast('int64_t', floor((seconds - whole) * 1e9 + microseconds * 1000 + 0.5))
end

-- The packet that step fills. It can be asked for nothing: what there is to know of it, the script has put in.
local Packet = {}

function Packet.set_packet(_, seconds, microseconds, link, bytes)
  local at = nanoseconds('packet:set_packet', seconds, microseconds)
  link = tonumber(link)
  if not link or not (link >= 0 and link < 65536) then error('packet:set_packet: the link type must be one of libpcap, such as 1 for Ethernet', 2) end
  if type(bytes) ~= 'string' then error('packet:set_packet: the bytes must be a string, not a ' .. type(bytes), 2) end
  if #bytes > MAX_PACKET then error(format('packet:set_packet: a packet of %d bytes is longer than the longest of libpcap, %d', #bytes, MAX_PACKET), 2) end
  host.set_packet(vm, at, link, bytes, #bytes)
end

function Packet.set_timestamp(_, seconds, microseconds) host.set_timestamp(vm, nanoseconds('packet:set_timestamp', seconds, microseconds)) end

function Packet.set_packetstore_policy() end

setmetatable(Packet, { __index = function(_, name)
  error("packet:" .. tostring(name) .. "() is not available in an inputfilter: its packet is there to be filled by set_packet", 2)
end })
views.input_packet = Packet
local packet = setmetatable({}, { __index = Packet, __tostring = function() return 'Packet' end })

-- step_alert ------------------------------------------------------------------------------------------------------------------------

local fields = ffi.new('sw_bytes[8]')
local anchors = {}
local function field(i, value)
  anchors[i] = value
  fields[i].data, fields[i].length = ffi.cast('const uint8_t*', value), #value
end

-- Numbers of all kinds as scripts have them: '2000001', 2000001, 2000001LL, a uint32_t of FFI.
local function text(value, default)
  if value == nil then return default end
  if type(value) == 'cdata' then
    local number = tonumber(value)
    if number then value = number end
  end
  if type(value) == 'number' and value == floor(value) and value > -2 ^ 53 and value < 2 ^ 53 then return format('%d', value) end
  return tostring(value)
end

local function number(value, default)
  local n = tonumber(value)
  return n and n == n and n or default
end

-- 32 digits for an IPv6 address as people write it (RFC 4291, section 2.2); nil for anything else.
local function ipv6_key(address)
  local head, a, b, c, d = match(address, '^(.*:)(%d+)%.(%d+)%.(%d+)%.(%d+)$')
  if head then address = head .. format('%x:%x', a * 256 + b, c * 256 + d) end
  local left, right = match(address, '^(.-)::(.*)$')
  local function groups(part)
    local hex, n = '', 0
    for group in (part .. ':'):gmatch '([^:]*):' do
      if n == 8 or not match(group, '^%x%x?%x?%x?$') then return nil end   -- more than an address has may come without end
      hex, n = hex .. ('0'):rep(4 - #group) .. group:upper(), n + 1
    end
    return hex, n
  end
  if not left then
    local hex, n = groups(address)
    return n == 8 and hex or nil
  end
  local first, n = '', 0
  local last, m = '', 0
  if left ~= '' then first, n = groups(left) end
  if right ~= '' then last, m = groups(right) end
  if not first or not last or n + m > 7 then return nil end
  return first .. ('0000'):rep(8 - n - m) .. last
end

local function address_key(address)
  local a, b, c, d = match(address, '^(%d+)%.(%d+)%.(%d+)%.(%d+)$')
  if a and tonumber(a) < 256 and tonumber(b) < 256 and tonumber(c) < 256 and tonumber(d) < 256 then
    return format('%02X.%02X.%02X.%02X', a, b, c, d), 'A'
  end
  return ipv6_key(address), 'B'
end

-- A number, or a word such as igmp or icmp08, filled up to six characters as flow ids have it.
local function port_key(port)
  local n = tonumber(port)
  if n then return n >= 0 and n < 65536 and format('p-%04X', n) or 'p-0000' end
  if match(port, '^[%w%-]+$') then return port .. ('0'):rep(6 - #port) end
  return 'p-0000'
end

-- The flow of an alert: from its source to its destination, never turned. '' without addresses.
local function flow_of(alert)
  local source, family = address_key(text(alert.SourceIP, '0.0.0.0'))
  local destination, other = address_key(text(alert.DestIP, '0.0.0.0'))
  if not source and not destination then return '' end
  local zero = { A = '00.00.00.00', B = ('0'):rep(32) }
  if not source or not destination or family ~= other then
    -- One end is missing or of the other family: the one that is there decides.
    if source and (not destination or destination == zero.A) then destination, other = zero[family], family
    elseif destination and (not source or source == zero.A) then source, family = zero[other], other
    else return '' end
  end
  local source_port, destination_port = port_key(text(alert.SourcePort, '0')), port_key(text(alert.DestPort, '0'))
  if source == zero[family] and destination == zero[family] and source_port == 'p-0000' and destination_port == 'p-0000' then return '' end
  local protocol = number(alert.Protocol, 0)
  return format('%02X%s:%s:%s_%s:%s', protocol >= 0 and protocol < 256 and protocol or 0, family, source, source_port, destination, destination_port)
end

local function mandatory(alert, name)
  if alert[name] == nil then error('step_alert: the alert has no ' .. name, 0) end
  return text(alert[name])
end

local function import(alert)
  if type(alert) ~= 'table' then error('step_alert returned a ' .. type(alert) .. ' where nil or an alert table is expected', 0) end
  field(0, mandatory(alert, 'AlertGroupGUID'))
  mandatory(alert, 'TimestampSecs')
  field(2, mandatory(alert, 'SigIDKey'))
  local at = nanoseconds('step_alert: TimestampSecs', alert.TimestampSecs, number(alert.TimestampUsecs, 0))
  field(1, flow_of(alert))
  field(3, text(alert.ClassificationKey, 'c-xx'))
  field(4, text(alert.AlertDetails, ''))
  field(5, text(alert.AlertStatus, 'ALARM'))
  field(6, text(alert.SigIDKeyLabel == nil and alert.SigIDLabel or alert.SigIDKeyLabel, ''))
  host.import_alert(vm, fields, number(alert.Priority, 1), at)
end

makers.inputfilter = {
  step = function(f)
    return function()
      local result = f(packet, engine)
      call.result = result == nil and 2 or result == false and 0 or 1
    end
  end,
  step_alert = function(f)
    return function()
      local alert = f()
      if alert == nil or alert == false then return end
      call.result = 1
      import(alert)
    end
  end,
}
