-- T.async on a lane: hands work to the slow path and takes results back. docs/t-async.md is the contract.
local ffi, call, host, views, settings, transfer, engine = ...

local type, tonumber, tostring, error, pcall, ipairs, setmetatable, floor = type, tonumber, tostring, error, pcall, ipairs, setmetatable, math.floor
local dump, getinfo = string.dump, debug.getinfo
local vm = call.vm

local CAT, COPY, REMOVE, COPYBUFFER, SCHEDULE, MOVE, HASH = 1, 2, 3, 4, 5, 6, 7
local DATA_NIL, DATA_STRING, DATA_ENCODED = 0, 1, 2
local WANTS_RESULT = 16 -- added to the kind of data: the lane wants to hear of the end of the task
local NONE = -1 -- no position; the usual time-out
local NO_SLOT = 0 -- nobody waits for the result
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
    return host.submit(vm, kind, fields, NONE, 0, 0, 0, NO_SLOT)
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
  return host.submit(vm, REMOVE, fields, NONE, 0, 0, 0, NO_SLOT)
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
  return host.submit(vm, COPYBUFFER, fields, at, 0, 0, 0, NO_SLOT)
end

-- schedule --------------------------------------------------------------------------------------------------------------------------

-- A function without upvalues is the same for every task: its code goes to the workers once and is then a number. Most scripts make a
-- new closure for each task from one piece of source, so the code itself is the key; the closure is only a shortcut to it. The host takes a
-- limited number (and gives 0 then): the code of the others travels with their tasks.
local code_of_function = setmetatable({}, { __mode = 'k' })
local code_of_dump = {}

-- A function with upvalues travels with its task; only the place where it was written is kept, for messages.
local place_of_line = {}

local function place_of(line)
  local place = place_of_line[line]
  if not place then
    place = host.intern_code(vm, '', 0, line)
    if place ~= 0 then place_of_line[line] = place end
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
    if code == 0 then return nil, place_of(info.linedefined) end
    code_of_dump[text] = code
  end
  code_of_function[f] = code
  return code
end

-- What waits for its result: the block's functions and data in a slot, whose number travels with the task. So a result finds its place
-- without a search, and leaves no garbage: a slot is used again, and the arrays are as long as the most tasks that ever waited at once.
-- Free slots form a chain.
local onresult_of, onerror_of, data_of, next_free = {}, {}, {}, {}
local first_free, slots = 0, 0
local NIL = {} -- an array with holes would become a slow one

local function remember(onresult, onerror, data)
  local slot = first_free
  if slot == 0 then
    slot = slots + 1
    slots = slot
  else
    first_free = next_free[slot]
  end
  next_free[slot] = 0
  onresult_of[slot], onerror_of[slot] = onresult or false, onerror or false
  if data == nil then data_of[slot] = NIL else data_of[slot] = data end
  return slot
end

local function forget(slot)
  onresult_of[slot], onerror_of[slot], data_of[slot] = false, false, false
  next_free[slot] = first_free
  first_free = slot
end

-- Submits what has been put, and keeps what its result is delivered with.
local function submit_and_wait(kind, number, code, data_kind, retries, onresult, onerror, data)
  local slot = remember(onresult, onerror, data)
  local id = host.submit(vm, kind, fields, number, code, data_kind + WANTS_RESULT, retries, slot)
  if id == 0 then forget(slot) end -- refused
  return id
end

local function check_field(value, name, expected)
  if type(value) ~= expected then raise("bad argument #1 to 'schedule' (%s must be a %s, got %s)", name, expected, type(value)) end
end

local function check_range(name, value, most, what, step)
  if not (value >= 0 and value <= most and (step == nil or value % step == 0)) then
    raise("bad argument #1 to 'schedule' (%s must be %s from 0 to %d, got %s)", name, what, most, value)
  end
end

function async.schedule(first, second)
  local block = first
  if first == async then block = second end
  if type(block) ~= 'table' then bad_argument(1, 'schedule', 'table', block) end
  local onexecute, onresult, onerror = block.onexecute, block.onresult, block.onerror
  local key, name, timeout, retries = block.key, block.name, block.timeout, block.retries
  if type(onexecute) ~= 'function' then
    raise("bad argument #1 to 'schedule' (onexecute must be a function, got %s)", type(onexecute))
  end
  if onresult ~= nil then check_field(onresult, 'onresult', 'function') end
  if onerror ~= nil then check_field(onerror, 'onerror', 'function') end
  if key ~= nil then check_field(key, 'key', 'string') end
  if name ~= nil then check_field(name, 'name', 'string') end
  if timeout ~= nil then
    check_field(timeout, 'timeout', 'number')
    check_range('timeout', timeout, MAXIMUM_TIMEOUT, 'seconds')
  end
  if retries ~= nil then
    check_field(retries, 'retries', 'number')
    check_range('retries', retries, MAXIMUM_RETRIES, 'a whole number', 1)
  end

  local data, data_kind, data_text = block.data, DATA_STRING, ''
  if type(data) == 'string' then data_text = data
  elseif data == nil then data_kind = DATA_NIL
  elseif type(data) == 'number' then
    data = tostring(data)
    data_text = data
  else
    data_kind, data_text = DATA_ENCODED, transfer.encode(data, 'data of schedule cannot cross to a worker')
  end

  local code, place = code_of(onexecute)
  local blob = ''
  if not code then code, blob = place, transfer.encode_function(onexecute, 'onexecute') end

  put(0, key or '')
  put(1, name or '')
  put(2, data_text)
  put(3, blob)
  if onresult == nil and onerror == nil then
    return host.submit(vm, SCHEDULE, fields, timeout or NONE, code, data_kind, retries or 0, NO_SLOT)
  end
  return submit_and_wait(SCHEDULE, timeout or NONE, code, data_kind, retries or 0, onresult, onerror, data)
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
  return submit_and_wait(HASH, NONE, 0, DATA_STRING, 0, onresult, onerror, file)
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

local function deliver_one()
  local slot = call.slot
  if slot == NO_SLOT then return end -- another process waited for it
  local onresult, onerror, data = onresult_of[slot], onerror_of[slot], data_of[slot]
  forget(slot)
  if data == NIL then data = nil end
  local kind = call.result_kind
  if kind == RESULT_NONE then return end
  local result = ffi.string(call.data.data, call.data.length)
  if kind == RESULT_ERROR then
    if onerror then onerror(engine, data, result) end
    return
  end
  if kind == RESULT_ENCODED then result = transfer.decode(result) end
  if onresult then onresult(engine, data, result) end
end

--- Called by the lane between two packets, with a finished task of this VM. The ones that follow are asked for from here, since entering
--- the VM costs more than most results do; an error ends the call, and the lane enters again.
function views.deliver()
  repeat deliver_one() until host.next_result(vm) == 0
end

return async
