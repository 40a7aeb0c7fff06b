-- T.async on a lane: hands work to the slow path and takes results back (spec of T.async, sections 1 to 5).
local ffi, call, host, views, settings, transfer, engine = ...

local type, tonumber, tostring, error, setmetatable, floor = type, tonumber, tostring, error, setmetatable, math.floor
local dump, getinfo = string.dump, debug.getinfo
local vm = call.vm

local CAT, COPY, REMOVE, COPYBUFFER, SCHEDULE = 1, 2, 3, 4, 5
local DATA_NIL, DATA_STRING, DATA_ENCODED = 0, 1, 2
local WANTS_RESULT = 16 -- added to the kind of data: the lane wants to hear of the end of the task
local NOT_POSITIONED = -1

local async = {}
local buffer_type = views.buffer_type

local fields = ffi.new('sw_bytes[5]')
local function put(i, text)
  local f = fields[i]
  f.data, f.length = ffi.cast('const uint8_t*', text), #text
end

-- Raises at the line of the script that called: past all functions of ours.
local function raise(message, ...)
  local level = 2
  while true do
    local info = getinfo(level, 'S')
    if not info or not info.source:find('^=%(spillway') then break end
    level = level + 1
  end
  error(message:format(...), level)
end

local function bad_argument(n, name, expected, value)
  raise("bad argument #%d to '%s' (%s expected, got %s)", n, name, expected, value == nil and 'nil' or type(value))
end

local function check_path(n, name, value)
  if type(value) ~= 'string' then bad_argument(n, name, 'string', value) end
  if value == '' then raise("bad argument #%d to '%s' (a path is empty)", n, name) end
  if value:find('\0', 1, true) then raise("bad argument #%d to '%s' (a path holds a zero byte)", n, name) end
end

local function file_operation(kind, name)
  return function(first, second, third)
    local from, to = first, second
    if first == async then from, to = second, third end
    check_path(1, name, from)
    check_path(2, name, to)
    put(0, from)
    put(1, to)
    return host.submit(vm, kind, fields, NOT_POSITIONED, 0, 0)
  end
end

async.cat = file_operation(CAT, 'cat')
async.copy = file_operation(COPY, 'copy')
async.cp = async.copy

function async.rm(first, second)
  local path = first
  if first == async then path = second end
  check_path(1, 'rm', path)
  put(0, path)
  put(1, '')
  return host.submit(vm, REMOVE, fields, NOT_POSITIONED, 0, 0)
end

function async.copybuffer(first, second, third, fourth)
  local buffer, path, position = first, second, third
  if first == async then buffer, path, position = second, third, fourth end
  local f = fields[2]
  if type(buffer) == 'string' then
    f.data, f.length = ffi.cast('const uint8_t*', buffer), #buffer
  elseif ffi.istype(buffer_type, buffer) then
    f.data, f.length = buffer.p, buffer:size()
  else
    bad_argument(1, 'copybuffer', 'Buffer or string', buffer)
  end
  check_path(2, 'copybuffer', path)
  local at = NOT_POSITIONED
  if position ~= nil then
    at = tonumber(position)
    if not at then bad_argument(3, 'copybuffer', 'number', position) end
    if not (at >= 0 and at < 2 ^ 53) then raise "bad argument #3 to 'copybuffer' (position out of range)" end
    at = floor(at)
  end
  put(0, path)
  put(1, '')
  return host.submit(vm, COPYBUFFER, fields, at, 0, 0)
end

-- schedule --------------------------------------------------------------------------------------------------------------------------

-- A function without upvalues is the same for every task: its code goes to the workers once and is then a number. Most scripts make a
-- new closure for each task from one piece of source, so the code itself is the key; the closure is only a shortcut to it.
local code_of_function = setmetatable({}, { __mode = 'k' })
local code_of_dump = {}

local function code_of(f)
  local code = code_of_function[f]
  if code then return code end
  if getinfo(f, 'u').nups ~= 0 then return nil end
  local ok, text = pcall(dump, f)
  if not ok then raise "bad argument #1 to 'schedule' (onexecute must be a Lua function)" end
  code = code_of_dump[text]
  if not code then
    code = host.intern_code(vm, text, #text)
    code_of_dump[text] = code
  end
  code_of_function[f] = code
  return code
end

-- What waits for its result: task id -> the block's onresult and data.
local waiting = {}
views.waiting = waiting

local OPTIONAL_TYPES = { onresult = 'function', onerror = 'function', key = 'string', name = 'string', timeout = 'number', retries = 'number' }

local function check_block(block)
  if type(block) ~= 'table' then bad_argument(1, 'schedule', 'table', block) end
  if type(block.onexecute) ~= 'function' then
    raise("bad argument #1 to 'schedule' (onexecute must be a function, got %s)", type(block.onexecute))
  end
  for name, expected in pairs(OPTIONAL_TYPES) do
    local value = block[name]
    if value ~= nil and type(value) ~= expected then
      raise("bad argument #1 to 'schedule' (%s must be a %s, got %s)", name, expected, type(value))
    end
  end
end

function async.schedule(first, second)
  local block = first
  if first == async then block = second end
  check_block(block)

  local data, data_kind, data_text = block.data, DATA_STRING, ''
  if type(data) == 'string' then data_text = data
  elseif data == nil then data_kind = DATA_NIL
  elseif type(data) == 'number' then
    data = tostring(data)
    data_text = data
  else
    data_kind, data_text = DATA_ENCODED, transfer.encode(data, 'data of schedule cannot cross to a worker')
  end

  local code, blob = code_of(block.onexecute), ''
  if not code then code, blob = 0, transfer.encode_function(block.onexecute, 'onexecute') end

  local key, name = block.key or '', block.name or ''
  put(0, key)
  put(1, name)
  put(2, data_text)
  put(3, blob)
  local wanted = block.onresult ~= nil or block.onerror ~= nil
  local id = host.submit(vm, SCHEDULE, fields, NOT_POSITIONED, code, wanted and data_kind + WANTS_RESULT or data_kind)
  if wanted and id > 0 then
    waiting[id] = { onresult = block.onresult, onerror = block.onerror, data = data }
  end
  return id
end

function async.pending_items() return host.pending(vm) end

-- Re-entry --------------------------------------------------------------------------------------------------------------------------

local RESULT_NONE, RESULT_STRING, RESULT_ENCODED, RESULT_ERROR = 0, 1, 2, 3

--- Called by the lane between two packets, once for each finished task of this VM.
function views.deliver()
  local id = tonumber(call.task)
  local task = waiting[id]
  if not task then return end
  waiting[id] = nil
  local kind = call.result_kind
  if kind == RESULT_NONE then return end
  local result = ffi.string(call.data.data, call.data.length)
  if kind == RESULT_ERROR then
    if task.onerror then task.onerror(engine, task.data, result) end
    return
  end
  if kind == RESULT_ENCODED then result = transfer.decode(result) end
  if task.onresult then task.onresult(engine, task.data, result) end
end

return async
