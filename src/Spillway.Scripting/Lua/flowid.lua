-- FlowID: a copy of a flow's identity, safe to keep. Everything derives from the id string (script API, sections 4.5 and 5).
local ffi, call, host, views = ...

local tonumber, setmetatable, type = tonumber, setmetatable, type
local format, sub, find, match = string.format, string.sub, string.find, string.match

local NO_FLOW = '00A:00.00.00.00:p-0000_00.00.00.00:p-0000'
local PROTOCOL_NAMES = { ['01'] = 'ICMP', ['02'] = 'IGMP', ['06'] = 'TCP', ['11'] = 'UDP', ['2F'] = 'GRE', ['32'] = 'ESP', ['33'] = 'AH',
  ['3A'] = 'ICMP6', ['59'] = 'OSPF', ['84'] = 'SCTP' }

local FlowID = {}
FlowID.__index = FlowID
FlowID.__tostring = function(flow) return flow._id end

-- Parts of the id: protocol, type, ip A, port A, ip Z, port Z, and for NetFlow router and interfaces.
local function parts(flow)
  local p = flow._parts
  if p then return p end
  p = { match(flow._id, '^(%x%x)(%a):([^:_]*):([^:_]*)_([^:_]*):([^:_]*)_?([^_]*)_?([^_]*)_?([^_]*)') }
  if not p[1] then p = { '00', 'A', '00.00.00.00', 'p-0000', '00.00.00.00', 'p-0000', '', '', '' } end
  flow._parts = p
  return p
end

local function ipv6_readable(hex)
  local groups = {}
  for i = 1, 8 do groups[i] = tonumber(sub(hex, i * 4 - 3, i * 4), 16) end
  -- RFC 5952: the longest run of two or more zero groups becomes "::".
  local best_at, best_length, at = 0, 1, 1
  while at <= 8 do
    local n = 0
    while at + n <= 8 and groups[at + n] == 0 do n = n + 1 end
    if n > best_length then best_at, best_length = at, n end
    at = at + n + 1
  end
  local left, right = {}, {}
  for i = 1, 8 do
    if best_at == 0 or i < best_at then left[#left + 1] = format('%x', groups[i])
    elseif i >= best_at + best_length then right[#right + 1] = format('%x', groups[i]) end
  end
  if best_at == 0 then return table.concat(left, ':') end
  return table.concat(left, ':') .. '::' .. table.concat(right, ':')
end

local function ip_readable(key)
  local a, b, c, d = match(key, '^(%x%x)%.(%x%x)%.(%x%x)%.(%x%x)$')
  if a then return format('%d.%d.%d.%d', tonumber(a, 16), tonumber(b, 16), tonumber(c, 16), tonumber(d, 16)) end
  if #key == 32 and not find(key, '%X') then return ipv6_readable(key) end
  return key
end

local function port_readable(key)
  local hex = match(key, '^[pP]%-(%x+)$')
  return hex and format('%d', tonumber(hex, 16)) or key
end

local function interface_readable(hex) return hex ~= '' and format('%d', tonumber(hex, 16) or 0) or '' end

function FlowID.id(flow) return flow._id end
FlowID.key = FlowID.id
function FlowID.protocol(flow) return parts(flow)[1] end
function FlowID.flow_type(flow) return parts(flow)[2] end
function FlowID.ipa(flow) return parts(flow)[3] end
function FlowID.porta(flow) return parts(flow)[4] end
function FlowID.ipz(flow) return parts(flow)[5] end
function FlowID.portz(flow) return parts(flow)[6] end
function FlowID.netflow_router(flow) return parts(flow)[7] end
function FlowID.netflow_ifindex_in(flow) return parts(flow)[8] end
function FlowID.netflow_ifindex_out(flow) return parts(flow)[9] end
function FlowID.ipa_readable(flow) return ip_readable(parts(flow)[3]) end
function FlowID.ipz_readable(flow) return ip_readable(parts(flow)[5]) end
function FlowID.porta_readable(flow) return port_readable(parts(flow)[4]) end
function FlowID.portz_readable(flow) return port_readable(parts(flow)[6]) end
function FlowID.netflow_router_readable(flow) return ip_readable(parts(flow)[7]) end
function FlowID.netflow_ifindex_in_readable(flow) return interface_readable(parts(flow)[8]) end
function FlowID.netflow_ifindex_out_readable(flow) return interface_readable(parts(flow)[9]) end

function FlowID.to_s(flow)
  local p = parts(flow)
  local text = format('%-4s %-15s %-5s %-15s %-5s ', PROTOCOL_NAMES[p[1]] or p[1], ip_readable(p[3]), port_readable(p[4]),
    ip_readable(p[5]), port_readable(p[6]))
  if p[7] ~= '' then
    text = text .. format('%-15s %-7s %-7s ', ip_readable(p[7]), interface_readable(p[8]), interface_readable(p[9]))
  end
  return text
end

-- Flows are looked up by their number again and again: the last few thousand objects are kept, in two generations.
local CACHE_SIZE = 4096
local recent, older, count = {}, {}, 0
local text = ffi.new('char[160]')

--- The FlowID of a key; `number` is the flow's serial number in its lane, 0 without a flow.
function views.flow_of(key, number)
  local flow = recent[number]
  if flow then return flow end
  flow = older[number]
  if not flow then
    local length = host.format_flow_key(key, text, 160)
    flow = setmetatable({ _id = length > 0 and ffi.string(text, length) or NO_FLOW }, FlowID)
    if number == 0 then return flow end
  end
  count = count + 1
  if count > CACHE_SIZE then recent, older, count = {}, recent, 1 end
  recent[number] = flow
  return flow
end

function views.current_flow() return views.flow_of(call.flow_key, tonumber(call.flow_number)) end

--- A flow id from what a script passes: a string, or a FlowID; nil stays nil.
function views.flow_text(value)
  if type(value) == 'string' then return value end
  if type(value) == 'table' and value._id then return value._id end
  return nil
end

views.FlowID = FlowID
return FlowID
