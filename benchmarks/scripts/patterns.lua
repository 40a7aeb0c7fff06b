-- What T.re2 and T.ac cost a call, from Lua: printed when the script is loaded.
local ffi = require 'ffi'
ffi.cdef 'int clock_gettime(int clock, int64_t* seconds_and_nanoseconds);'

-- Processor time of this thread in seconds: what other programs and threads do does not count.
local time = ffi.new('int64_t[2]')
local function clock()
  ffi.C.clock_gettime(3, time)
  return tonumber(time[0]) + tonumber(time[1]) / 1e9
end

-- Nanoseconds of one call: the best of several rounds, since other programs only ever make it longer.
local function cost(f, calls)
  local best = math.huge
  for _ = 1, 7 do
    local began = clock()
    for _ = 1, calls do sink = f() end
    best = math.min(best, (clock() - began) / calls * 1e9)
  end
  return best
end

local seed = 20261122
local function random(n)
  seed = seed * 16807 % 2147483647
  return seed % n
end
local function letters(n)
  local list = {}
  for i = 1, n do list[i] = string.char(97 + random(26)) end
  return table.concat(list)
end

local REQUEST = 'GET /news/2026/index.html?page=3 HTTP/1.1\r\nHost: www.example.org\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64)\r\n'
  .. 'Accept: text/html,application/xhtml+xml\r\nAccept-Language: en-US,en;q=0.5\r\nConnection: keep-alive\r\n\r\n'
REQUEST = REQUEST:sub(1, 200)

local function regex_costs()
  print(('T.re2 on %d bytes, ns a call'):format(#REQUEST))
  for _, pattern in ipairs { 'Host: ', [[(?i)user-agent:\s*sqlmap]], [[\.(exe|dll|scr)\b]], [[(?i)(union|select)\s+all]], [[^GET\s+(\S+)\s+HTTP]],
    [[[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}]] } do
    local re = T.re2(pattern)
    print(('  partial_match     %-45s %8.0f  %s'):format(pattern, cost(function() return re:partial_match(REQUEST) end, 20000), tostring(re:partial_match(REQUEST))))
  end
  local re = T.re2 [[^GET\s+(\S+)\s+HTTP]]
  print(('  partial_match_c1  %-45s %8.0f  %s'):format('the fifth', cost(function() return re:partial_match_c1(REQUEST) end, 5000), select(2, re:partial_match_c1(REQUEST))))
  print(('  string.find       %-45s %8.0f'):format('Host:', cost(function() return REQUEST:find('Host:' .. '', 1, true) end, 20000)))
end

local function automaton_costs()
  local patterns = {}
  for i = 1, 10000 do patterns[i] = letters(6 + random(10)) end
  local began = clock()
  local ac = T.ac(patterns)
  print(('T.ac with 10000 patterns, built in %.0f ms; ns a KB'):format((clock() - began) * 1e3))
  local request = REQUEST:rep(6):sub(1, 1024)
  local text = letters(1024)
  local mixed = letters(500) .. patterns[17] .. letters(500) .. patterns[42]
  for name, subject in pairs { ['HTTP header'] = request, ['random letters'] = text, ['two patterns in random letters'] = mixed } do
    print(('  match_all  %-32s %8.0f'):format(name, cost(function() return ac:match_all(subject) end, 2000) * 1024 / #subject))
  end
end

TrisulPlugin = {
  id = { name = 'Patterns', description = 'what matching costs' },
  onload = function()
    regex_costs()
    automaton_costs()
  end,
}
