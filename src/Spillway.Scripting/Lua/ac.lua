-- T.ac: Aho-Corasick over plain byte patterns (script API, section 4.8). The automaton is the host's.
local ffi, call, host, T, views = ...

local type, pairs, error, setmetatable, new, gc = type, pairs, error, setmetatable, ffi.new, ffi.gc
local match, vm, check_subject = host.automaton_match, call.vm, views.check_subject
local TOO_LARGE = -1

local AC = {}
AC.__index = AC
AC.__tostring = function(ac) return ('AC of %d patterns'):format(#ac._patterns) end

-- An object without an automaton of the host's has no patterns.
local function find(ac, name, s, one)
  s = check_subject(ac, 'T.ac', name, s)
  local found, hits = {}, ac._hits
  for i = 0, 2 * match(vm, ac._id, s, #s, one, hits, #ac._patterns) - 2, 2 do found[ac._patterns[hits[i] + 1]] = hits[i + 1] end
  return found
end

function AC.match_all(ac, s) return find(ac, 'match_all', s, 0) end
function AC.match_one(ac, s) return find(ac, 'match_one', s, 1) end

function T.ac(patterns)
  if type(patterns) ~= 'table' then error(("bad argument #1 to 'ac' (table expected, got %s)"):format(type(patterns)), 2) end
  local texts = {}
  for _, pattern in pairs(patterns) do
    if type(pattern) == 'string' and pattern ~= '' then texts[#texts + 1] = pattern end
  end
  if #texts == 0 then return setmetatable({ _patterns = texts, _id = 0 }, AC) end
  local fields = new('sw_bytes[?]', #texts)
  for i = 1, #texts do fields[i - 1].data, fields[i - 1].length = ffi.cast('const uint8_t*', texts[i]), #texts[i] end
  local id = host.automaton_build(vm, fields, #texts)
  if id == TOO_LARGE then error('T.ac: the patterns have more than 64 MB', 2) end
  local hits = gc(new('int32_t[?]', 2 * #texts), function() host.automaton_free(id) end)
  return setmetatable({ _patterns = texts, _id = id, _hits = hits }, AC)
end
