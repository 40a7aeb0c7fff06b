-- T.async on a lane: hands work to the slow path and takes results back. docs/t-async.md is the contract.
local ffi, call, host, views, settings, transfer, engine = ...

local type, tonumber, tostring, error, pcall, ipairs, setmetatable, floor = type, tonumber, tostring, error, pcall, ipairs, setmetatable, math.floor
local dump, getinfo = string.dump, debug.getinfo
local band = bit.band
local vm = call.vm

local CAT, COPY, REMOVE, COPYBUFFER, SCHEDULE, MOVE, HASH = 1, 2, 3, 4, 5, 6, 7
local DATA_NIL, DATA_STRING, DATA_ENCODED = 0, 1, 2
local WANTS_RESULT = 16 -- added to the kind of data: the lane wants to hear of the end of the task
local NONE = -1 -- no position; the usual time-out
local MAXIMUM_TIMEOUT, MAXIMUM_RETRIES = 7 * 86400, 100

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
    return host.submit(vm, kind, fields, NONE, 0, 0, 0)
  end
end

async.cat = file_operation(CAT, 'cat')
async.copy = file_operation(COPY, 'copy')
async.cp = async.copy
async.move = file_operation(MOVE, 'move')

function async.rm(first, second)
  local path = first
  if first == async then path = second end
  check_path(1, 'rm', path)
  put(0, path)
  put(1, '')
  return host.submit(vm, REMOVE, fields, NONE, 0, 0, 0)
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
  local at = NONE
  if position ~= nil then
    at = tonumber(position)
    if not at then bad_argument(3, 'copybuffer', 'number', position) end
    if not (at >= 0 and at < 2 ^ 53) then raise "bad argument #3 to 'copybuffer' (position out of range)" end
    at = floor(at)
  end
  put(0, path)
  put(1, '')
  return host.submit(vm, COPYBUFFER, fields, at, 0, 0, 0)
end

-- schedule --------------------------------------------------------------------------------------------------------------------------

-- A function without upvalues is the same for every task: its code goes to the workers once and is then a number. Most scripts make a
-- new closure for each task from one piece of source, so the code itself is the key; the closure is only a shortcut to it.
local code_of_function = setmetatable({}, { __mode = 'k' })
local code_of_dump = {}

-- A function with upvalues travels with its task; only the place where it was written is kept, for messages.
local place_of_line = {}

local function place_of(line)
  local place = place_of_line[line]
  if not place then
    place = host.intern_code(vm, '', 0, line)
    place_of_line[line] = place
  end
  return place
end

local function code_of(f)
  local code = code_of_function[f]
  if code then return code end
  local info = getinfo(f, 'uS')
  if info.nups ~= 0 then return nil, place_of(info.linedefined) end
  local ok, text = pcall(dump, f)
  if not ok then raise "bad argument #1 to 'schedule' (onexecute must be a Lua function)" end
  code = code_of_dump[text]
  if not code then
    code = host.intern_code(vm, text, #text, info.linedefined)
    code_of_dump[text] = code
  end
  code_of_function[f] = code
  return code
end

-- What waits for its result, by task id: the block's onresult and data. Ids rise one by one, and LuaJIT's tables spread such keys badly:
-- a table by id would spend more time on collisions than the task takes. So this is an array of short chains that never grows.
local SLOTS = 4096
local waiting = {}
for slot = 1, SLOTS do waiting[slot] = false end

local function remember(id, onresult, onerror, data)
  local slot = band(id, SLOTS - 1) + 1
  waiting[slot] = { id = id, following = waiting[slot], onresult = onresult, onerror = onerror, data = data }
end

local function recall(id)
  local slot = band(id, SLOTS - 1) + 1
  local before, task = nil, waiting[slot]
  while task and task.id ~= id do before, task = task, task.following end
  if not task then return nil end
  if before then before.following = task.following else waiting[slot] = task.following end
  return task
end

local function check_field(call_name, block, name, expected)
  local value = block[name]
  if value ~= nil and type(value) ~= expected then
    raise("bad argument #1 to '%s' (%s must be a %s, got %s)", call_name, name, expected, type(value))
  end
end

local function check_range(name, value, most, what, step)
  if not (value >= 0 and value <= most and (step == nil or value % step == 0)) then
    raise("bad argument #1 to 'schedule' (%s must be %s from 0 to %d, got %s)", name, what, most, value)
  end
end

local function check_block(block)
  if type(block) ~= 'table' then bad_argument(1, 'schedule', 'table', block) end
  if type(block.onexecute) ~= 'function' then
    raise("bad argument #1 to 'schedule' (onexecute must be a function, got %s)", type(block.onexecute))
  end
  check_field('schedule', block, 'onresult', 'function')
  check_field('schedule', block, 'onerror', 'function')
  check_field('schedule', block, 'key', 'string')
  check_field('schedule', block, 'name', 'string')
  check_field('schedule', block, 'timeout', 'number')
  check_field('schedule', block, 'retries', 'number')
  if block.timeout then check_range('timeout', block.timeout, MAXIMUM_TIMEOUT, 'seconds') end
  if block.retries then check_range('retries', block.retries, MAXIMUM_RETRIES, 'a whole number', 1) end
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

  local code, place = code_of(block.onexecute)
  local blob = ''
  if not code then code, blob = place, transfer.encode_function(block.onexecute, 'onexecute') end

  local key, name = block.key or '', block.name or ''
  put(0, key)
  put(1, name)
  put(2, data_text)
  put(3, blob)
  local wanted = block.onresult ~= nil or block.onerror ~= nil
  local id = host.submit(vm, SCHEDULE, fields, block.timeout or NONE, code, wanted and data_kind + WANTS_RESULT or data_kind, block.retries or 0)
  if wanted and id > 0 then
    remember(id, block.onresult, block.onerror, data)
  end
  return id
end

-- hash ------------------------------------------------------------------------------------------------------------------------------

local ALGORITHMS = { md5 = true, sha1 = true, sha256 = true }

--- hash(file, algorithm, onresult [, onerror]), or hash { file = , algorithm = , onresult = , onerror = }.
function async.hash(first, ...)
  local file, algorithm, onresult, onerror = first, ...
  if first == async then file, algorithm, onresult, onerror = ... end
  if type(file) == 'table' then
    local block = file
    file, algorithm, onresult, onerror = block.file, block.algorithm, block.onresult, block.onerror
  end
  check_path(1, 'hash', file)
  if not ALGORITHMS[algorithm] then raise("bad argument #2 to 'hash' ('md5', 'sha1' or 'sha256' expected, got %s)", tostring(algorithm)) end
  if type(onresult) ~= 'function' then bad_argument(3, 'hash', 'function', onresult) end
  if onerror ~= nil and type(onerror) ~= 'function' then bad_argument(4, 'hash', 'function', onerror) end
  put(0, file)
  put(1, algorithm)
  local id = host.submit(vm, HASH, fields, NONE, 0, DATA_STRING + WANTS_RESULT, 0)
  if id > 0 then remember(id, onresult, onerror, file) end
  return id
end

-- Figures ---------------------------------------------------------------------------------------------------------------------------

function async.pending_items() return host.pending(vm) end

local figures = ffi.new('sw_async_figures')

--- What the plugin's tasks and workers did so far. Times are in seconds.
function async.stats()
  host.statistics(vm, figures)
  local s = { wait = { p50 = figures.wait_p50, p99 = figures.wait_p99, max = figures.wait_max },
    run = { p50 = figures.run_p50, p99 = figures.run_p99, max = figures.run_max } }
  for _, name in ipairs { 'submitted', 'completed', 'failed', 'timed_out', 'retried', 'spilled', 'dropped', 'pending', 'workers' } do
    s[name] = figures[name]
  end
  return s
end

-- Re-entry --------------------------------------------------------------------------------------------------------------------------

local RESULT_NONE, RESULT_STRING, RESULT_ENCODED, RESULT_ERROR = 0, 1, 2, 3

--- Called by the lane between two packets, once for each finished task of this VM.
function views.deliver()
  local id = tonumber(call.task)
  local task = recall(id)
  if not task then return end
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
