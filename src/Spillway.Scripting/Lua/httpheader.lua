-- HTTPHeader: a copy of a header block, safe to keep; its fields are parsed when first asked for (script API, section 4.6).
local ffi, call, host, views = ...

local tonumber, tostring, setmetatable, type, pairs, concat = tonumber, tostring, setmetatable, type, pairs, table.concat
local sub, find, match, lower, gsub, gmatch = string.sub, string.find, string.match, string.lower, string.gsub, string.gmatch

local HTTPHeader = {}
HTTPHeader.__index = HTTPHeader
HTTPHeader.__tostring = function(header) return header._raw end

-- Patterns here see bytes of strangers: each has one way to match a place, so that none looks at a byte more than a few times. From the end back,
-- as a greedy match goes, blanks are passed once.
local function without_blanks_after(text) return match(text, '^.*[^ \t]') or '' end

local function fields(header)
  local list = header._fields
  if list then return list end
  list = {}
  -- A line that begins with a blank continues the one before (obs-fold, RFC 9112 section 5.2).
  local block = gsub(header._raw, '\r?\n[ \t]+', ' ')
  local first = true
  for line in gmatch(block, '[^\r\n]+') do
    if first then
      first = false
    else
      local colon = find(line, ':', 1, true)
      if colon then
        local name = without_blanks_after(sub(line, 1, colon - 1))
        list[#list + 1] = { name = name, key = lower(name), value = without_blanks_after(match(line, '^[ \t]*(.*)$', colon + 1)) }
      end
    end
  end
  header._fields = list
  return list
end

function HTTPHeader.is_request(header) return header._request end
function HTTPHeader.is_response(header) return not header._request end

function HTTPHeader.get_method(header)
  if not header._request then return nil end
  return match(header._raw, '^%s*(%S+)')
end

function HTTPHeader.is_method(header, name)
  local method = HTTPHeader.get_method(header)
  return method ~= nil and lower(method) == lower(tostring(name))
end

function HTTPHeader.get_path(header)
  if not header._request then return '' end
  local target = match(header._raw, '^%s*%S+[ \t]+(%S+)') or ''
  -- Absolute form (RFC 9112 section 3.2.2): the path follows the authority.
  local rest = match(target, '^%a[%w+.-]*://[^/?#]*(.*)$')
  if rest then return rest ~= '' and rest or '/' end
  return target
end

function HTTPHeader.get_status(header)
  if header._request then return nil end
  return header._status
end

function HTTPHeader.get_value(header, name)
  local list = fields(header)
  if type(name) == 'number' then return list[name] and list[name].value end
  local key = lower(tostring(name))
  for i = 1, #list do
    if list[i].key == key then return list[i].value end
  end
  return nil
end

function HTTPHeader.get_all_headers(header)
  local result, several, list = {}, {}, fields(header)
  for i = 1, #list do
    local name, value = list[i].name, list[i].value
    local values = several[name]
    if values then values[#values + 1] = value
    elseif result[name] then several[name] = { result[name], value }
    else result[name] = value end
  end
  for name, values in pairs(several) do result[name] = concat(values, ', ') end
  return result
end

function HTTPHeader.match_value(header, name, pattern)
  local value = HTTPHeader.get_value(header, name)
  return value ~= nil and views.re2(pattern):partial_match(value)
end

local NO_REQUEST = setmetatable({ _raw = '', _request = true, _status = 0, _fields = {} }, HTTPHeader)
local NO_RESPONSE = setmetatable({ _raw = '', _request = false, _status = 0, _fields = {} }, HTTPHeader)

-- One object per header and VM while the transaction lasts, as callbacks of one transaction come close together.
local CACHE_SIZE = 256
local recent, older, count = {}, {}, 0

--- The header that a struct of the host describes.
function views.header_of(view, is_request)
  local id = tonumber(view.id)
  if id == 0 then return is_request and NO_REQUEST or NO_RESPONSE end
  local header = recent[id]
  if header then return header end
  header = older[id] or setmetatable({
    _raw = ffi.string(view.raw.data, view.raw.length), _request = view.is_request ~= 0, _status = view.status,
  }, HTTPHeader)
  count = count + 1
  if count > CACHE_SIZE then recent, older, count = {}, recent, 1 end
  recent[id] = header
  return header
end

views.HTTPHeader = HTTPHeader
return HTTPHeader
