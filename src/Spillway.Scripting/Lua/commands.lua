-- io.popen and os.execute by commands of the host's: each runs in a process group of its own, so that all it has started ends when the task's
-- time is over. Results are those of the standard functions (Lua 5.1: close gives true, os.execute the status of waitpid(2)); what differs is
-- that a command that gets no input from us reads nothing (the program may be reading a capture from its own), that no command inherits another's
-- pipe, and that one VM's popen never waits for another's: the C library's flushes all streams of the process, those that are being read too.
local ffi, host, vm, shell = ...

local type, tostring, error, collect = type, tostring, error, collectgarbage
local open, stdout = io.open, io.stdout

local function refused(name)
  return function() error(name .. ' is not available: the program runs with --no-shell', 2) end
end

if not shell then
  io.popen, os.execute = refused 'io.popen', refused 'os.execute'
  return
end

ffi.cdef [[
typedef struct { int32_t process; } sw_command;
int sw_close_file(int file) __asm__("close");
]]

local C = ffi.C
local NO_PIPE, READ_OUTPUT, WRITE_INPUT = 0, 1, 2
local PIPES = { r = READ_OUTPUT, w = WRITE_INPUT, re = READ_OUTPUT, we = WRITE_INPUT }
local INVALID, TRY_AGAIN, TOO_MANY_OPEN_FILES = 22, 11, 24

local file_cell = ffi.new('int32_t[1]')
local text = ffi.new('char[256]')

local function text_of(errno) return ffi.string(text, host.command_error(errno, text, 256)) end
local function explain(command, errno) return nil, command .. ': ' .. text_of(errno), errno end

local function command_of(name, value)
  if type(value) == 'number' then return tostring(value) end
  if type(value) ~= 'string' then
    error("bad argument #1 to '" .. name .. "' (string expected, got " .. (value == nil and 'no value' or type(value)) .. ')', 3)
  end
  return value
end

-- Commands whose files were dropped without close are let go by the collector, in three rounds: it closes a file, forgets it, and lets go of what
-- stood behind it. Where none is to be had after that, the script hears why by an error: `io.popen(c):read '*a'` never looks at the second result.
local ROUNDS = 3

local function start(name, command, pipe)
  stdout:flush()
  local process = host.command_start(vm, command, #command, pipe, file_cell)
  if process == -TRY_AGAIN or process == -TOO_MANY_OPEN_FILES then
    for _ = 1, ROUNDS do collect() end
    process = host.command_start(vm, command, #command, pipe, file_cell)
  end
  if process == -TRY_AGAIN then error(name .. ': ' .. text_of(TRY_AGAIN), 3) end
  return process
end

function os.execute(command)
  if command == nil then return 1 end
  local process = start('os.execute', command_of('execute', command), NO_PIPE)
  if process < 0 then return -1 end
  return host.command_wait(vm, process)
end

-- The commands behind open files. A file that is dropped without close lets its command go when it is collected.
local commands = setmetatable({}, { __mode = 'k' })
local new_command = ffi.metatype('sw_command', { __gc = function(command) host.command_release(vm, command.process) end })

function io.popen(command, mode)
  command = command_of('popen', command)
  local pipe = PIPES[mode or 'r']
  if not pipe then return explain(command, INVALID) end
  local process = start('io.popen', command, pipe)
  if process < 0 then return explain(command, -process) end

  -- A real file of the standard library, with all its methods: the pipe is opened again by its name.
  local descriptor = file_cell[0]
  local file, message, errno = open('/proc/self/fd/' .. descriptor, pipe == READ_OUTPUT and 're' or 'we')
  C.sw_close_file(descriptor)
  if not file then
    host.command_wait(vm, process)
    return nil, command .. ': ' .. message, errno
  end
  commands[file] = new_command(process)
  return file
end

local methods = getmetatable(stdout)
local close_file, close_default = methods.close, io.close

local function close_command(file, command)
  commands[file] = nil
  local ok, message, errno = close_file(file)   -- first: a command that reads sees the end of its input
  local process = command.process
  ffi.gc(command, nil)
  host.command_wait(vm, process)
  if not ok then return ok, message, errno end
  return true
end

function methods.close(file)
  local command = commands[file]
  if command then return close_command(file, command) end
  return close_file(file)
end

function io.close(...)
  local command = commands[(...)]
  if command then return close_command((...), command) end
  return close_default(...)
end
