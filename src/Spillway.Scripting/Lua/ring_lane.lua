-- The lane's side of a ring: tasks in, results out. Loaded when a script schedules its first task. Its name
-- keeps the interrupt out of it (LuaState.Interrupt.cs), so that no record is left half written: it comes as soon as the script's code runs
-- again.
-- Nothing is allocated between the first word that is written and the last.
local ffi, call, host, rings, slots, engine, transfer = ...

local band, tobit = bit.band, bit.tobit
local vm = call.vm
local ring, account = ffi.cast('sw_ring*', call.ring), ffi.cast('sw_account*', call.account)
local load, publish, late = rings.load, rings.publish, rings.late
local tail, done = rings.word(ring, 'sw_ring', 'tail'), rings.word(ring, 'sw_ring', 'done')
local stamp = rings.stamp
local bytes_p, record_p, stamp_p = ffi.typeof 'uint8_t*', ffi.typeof 'sw_record*', ffi.typeof 'int64_t*'
local deadline = ffi.cast('const int64_t*', rings.word(ring, 'sw_ring', 'deadline'))
local PLAIN, JUMP, HEAD = rings.PLAIN, rings.JUMP, rings.HEAD
local LARGEST = 16384 -- TaskRing.MaxTaskBytes
local RESULT_NONE, RESULT_STRING, RESULT_ENCODED = 0, 1, 2
local WANTS_RESULT, NO_SLOT = 16, 0 -- as in async.lua
local remember, forget, onresult_of, data_of, NIL = slots.remember, slots.forget, slots.onresult_of, slots.data_of, slots.NIL

-- Puts a task: the function's number, its data, and `length` bytes of upvalues at `blob`, a string or memory. Returns the task's number;
-- 0 if it has to go the other way.
local function put(code, data, data_kind, blob, length, slot)
  if ring.open == 0 or account.leased ~= 0 then return 0 end
  local n = #data
  if n + length > LARGEST then return 0 end
  local first = band(n + 7, -8)
  local size = band(HEAD + first + length + 7, -8)
  local r = ring.put_at
  local past = ffi.cast(bytes_p, r) + size
  if past > ring.put_end then
    if host.ring_grow(vm) == 0 then return 0 end
    r = ring.put_at
    past = ffi.cast(bytes_p, r) + size
  end
  local ids = ring.ids
  if ids[0] == ids[1] then host.ring_ids(vm) end
  local id = ids[0] + 1
  local bytes = ffi.cast(bytes_p, r) + HEAD
  local next_at = ffi.cast(record_p, past)
  ffi.copy(bytes, data, n)
  if length ~= 0 then ffi.copy(bytes + first, blob, length) end
  r.size, r.kind, r.code, r.slot, r.client, r.data_kind = size, PLAIN, code, slot, account.client, data_kind
  r.length, r.blob, r.id = n, length, id
  stamp(ffi.cast(stamp_p, bytes) - 1)
  ids[0] = id
  account.submitted = account.submitted + 1
  local count = tobit(ring.put + 1)
  ring.put_at = next_at
  ring.put = count
  publish(tail, count)
  if ring.asleep ~= 0 then host.ring_wake(vm) end
  return id
end

-- Code is known in the ring by another number than to this state: one that is the same for all states of a plugin.
local ring_code_of = {}

local function ring_code(number)
  local code = host.ring_code(vm, number)
  ring_code_of[number] = code
  return code
end

local function submit(number, data, data_kind, blob, length, onresult, onerror, kept)
  local code = ring_code_of[number] or ring_code(number)
  if onresult == nil and onerror == nil then return put(code, data, data_kind, blob, length, NO_SLOT) end
  local slot = remember(onresult, onerror, kept)
  local id = put(code, data, data_kind + WANTS_RESULT, blob, length, slot)
  if id == 0 then forget(slot) end
  return id
end

-- Takes the next result, if it is this script's: its slot, kind and bytes.
local function take()
  local r = ring.take_at
  if r.kind == JUMP then
    host.ring_follow(vm)
    r = ring.take_at
  end
  if r.kind ~= PLAIN or r.client ~= account.client then return nil end
  local slot, kind, text = r.slot, r.data_kind, ''
  if slot ~= 0 then text = ffi.string(ffi.cast(bytes_p, r) + HEAD, r.length) end
  local next_at = ffi.cast(record_p, ffi.cast(bytes_p, r) + r.size)
  account.delivering = 1
  ring.take_at = next_at
  ring.take = tobit(ring.take + 1)
  return slot, kind, text
end

-- The place of a slot is free before its function is called, as it may raise.
local function open_slot(slot)
  local onresult, data = onresult_of[slot], data_of[slot]
  forget(slot)
  account.calls = account.calls + 1
  call.generation = call.generation + 2 -- views of the result before are dead
  if data == NIL then data = nil end
  return onresult, data
end

local function complete()
  account.completed = account.completed + 1
  account.delivering = 0
end

local function deliver()
  local seen = load(done)
  repeat
    if ring.take == seen then
      seen = load(done)
      if ring.take == seen then return end
    end
    local slot, kind, text = take()
    if slot == nil then return end
    if slot ~= 0 then
      local onresult, data = open_slot(slot)
      if kind ~= RESULT_NONE then
        if kind == RESULT_ENCODED then text = transfer.decode(text) end
        if onresult then onresult(engine, data, text) end
      end
    end
    complete()
  until late(deadline) ~= 0
end

return submit, deliver
