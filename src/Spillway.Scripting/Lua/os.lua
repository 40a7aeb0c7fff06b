-- os.execute without system(3), which makes the whole process deaf to Ctrl-C (SIGINT and SIGQUIT are ignored) while its command runs.
-- The result is the same: the status of waitpid(2). The command's standard input is empty; the program may be reading a capture from its own.
local ffi = ...

-- Under names of our own: a script may declare popen itself, with its own types.
ffi.cdef [[
void* sw_popen(const char* command, const char* mode) __asm__("popen");
int sw_pclose(void* stream) __asm__("pclose");
]]

local C, type, error = ffi.C, type, error

function os.execute(command)
  if command == nil then return 1 end
  if type(command) == 'number' then command = tostring(command) end
  if type(command) ~= 'string' then error("bad argument #1 to 'execute' (string expected, got " .. type(command) .. ')', 2) end
  local stream = C.sw_popen(command, 'w')
  if stream == nil then return -1 end
  return C.sw_pclose(stream)
end
