-- T.async on a lane: hands work to the slow path and takes results back. docs/t-async.md is the contract.
local ffi, call, host, views, settings, transfer, engine, prototypes, make_ring = ...

local type, tonumber, tostring, error, ipairs, floor = type, tonumber, tostring, error, ipairs, math.floor
local getinfo, getupvalue, band = debug.getinfo, debug.getupvalue, bit.band
local vm = call.vm

local CAT, COPY, REMOVE, COPYBUFFER, SCHEDULE, MOVE, HASH, SCAN = 1, 2, 3, 4, 5, 6, 7, 8
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

-- The code of a function goes to the workers once and is then a number, whatever closure it comes in: most scripts make a new one for each
-- task. The host takes a limited number (and gives 0 then): the code of the others travels with their tasks, and of them only the place
-- where they were written is kept, for messages.
local prototype_of = prototypes.of
local number_of_code, place_of_line = {}, {}

local function intern(prototype)
  local number = number_of_code[prototype.code]
  if not number then
    number = host.intern_code(vm, prototype.code, #prototype.code, prototype.line)
    if number ~= 0 then number_of_code[prototype.code] = number end
  end
  prototype.number = number
  return number
end

local function place_of(line)
  local place = place_of_line[line]
  if not place then
    place = host.intern_code(vm, '', 0, line)
    if place ~= 0 then place_of_line[line] = place end
  end
  return place
end

-- Upvalues travel with each task. nil, booleans, numbers and strings are put as they are: a word that says what it is, one with the length,
-- and the bytes, each at a multiple of 8. Where there is any other value, all are encoded. The first byte tells the worker which it is.
local UPVALUES_PLAIN = 80 -- 'P'; encoded: 'G' where another function shares one of them, else 'R'
local UP_NIL, UP_FALSE, UP_TRUE, UP_NUMBER, UP_STRING = 0, 1, 2, 3, 4
local KEPT_BYTES = 65536 -- room that is kept for the next task
local word_pointer, number_pointer = ffi.typeof 'int32_t*', ffi.typeof 'double*'
local room, capacity = ffi.new('uint8_t[?]', 1024), 1024

local function grow(used, wanted)
  local larger = ffi.new('uint8_t[?]', wanted)
  ffi.copy(larger, room, used)
  room, capacity = larger, wanted
end

local function put_upvalue(at, kind, length)
  local next = band(at + length + 15, -8)
  if next > capacity then grow(at, next * 2) end
  local words = ffi.cast(word_pointer, room + at)
  words[0], words[1] = kind, length
  return next
end

-- Puts one; returns where the next goes, 0 if it is not plain. What touches native memory stands in small functions of its own: they are
-- compiled even where the script's code around them cannot be (a callback that makes closures never is).
local function put_plain(at, value)
  local kind = type(value)
  if kind == 'string' then
    if #value > 2 ^ 30 then return 0 end
    local next = put_upvalue(at, UP_STRING, #value)
    ffi.copy(room + at + 8, value, #value)
    return next
  elseif kind == 'number' then
    local next = put_upvalue(at, UP_NUMBER, 8)
    ffi.cast(number_pointer, room + at + 8)[0] = value
    return next
  elseif kind == 'nil' then return put_upvalue(at, UP_NIL, 0)
  elseif kind == 'boolean' then return put_upvalue(at, value and UP_TRUE or UP_FALSE, 0)
  end
  return 0
end

-- How many bytes they take; 0 if there is a value that is not plain. The first two have no loop: one that ends so soon is not compiled.
local function put_plain_upvalues(f, count)
  if capacity > KEPT_BYTES then room, capacity = ffi.new('uint8_t[?]', 1024), 1024 end
  local _, value = getupvalue(f, 1)
  local at = put_plain(8, value)
  if count == 1 or at == 0 then return at end
  _, value = getupvalue(f, 2)
  at = put_plain(at, value)
  if count == 2 then return at end
  for i = 3, count do
    if at == 0 then return 0 end
    _, value = getupvalue(f, i)
    at = put_plain(at, value)
  end
  return at
end

-- Puts the function's upvalues, or all of it where the workers do not have its code. Returns its number, how many bytes are in `room`, and
-- what is encoded.
local function put_function(f)
  local prototype = prototype_of(f)
  if not prototype then raise "bad argument #1 to 'schedule' (onexecute must be a Lua function)" end
  local number = prototype.number or intern(prototype)
  if number == 0 then return place_of(prototype.line), 0, transfer.encode_function(f, 'onexecute'), true end
  local count = prototype.upvalues
  if count == 0 then return number, 0, '' end
  local bytes = put_plain_upvalues(f, count)
  if bytes ~= 0 then return number, bytes, '' end
  local encoded, shared = transfer.encode_upvalues(f, 'onexecute')
  return number, 0, (shared and 'G' or 'R') .. encoded
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

-- The fast way of small tasks, to one worker: see ring_lane.lua. Asked for once, with the first task. Each gives 0 if a task has to go the
-- other way.
local submit_by_ring, deliver_from_ring

local function open_ring()
  submit_by_ring = function() return 0 end
  if make_ring and host.ring_open(vm) ~= 0 then
    submit_by_ring, deliver_from_ring = make_ring {
      remember = remember, forget = forget, onresult_of = onresult_of, data_of = data_of, NIL = NIL }
  end
  return submit_by_ring
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

local function put_fields(key, name, data, bytes, blob)
  put(0, key)
  put(1, name)
  put(2, data)
  if bytes == 0 then return put(3, blob) end
  room[0] = UPVALUES_PLAIN
  local f = fields[3]
  f.data, f.length = room, bytes
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

  local code, bytes, blob, is_whole = put_function(onexecute)
  if key == nil and name == nil and timeout == nil and (retries == nil or retries == 0) and not is_whole then
    local upvalues, length = blob, #blob
    if bytes ~= 0 then
      room[0] = UPVALUES_PLAIN
      upvalues, length = room, bytes
    end
    local id = (submit_by_ring or open_ring())(code, data_text, data_kind, upvalues, length, onresult, onerror, data)
    if id ~= 0 then return id end
  end
  put_fields(key or '', name or '', data_text, bytes, blob)
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

-- scan ------------------------------------------------------------------------------------------------------------------------------

local LONGEST_SCAN = 3600
local META_NUMBER, META_TRUTH = 1, 2

-- The matches as the worker writes them: numbers of four bytes, texts with their length in front (RuleMatchFormat).
local function read_matches(text)
  local bytes, at = ffi.cast('const uint8_t*', text), 0
  local function number()
    local value = ffi.cast('const int32_t*', bytes + at)[0]
    at = at + 4
    return value
  end
  local function word()
    local length = number()
    at = at + length
    return ffi.string(bytes + at - length, length)
  end
  local matches = {}
  for i = 1, number() do
    local match = { rule = word(), namespace = word(), tags = {}, meta = {} }
    for j = 1, number() do match.tags[j] = word() end
    for _ = 1, number() do
      local name, kind, value = word(), number(), word()
      if kind == META_NUMBER then value = tonumber(value) elseif kind == META_TRUTH then value = value == 'true' end
      match.meta[name] = value
    end
    matches[i] = match
  end
  return matches
end

--- scan(file, rules, onresult [, onerror]), or scan { file = , rules = , onresult = , onerror = , timeout = }.
function async.scan(first, ...)
  local file, rules, onresult, onerror = first, ...
  if first == async then file, rules, onresult, onerror = ... end
  local timeout
  if type(file) == 'table' then
    local block = file
    file, rules, onresult, onerror, timeout = block.file, block.rules, block.onresult, block.onerror, block.timeout
  end
  check_path(1, 'scan', file)
  if type(rules) ~= 'string' then bad_argument(2, 'scan', 'string', rules) end
  if rules == '' then raise "bad argument #2 to 'scan' (there are no rules)" end
  if rules:find('\0', 1, true) then raise "bad argument #2 to 'scan' (rules hold a zero byte)" end
  if type(onresult) ~= 'function' then bad_argument(3, 'scan', 'function', onresult) end
  if onerror ~= nil and type(onerror) ~= 'function' then bad_argument(4, 'scan', 'function', onerror) end
  if timeout ~= nil and not (type(timeout) == 'number' and timeout >= 1 and timeout <= LONGEST_SCAN) then
    raise("bad argument #1 to 'scan' (timeout must be seconds from 1 to %d, got %s)", LONGEST_SCAN, tostring(timeout))
  end
  put(0, file)
  put(1, rules)
  local function deliver(lane_engine, path, text) onresult(lane_engine, path, read_matches(text)) end
  return submit_and_wait(SCAN, timeout or NONE, 0, DATA_STRING, 0, deliver, onerror, file)
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
  if call.from_ring ~= 0 then return deliver_from_ring() end
  repeat deliver_one() until host.next_result(vm) == 0
end

return async
