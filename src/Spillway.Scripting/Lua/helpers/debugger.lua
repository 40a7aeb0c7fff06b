-- An interactive debugger in the terminal: `require 'debugger'` gives a callable that stops where it is called.
--
--   local dbg = require 'debugger'
--   dbg()                   stops here
--   dbg(condition)          stops here unless the condition holds
--   dbg.call(f, ...)        calls f; stops where it raises
--   dbg.error(message)      stops, then raises
--   dbg.assert(ok, message) stops and raises unless ok
--
-- A run without a person at the terminal must not stop at a forgotten breakpoint: then a call says once where it was and goes on.
local services = ...

local getinfo, getlocal, setlocal, getupvalue, setupvalue, sethook = debug.getinfo, debug.getlocal, debug.setlocal, debug.getupvalue,
  debug.setupvalue, debug.sethook
local type, tostring, tonumber, error, pcall, xpcall, select, unpack, loadstring, setfenv = type, tostring, tonumber, error, pcall, xpcall, select,
  unpack, loadstring, setfenv
local sort, concat, ipairs, pairs, open = table.sort, table.concat, ipairs, pairs, io.open

local PROMPT = 'debugger.lua> '
local OWN = getinfo(1, 'S').source

local dbg = {
  --- Asks for a line: nil at the end of input. May be replaced, as may `write` and `is_terminal`.
  read = function(prompt)
    io.stderr:write(prompt)
    return io.stdin:read('*l')
  end,
  write = function(text) io.stderr:write(text) end,
  is_terminal = services.is_terminal,
}

local told = {}           -- places passed without a terminal
local breakpoints = {}    -- line -> { file, ... }
local mode, limit         -- stop at the next line ('step'), or at one not deeper than the limit ('over'); nil runs on
local last_line = ''      -- what an empty line repeats
local hooked, off = false, false

-- Frames ----------------------------------------------------------------------------------------------------------------------------

-- The level, as the caller of this function counts it, of the script's n-th frame (0 is where it stopped).
local function level_of(n)
  local level = 2
  while true do
    local info = getinfo(level, 'S')
    if not info or (info.source ~= OWN and info.what ~= 'C') then return level - 1 + n end   -- error() stands between a handler and what raised
    level = level + 1
  end
end

local function is_ours(info) return info.source == OWN or info.source:find('^=%(spillway') ~= nil or info.source:find('^=%(helper') ~= nil end

local function depth()
  local n, level = 0, level_of(0)
  while getinfo(level + n, 'l') do n = n + 1 end
  return n
end

local function title(info)
  local name = info.name and ("function '%s'"):format(info.name) or info.what == 'main' and 'the main chunk'
    or info.what == 'C' and 'a C function' or ('function at line %d'):format(info.linedefined)
  local place = info.currentline >= 0 and ('%s:%d'):format(info.short_src, info.currentline) or info.short_src
  return place .. ' in ' .. name
end

local function source_line(info, around)
  if info.source:sub(1, 1) ~= '@' then return nil end
  local file = open(info.source:sub(2))
  if not file then return nil end
  local lines, n = {}, 0
  for text in file:lines() do
    n = n + 1
    if math.abs(n - info.currentline) <= around then
      lines[#lines + 1] = ('%s%5d  %s\n'):format(n == info.currentline and '=>' or '  ', n, text)
    end
  end
  file:close()
  return concat(lines)
end

-- Values ----------------------------------------------------------------------------------------------------------------------------

local function shown(value)
  if type(value) == 'string' then return ('%q'):format(value):gsub('\\\n', '\\n') end
  if type(value) ~= 'table' then
    local ok, text = pcall(tostring, value)
    return ok and text or '(' .. type(value) .. ')'
  end
  local ok, text = pcall(require('inspect').inspect, value, { depth = 2 })
  return ok and text or tostring(value)
end

-- Locals of a frame, the innermost of a name last: { name, value, index }; then upvalues: { name, value, index, func }.
local function variables(n)
  local found, level = {}, level_of(n)
  local i = 1
  while true do
    local name, value = getlocal(level, i)
    if not name then break end
    if name:sub(1, 1) ~= '(' then found[#found + 1] = { name = name, value = value, index = i } end
    i = i + 1
  end
  local func = getinfo(level, 'f').func
  i = 1
  while true do
    local name, value = getupvalue(func, i)
    if not name then break end
    if name ~= '' then found[#found + 1] = { name = name, value = value, index = i, func = func } end
    i = i + 1
  end
  return found
end

-- Runs code that sees the variables of a frame as its globals, and writes back what it has set.
local function evaluate(n, code, is_expression)
  local chunk, message = loadstring(is_expression and 'return ' .. code or code, '=(debugger)')
  if not chunk then return false, message end
  local cells, found = {}, variables(n)
  for i = #found, 1, -1 do
    local variable = found[i]
    local known = cells[variable.name]
    if not known or (known.func and not variable.func) then cells[variable.name] = variable end
  end
  local set = {}
  setfenv(chunk, setmetatable({}, {
    __index = function(_, name)
      local cell = cells[name]
      if cell then return cell.value end
      return _G[name]
    end,
    __newindex = function(_, name, value)
      local cell = cells[name]
      if not cell then _G[name] = value return end
      cell.value, set[name] = value, cell
    end,
  }))
  local results = { n = 0 }
  local function keep(...) results = { n = select('#', ...), ... } end
  keep(pcall(chunk))
  local level = level_of(n)
  for _, cell in pairs(set) do
    if cell.func then setupvalue(cell.func, cell.index, cell.value) else setlocal(level, cell.index, cell.value) end
  end
  if not results[1] then return false, tostring(results[2]) end
  local texts = {}
  for i = 2, results.n do texts[#texts + 1] = shown(results[i]) end
  return true, concat(texts, ', ')
end

-- Hooks -----------------------------------------------------------------------------------------------------------------------------

local stop

-- A file is meant by any end of its path.
local function is_file(path, file) return path == file or path:sub(-#file - 1) == '/' .. file end

local function at_breakpoint(info, line)
  for _, file in ipairs(breakpoints[line] or {}) do
    if is_file(info.short_src, file) then return true end
  end
  return false
end

local function on_line(_, line)
  local info = getinfo(2, 'S')
  if is_ours(info) then return end
  if mode == 'step' or (mode == 'over' and depth() <= limit) or at_breakpoint(info, line) then stop() end
end

-- Line hooks are not called in compiled code, so from the first stop on this state runs in the interpreter.
local function watch()
  local wanted = not off and (mode ~= nil or next(breakpoints) ~= nil)
  if wanted == hooked then return true end
  if wanted then
    jit.off()
    jit.flush()
  end
  local ok, message = pcall(sethook, wanted and on_line or nil, wanted and 'l' or nil)
  if not ok then
    dbg.write('no stepping and no breakpoints here: ' .. tostring(message) .. '\n')
    mode, breakpoints = nil, {}
    return false
  end
  hooked = wanted
  if not wanted then jit.on() end
  return true
end

-- Commands --------------------------------------------------------------------------------------------------------------------------

local HELP = [[
s, step             to the next line, into functions
n, next             to the next line of this function
f, finish           to the end of this function
c, continue         run on
b, break [FILE:]LINE  stop there (again to take it away; alone: list)
p, print EXPR       the value of an expression
e, eval CODE        run statements; variables may be set
l, locals           variables of this frame
w, where [N]        the source around this line
bt, trace           the frames
u, up   d, down     to the frame that called, and back
h, help             this
q, quit             end the run, as Ctrl-C does
An empty line does the last command again.
]]

local commands = {}

function commands.step() mode = 'step' return true end
function commands.next(n) mode, limit = 'over', depth() - n return true end
function commands.finish(n) mode, limit = 'over', depth() - n - 1 return true end
commands['continue'] = function() mode = nil return true end

commands['break'] = function(n, argument)
  local file, line = argument:match('^(.-):?(%d+)$')
  if not line then
    if argument ~= '' then return dbg.write('break takes FILE:LINE or LINE\n') end
    for at, files in pairs(breakpoints) do
      for _, name in ipairs(files) do dbg.write(('  %s:%d\n'):format(name, at)) end
    end
    return
  end
  line = tonumber(line)
  if file == '' then file = getinfo(level_of(n), 'S').short_src end
  local files = breakpoints[line] or {}
  for i, name in ipairs(files) do
    if is_file(file, name) or is_file(name, file) then
      table.remove(files, i)
      if #files == 0 then breakpoints[line] = nil end
      return dbg.write(('no more break at %s:%d\n'):format(file, line))
    end
  end
  files[#files + 1] = file
  breakpoints[line] = files
  dbg.write(('break at %s:%d\n'):format(file, line))
end

function commands.print(n, argument)
  if argument == '' then return dbg.write('print takes an expression\n') end
  local ok, text = evaluate(n, argument, true)
  dbg.write((ok and '' or 'error: ') .. text .. '\n')
end

function commands.eval(n, argument)
  local ok, text = evaluate(n, argument, false)
  if not ok or text ~= '' then dbg.write((ok and '' or 'error: ') .. text .. '\n') end
end

function commands.locals(n)
  local seen, lines = {}, {}
  local found = variables(n)
  for i = #found, 1, -1 do
    local variable = found[i]
    local key = (variable.func and 'upvalue ' or '') .. variable.name
    if not seen[key] then
      seen[key] = true
      lines[#lines + 1] = ('  %s = %s\n'):format(key, shown(variable.value))
    end
  end
  sort(lines)
  dbg.write(concat(lines))
end

function commands.where(n, argument)
  local info = getinfo(level_of(n), 'Sl')
  dbg.write(source_line(info, tonumber(argument) or 5) or 'no source of ' .. info.short_src .. '\n')
end

function commands.trace(n)
  local level, i = level_of(0), 0
  while true do
    local info = getinfo(level + i, 'Sln')
    if not info or info.source:find('^=%(spillway') then break end
    dbg.write(('%s %d  %s\n'):format(i == n and '=>' or '  ', i, title(info)))
    i = i + 1
  end
end

function commands.help() dbg.write(HELP) end

function commands.quit()
  off, mode, breakpoints = true, nil, {}
  watch()
  services.stop_run()
  return 'quit'
end

local SHORT = { s = 'step', n = 'next', f = 'finish', c = 'continue', b = 'break', p = 'print', e = 'eval', l = 'locals', w = 'where', bt = 'trace',
  t = 'trace', u = 'up', d = 'down', h = 'help', ['?'] = 'help', q = 'quit' }

local function tell_place(n)
  local info = getinfo(level_of(n), 'Sln')
  dbg.write(('%s\n%s'):format(title(info), source_line(info, 0) or ''))
end

-- Reads and does commands until one lets the script go on. true if the run is to end.
local function converse()
  local n = 0
  tell_place(n)
  while true do
    local line = dbg.read(PROMPT)
    if not line then   -- the end of input: nobody is there any more
      off, mode, breakpoints = true, nil, {}
      return false
    end
    if line:find('^%s*$') then line = last_line else last_line = line end
    local name, argument = line:match('^%s*(%S*)%s*(.-)%s*$')
    name = SHORT[name] or name
    if name == 'up' or name == 'down' then
      local to = n + (name == 'up' and 1 or -1)
      local info = to >= 0 and getinfo(level_of(to), 'S')
      if not info or info.source:find('^=%(spillway') then dbg.write('there is no further frame\n')
      else
        n = to
        tell_place(n)
      end
    elseif name ~= '' then
      local command = commands[name]
      if not command then dbg.write(("'%s' is no command; h lists them\n"):format(name))
      else
        local done = command(n, argument)
        if done then return done == 'quit' end
      end
    end
  end
end

-- Stops. Time at the prompt is the person's, not the script's.
function stop()
  mode = nil
  services.attend(true)
  local quit = converse()
  services.attend(false)
  if not off then watch() end
  if quit then error('the run was ended in the debugger', 0) end
end

-- Entries ---------------------------------------------------------------------------------------------------------------------------

-- Whether to stop; says so once for each place if nobody is there.
local function is_attended()
  if off then return false end
  if dbg.is_terminal() then return true end
  local info = getinfo(level_of(0), 'Sl')
  local place = info.short_src .. ':' .. info.currentline
  if not told[place] then
    told[place] = true
    services.warn('debugger() passed at ' .. place .. ': standard input is no terminal')
  end
  return false
end

function dbg.call(f, ...)
  local arguments, n = { ... }, select('#', ...)
  return xpcall(function() return f(unpack(arguments, 1, n)) end, function(message)
    if is_attended() then
      dbg.write('error: ' .. tostring(message) .. '\n')
      stop()
    end
    return message
  end)
end

function dbg.error(message, level)
  if is_attended() then
    dbg.write('error: ' .. tostring(message) .. '\n')
    stop()
  end
  error(message, (level or 1) + 1)
end

function dbg.assert(ok, message, ...)
  if ok then return ok, message, ... end
  dbg.error(message or 'assertion failed!', 2)
end

return setmetatable(dbg, {
  __call = function(_, condition)
    if not condition and is_attended() then stop() end
  end,
})
