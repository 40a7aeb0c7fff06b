-- The worker's side of one ring: takes task after task out of it, and puts what comes of them. Its name keeps the
-- interrupt out of it (LuaState.Interrupt.cs): that comes in the task's own code only.
-- A task stays where the ring is read until its result is in: whatever raises before belongs to it, and the host takes it out.
local ffi, call, host, rings, worker = ...

local type, tostring, loadstring = type, tostring, loadstring
local band, tobit = bit.band, bit.tobit
local vm = call.vm
local ring, run = ffi.cast('sw_ring*', call.ring), ffi.cast('sw_run*', call.run)
local load, store, publish, release = rings.load, rings.store, rings.publish, rings.release
local spin, stamp = rings.spin, rings.stamp
local finish_times = rings.finish
local tail, done = rings.word(ring, 'sw_ring', 'tail'), rings.word(ring, 'sw_ring', 'done')
local running = rings.word(run, 'sw_run', 'running')
local times = ffi.cast('int64_t*', run)
local bytes_p, record_p = ffi.typeof 'uint8_t*', ffi.typeof 'sw_record*'
local PLAIN, JUMP, HEAD = rings.PLAIN, rings.JUMP, rings.HEAD
local PLACES = 0x3fffffff -- a task's place in the ring, as a number from 1 on
local DATA_NIL, DATA_ENCODED = 0, 2
local RESULT_NONE, RESULT_STRING, RESULT_ENCODED = 0, 1, 2
local transfer = worker.transfer

-- Why the loop was left (WorkerScript.cs).
local GO_ON, EMPTY, OTHER_CODE, STOPPED, LEAVE, SLOW = 0, 1, 2, 3, 4, 5
local PAUSES = 10

-- Begins the next task, if this is its code.
local function take(code)
  local r = ring.read_at
  if r.kind == JUMP then
    host.ring_follow(vm)
    r = ring.read_at
  end
  if r.code ~= code then return false end
  ring.stamp = r.stamp
  store(running, band(ring.read, PLACES) + 1)
  local kind, n, bytes = band(r.data_kind, 15), r.length, ffi.cast(bytes_p, r) + HEAD
  local blob = call.blob
  blob.data, blob.length = bytes + band(n + 7, -8), r.blob
  if kind == DATA_NIL then return true, nil end
  local text = ffi.string(bytes, n)
  if kind == DATA_ENCODED then text = transfer.decode(text) end
  return true, text
end

-- Ends it, unless it was asked to stop, and publishes what it gave.
local function put(kind, text)
  if release(running, band(ring.read, PLACES) + 1) ~= band(ring.read, PLACES) + 1 then return STOPPED end
  local n = #text
  local size = band(HEAD + n + 7, -8)
  local w = ring.out_at
  local past = ffi.cast(bytes_p, w) + size
  if past > ring.out_end then
    host.ring_room(vm, size)
    w = ring.out_at
    past = ffi.cast(bytes_p, w) + size
  end
  local r = ring.read_at
  local next_out, next_read = ffi.cast(record_p, past), ffi.cast(record_p, ffi.cast(bytes_p, r) + r.size)
  ffi.copy(ffi.cast(bytes_p, w) + HEAD, text, n)
  w.size, w.kind, w.code, w.slot, w.client, w.data_kind = size, PLAIN, r.code, r.slot, r.client, kind
  w.length, w.blob, w.id = n, 0, r.id
  local flags = finish_times(times, r.stamp)
  local count = tobit(ring.out + 1)
  ring.out_at = next_out
  ring.out = count
  ring.succeeded = ring.succeeded + 1
  ring.read_at = next_read
  ring.read = tobit(ring.read + 1)
  publish(done, count)
  if ring.waiting ~= 0 then host.ring_tell(vm) end
  if flags == 0 and ring.leave == 0 then return GO_ON end
  return band(flags, 1) ~= 0 and SLOW or LEAVE
end

local function finish(result)
  local kind = type(result)
  if kind == 'string' then return put(RESULT_STRING, result) end
  if kind == 'number' then return put(RESULT_STRING, tostring(result)) end
  if kind == 'nil' then return put(RESULT_NONE, '') end
  return put(RESULT_ENCODED, transfer.encode(result, 'the result of onexecute cannot cross to the lane'))
end

-- Each code has a loop of its own, with prototypes of its own: one that cannot be compiled spoils no other's, and the call is to a
-- constant.
local LOOP = [[
local f, code, take, finish, function_of_task, ring, times, tail, load, spin, stamp, PAUSES = ...
return function()
  local seen = load(tail)
  while true do
    if ring.read == seen then
      seen = spin(tail, seen, PAUSES)
      if ring.read == seen then return 1 end
      stamp(times)
    end
    local mine, data = take(code)
    if not mine then return 2 end
    local why = finish((FUNCTION(data)))
    if why ~= 0 then return why end
  end
end]]
local CONSTANT, EACH = LOOP:gsub('FUNCTION', 'f'), LOOP:gsub('FUNCTION', 'function_of_task(code)')

local loops, count = {}, 0
local MOST_LOOPS = 1024

local function loop_of(code)
  local entry = worker.entry_of(code)
  local text = entry.upvalues == 0 and CONSTANT or EACH
  local make = loadstring(text, '=(spillway ring)')
  local loop = make(entry.f, code, take, finish, worker.function_of_task, ring, times, tail, load, spin, stamp, PAUSES)
  if count == MOST_LOOPS then loops, count = {}, 0 end
  loops[code] = loop
  count = count + 1
  return loop
end

local function next_code()
  if ring.read == load(tail) then return nil end
  local r = ring.read_at
  if r.kind == JUMP then
    host.ring_follow(vm)
    r = ring.read_at
  end
  return r.code
end

-- Works until there is nothing, or others may wait; says why it has left.
return function()
  while true do
    local code = next_code()
    if code == nil then return EMPTY end
    local why = (loops[code] or loop_of(code))()
    if why ~= OTHER_CODE then
      if why == SLOW then call.code = code end
      return why
    end
  end
end
