-- The global table T, as far as lanes and workers share it (script API, section 2).
local ffi, call, host, views, settings = ...

local bit = require 'bit'
local type, tonumber, tostring, error, setmetatable, unpack = type, tonumber, tostring, error, setmetatable, unpack
local getinfo = debug.getinfo
local floor, format, find, sub, gsub, match, char, byte = math.floor, string.format, string.find, string.sub, string.gsub, string.match, string.char, string.byte

local vm = call.vm
local T = {
  contextid = settings.context_id, execution_contextid = settings.context_id,
  probeid = settings.probe_id, probeversion = settings.version,
  context_name = 'default', contextname = 'default',
  args = settings.args, enginetype = 'frontend',
}

-- Every function takes a dot call and a colon call: a leading receiver is dropped.
local function both(receiver, f)
  return function(first, ...)
    if first == receiver then return f(...) end
    return f(first, ...)
  end
end

views.both = both

local function library(functions)
  local result = {}
  for name, f in pairs(functions) do result[name] = both(result, f) end
  return result
end

-- T.K -------------------------------------------------------------------------------------------------------------------------------

local vartype = { COUNTER = 2, RATE_COUNTER = 4, GAUGE = 5, RUNNING_COUNTER = 8, AVERAGE = 9, DELTA_RATE_COUNTER = 10,
  MAXIMUM = 11, MAX = 11, MINIMUM = 12, MIN = 12 }
local loglevel = { EMERG = 0, FATAL = 1, ALERT = 2, CRIT = 3, ERROR = 4, WARN = 5, NOTICE = 6, INFO = 7, DEBUG = 8 }
T.K = { vartype = vartype, vartypes = vartype, loglevel = loglevel }

-- Logging ---------------------------------------------------------------------------------------------------------------------------

local function write_log(level, message)
  message = tostring(message)
  host.log(vm, level, message, #message)
end

function T.log(level, message)
  if message == nil then level, message = loglevel.DEBUG, level end
  level = tonumber(level)
  if not level or level < 0 or level > 8 then level = loglevel.DEBUG end
  write_log(level, message)
end
function T.logerror(message) write_log(loglevel.ERROR, message) end
function T.logwarning(message) write_log(loglevel.WARN, message) end
function T.loginfo(message) write_log(loglevel.INFO, message) end
function T.logdebug(message) write_log(loglevel.DEBUG, message) end

-- T.util ----------------------------------------------------------------------------------------------------------------------------

local function unsigned(n) return n < 0 and n + 4294967296 or n end
local function to32(n) return bit.tobit(tonumber(n) or 0) end

local function split(s, delimiter)
  s, delimiter = tostring(s), tostring(delimiter)
  local parts, n, at = {}, 0, 1
  if delimiter == '' then return { s } end
  while true do
    local first, last = find(s, delimiter, at, true)
    n = n + 1
    if not first then
      parts[n] = sub(s, at)
      return parts
    end
    parts[n] = sub(s, at, first - 1)
    at = last + 1
  end
end

T.util = library {
  ntop = function(n)
    n = tonumber(n) or 0
    return format('%d.%d.%d.%d', floor(n / 16777216) % 256, floor(n / 65536) % 256, floor(n / 256) % 256, floor(n) % 256)
  end,
  pton = function(s)
    local a, b, c, d = match(tostring(s), '^(%d+)%.(%d+)%.(%d+)%.(%d+)$')
    a, b, c, d = tonumber(a), tonumber(b), tonumber(c), tonumber(d)
    if not a or a > 255 or b > 255 or c > 255 or d > 255 then return nil end
    return ((a * 256 + b) * 256 + c) * 256 + d
  end,
  bor = function(p, q) return unsigned(bit.bor(to32(p), to32(q))) end,
  band = function(p, q) return unsigned(bit.band(to32(p), to32(q))) end,
  testbit32 = function(p, n) return bit.band(to32(p), bit.lshift(1, tonumber(n))) ~= 0 end,
  bitval32 = function(p, start, width)
    return floor(unsigned(to32(p)) / 2 ^ (start - width + 1)) % 2 ^ width
  end,
  split = split,
  splitm = function(s, delimiter)
    local parts = split(s, delimiter)
    return unpack(parts, 1, #parts)
  end,
  hash = function(s, bits)
    s, bits = tostring(s), tonumber(bits) or 32
    local h = host.murmur2(s, #s)
    return bits >= 32 and tonumber(h) or tonumber(h) % 2 ^ bits
  end,
  bin2hex = function(s) return (gsub(tostring(s), '.', function(c) return format('%02x', byte(c)) end)) end,
  hex2bin = function(s)
    s = tostring(s)
    if #s % 2 ~= 0 or find(s, '%X') then return nil end
    return (gsub(s, '%x%x', function(h) return char(tonumber(h, 16)) end))
  end,
}

-- T.env and T.host ------------------------------------------------------------------------------------------------------------------

local text = ffi.new('char[4096]')

local function get_config(path)
  path = tostring(path)
  local length = host.get_config(vm, path, #path, text, 4096)
  return length > 0 and ffi.string(text, length) or ''
end

T.env = library { get_config = get_config, get_domain_config = get_config }
T.env.configfile, T.env.domain_configfile = settings.config_file, settings.config_file

local HOME_NETS = {}
for network, mask in settings.home_networks:gmatch '([^; ]+) ([^;]+)' do
  HOME_NETS[#HOME_NETS + 1] = { network, mask, to32(T.util.pton(network)), to32(T.util.pton(mask)) }
end

local function is_homenet(x)
  local n = type(x) == 'number' and x or T.util.pton(x)
  if not n then return false end
  n = to32(n)
  for i = 1, #HOME_NETS do
    if bit.band(n, HOME_NETS[i][4]) == HOME_NETS[i][3] then return true end
  end
  return false
end

T.host = library {
  get_homenets = function()
    local nets = {}
    for i, net in ipairs(HOME_NETS) do nets[i] = { ip = net[1], netmask = net[2], net[1], net[2] } end
    return nets
  end,
  is_homenet = is_homenet,
  is_homenet_key = function(key)
    local a, b, c, d = match(tostring(key), '^(%x%x)%.(%x%x)%.(%x%x)%.(%x%x)$')
    if not a then return false end
    return is_homenet(((tonumber(a, 16) * 256 + tonumber(b, 16)) * 256 + tonumber(c, 16)) * 256 + tonumber(d, 16))
  end,
  get_configpath = function() return get_config 'App>DBRoot' .. '/config' end,
  get_datapath = function() return get_config 'App>DataDirectory' end,
  log = T.log,
  id = function() return settings.instance_id end,
}

-- T.re2 -----------------------------------------------------------------------------------------------------------------------------

local MAXIMUM_GROUPS = 64
local spans = ffi.new('int32_t[?]', MAXIMUM_GROUPS * 2)
local RE2 = {}
RE2.__index = RE2
local OPTION_BITS = { utf8 = 1, posix_syntax = 2, longest_match = 4, log_errors = 8, literal = 16, never_nl = 32, never_capture = 64,
  case_sensitive = 128 }
local DEFAULT_OPTIONS = 1 + 8 + 128

-- Raises at the line of the script that called: past all functions of ours, however many calls of them were tail calls.
function views.raise(message, ...)
  local level = 2
  while true do
    local info = getinfo(level, 'S')
    if not info or not find(info.source, '^=%(spillway') then break end
    level = level + 1
  end
  error(format(message, ...), level)
end

--- The subject of a method of an object that is known by its `_id`.
function views.check_subject(object, what, name, subject)
  if type(object) ~= 'table' or not object._id then views.raise("bad receiver of '%s': call it with a colon on an object of %s", name, what) end
  if type(subject) == 'string' then return subject end
  if subject == nil then views.raise("bad argument #1 to '%s' (string expected, got nil)", name) end
  return tostring(subject)
end
local check_subject = views.check_subject

local function is_match(regex, name, subject, full)
  subject = check_subject(regex, 'T.re2', name, subject)
  return host.regex_match(regex._id, subject, #subject, full, spans, 0) > 0
end

-- A group that took no part is '': scripts concatenate without looking.
local function capture(subject, i, groups)
  if i >= groups or spans[2 * i] < 0 then return '' end
  return sub(subject, spans[2 * i] + 1, spans[2 * i + 1])
end

local function captures(regex, name, subject, full, wanted)
  subject = check_subject(regex, 'T.re2', name, subject)
  local groups = host.regex_match(regex._id, subject, #subject, full, spans, MAXIMUM_GROUPS)
  if groups <= 0 then return false end
  local result = {}
  wanted = wanted or groups - 1
  for i = 1, wanted do result[i] = capture(subject, i, groups) end
  return true, unpack(result, 1, wanted)
end

function RE2.partial_match(regex, subject) return is_match(regex, 'partial_match', subject, 0) end
function RE2.full_match(regex, subject) return is_match(regex, 'full_match', subject, 1) end
function RE2.partial_match_c1(regex, subject)
  local ok, one = captures(regex, 'partial_match_c1', subject, 0, 1)
  return ok, one
end
function RE2.partial_match_c2(regex, subject)
  local ok, one, two = captures(regex, 'partial_match_c2', subject, 0, 2)
  return ok, one, two
end
function RE2.partial_match_n(regex, subject) return captures(regex, 'partial_match_n', subject, 0) end
function RE2.full_match_n(regex, subject) return captures(regex, 'full_match_n', subject, 1) end

local compiled = setmetatable({}, { __mode = 'v' })

function T.re2(pattern, options)
  pattern = tostring(pattern)
  local bits = DEFAULT_OPTIONS
  if type(options) == 'table' then
    for name, value in pairs(options) do
      local weight = OPTION_BITS[name]
      if weight then bits = (value and bit.bor or function(a, b) return bit.band(a, bit.bnot(b)) end)(bits, weight) end
    end
  end
  local key = bits .. '/' .. pattern
  local regex = compiled[key]
  if not regex then
    regex = setmetatable({ _id = host.regex_compile(vm, pattern, #pattern, bits) }, RE2)
    compiled[key] = regex
  end
  return regex
end
views.re2 = T.re2

return T
