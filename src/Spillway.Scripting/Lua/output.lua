-- print, io.write and the standard files. All that a script says goes through the host: it knows where that belongs (with --json and --eve -
-- standard output has nothing else), makes room for it on a terminal, and keeps the order of the calls.
local host, vm = ...

local type, tostring, select, error, concat = type, tostring, select, error, table.concat
local stdout, stderr, output = io.stdout, io.stderr, io.output
local methods = getmetatable(stdout)
local write_file, flush_file = methods.write, methods.flush
local WRITTEN = write_file(stdout)   -- what this LuaJIT gives for success: true, or the file

function _G.print(...)
  local n = select('#', ...)
  local texts = { ... }
  for i = 1, n do texts[i] = tostring(texts[i]) end
  local line = concat(texts, '\t', 1, n) .. '\n'
  host.print(vm, line, #line)
end

-- As the standard function has it: strings and numbers, and nothing is written of what follows a wrong value.
local function write_standard(put, level, ...)
  local n = select('#', ...)
  local texts = { ... }
  for i = 1, n do
    local kind = type(texts[i])
    if kind == 'number' then
      texts[i] = tostring(texts[i])
    elseif kind ~= 'string' then
      local before = concat(texts, '', 1, i - 1)
      put(vm, before, #before)
      error(("bad argument #%d to 'write' (string expected, got %s)"):format(i, texts[i] == nil and 'nil' or kind), level + 1)
    end
  end
  local text = concat(texts, '', 1, n)
  if text ~= '' then put(vm, text, #text) end
  return WRITTEN == true or nil
end

function methods.write(file, ...)
  if file == stdout then return write_standard(host.print, 2, ...) or file end
  if file == stderr then return write_standard(host.print_error, 2, ...) or file end
  return write_file(file, ...)
end

function methods.flush(file)
  if file == stdout then host.flush(vm) end
  return flush_file(file)
end

function io.write(...)
  local file = output()
  if file == stdout then return write_standard(host.print, 2, ...) or file end
  if file == stderr then return write_standard(host.print_error, 2, ...) or file end
  return write_file(file, ...)
end

function io.flush() return methods.flush(output()) end
