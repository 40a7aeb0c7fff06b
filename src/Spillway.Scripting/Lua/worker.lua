-- The VM of a worker: runs onexecute of one task after the other. It lives as long as the worker, so modules stay loaded.
local ffi, call, host, views, settings, transfer, rings, make_ring = ...

local type, tostring, error, loadstring, band = type, tostring, error, loadstring, bit.band
local setupvalue, upvaluejoin, funcinfo = debug.setupvalue, debug.upvaluejoin, require 'jit.util'.funcinfo

local RESULT_NONE, RESULT_STRING, RESULT_ENCODED = 0, 1, 2

-- Functions that were loaded once, by their numbers. Those of states that are gone are among them: when there are many, all are forgotten,
-- and what is still used is loaded from its next task.
local MOST_FUNCTIONS = 1024
local functions, count = {}, 0
local fetched = ffi.new('sw_bytes')

-- A cell for one upvalue: returns what sets it. The upvalue is assigned here, which matters: LuaJIT compiles the value of a variable that
-- no code assigns as a constant, and would not see it change.
local function cell()
  local value
  return function(new) value = new end
end

-- A function without upvalues serves all its tasks. One with upvalues does too, with the values of the task in cells, unless a function
-- that it makes could keep them beyond the task: then each task loads it anew.
local function load_function(code, of_ring)
  local found
  if of_ring then found = host.ring_text(call.vm, code, fetched) else found = host.fetch_code(call.vm, fetched) end
  if found == 0 then error('this task has no code') end
  local text = ffi.string(fetched.data, fetched.length)
  local f = loadstring(text)
  local info = funcinfo(f)
  local cells = {}
  local entry = { f = f, upvalues = info.upvalues, text = text, cells = cells, serves_all = not info.children }
  function entry.set(_, i, value) cells[i](value) end
  if entry.serves_all then
    for i = 1, info.upvalues do
      cells[i] = cell()
      upvaluejoin(f, i, cells[i], 1)
    end
  end
  if count == MOST_FUNCTIONS then functions, count = {}, 0 end
  functions[code] = entry
  count = count + 1
  return entry
end

-- What touches native memory stands in small functions, which are compiled even where the task's function cannot be.
local DATA_NIL, DATA_ENCODED = 0, 2
local UP_FALSE, UP_TRUE, UP_NUMBER, UP_STRING = 1, 2, 3, 4
local PLAIN, SHARED, REUSABLE = 80, 71, 82 -- 'P', 'G', 'R': async.lua
local word_pointer, number_pointer = ffi.typeof 'const int32_t*', ffi.typeof 'const double*'

local function code_and_form() return call.code, call.blob.length > 0 and call.blob.data[0] or 0 end
local function blob_text() return ffi.string(call.blob.data, call.blob.length) end

-- The upvalue at this place of the blob, and the place of the next.
local function plain_upvalue(at)
  local here = call.blob.data + at
  local words = ffi.cast(word_pointer, here)
  local kind, length = words[0], words[1]
  local value
  if kind == UP_STRING then value = ffi.string(here + 8, length)
  elseif kind == UP_NUMBER then value = ffi.cast(number_pointer, here + 8)[0]
  elseif kind == UP_TRUE then value = true
  elseif kind == UP_FALSE then value = false end
  return value, band(at + length + 15, -8)
end

local function set_plain(cells, upvalues)
  local value, at = plain_upvalue(8)
  cells[1](value)
  if upvalues == 1 then return end
  value, at = plain_upvalue(at)
  cells[2](value)
  for i = 3, upvalues do
    value, at = plain_upvalue(at)
    cells[i](value)
  end
end

local function fresh_function(entry, form)
  local f = loadstring(entry.text)
  if form ~= PLAIN then
    transfer.decode_upvalues(blob_text(), 2, f, entry.upvalues)
    return f
  end
  local at, value = 8, nil
  for i = 1, entry.upvalues do
    value, at = plain_upvalue(at)
    setupvalue(f, i, value)
  end
  return f
end

local function function_of_task()
  local code, form = code_and_form()
  if form ~= 0 and form ~= PLAIN and form ~= REUSABLE and form ~= SHARED then return transfer.decode(blob_text()) end -- all of it
  local entry = functions[code] or load_function(code)
  if form == 0 then return entry.f end
  if not entry.serves_all or form == SHARED then return fresh_function(entry, form) end
  if form == PLAIN then set_plain(entry.cells, entry.upvalues)
  else transfer.decode_upvalues(blob_text(), 2, entry.f, entry.upvalues, entry.set) end
  return entry.f
end

local function data_of_task()
  local kind = call.data_kind
  if kind == DATA_NIL then return nil end
  local text = ffi.string(call.data.data, call.data.length)
  if kind == DATA_ENCODED then return transfer.decode(text) end
  return text
end

-- The result's bytes must stay until the host has copied them.
local anchor

local function set_result(kind, text)
  anchor = text
  call.result_kind = kind
  call.out.data, call.out.length = ffi.cast('const uint8_t*', text), #text
end

local function clear_result() call.result_kind = RESULT_NONE end

--- Called by the worker once for each task.
function views.execute()
  local f = function_of_task()
  local data = data_of_task()
  clear_result()
  local result = f(data)
  if type(result) == 'string' then set_result(RESULT_STRING, result)
  elseif type(result) == 'number' then set_result(RESULT_STRING, tostring(result))
  elseif result ~= nil then set_result(RESULT_ENCODED, transfer.encode(result, 'the result of onexecute cannot cross to the lane')) end
end

-- Tasks out of rings ---------------------------------------------------------------------------------------------------------------------

local function entry_of(code) return functions[code] or load_function(code, true) end

local function function_of_ring_task(code)
  local form = call.blob.length > 0 and call.blob.data[0] or 0
  local entry = functions[code] or load_function(code, true)
  if form == 0 then return entry.f end
  if not entry.serves_all or form == SHARED then return fresh_function(entry, form) end
  if form == PLAIN then set_plain(entry.cells, entry.upvalues)
  else transfer.decode_upvalues(blob_text(), 2, entry.f, entry.upvalues, entry.set) end
  return entry.f
end

local work_of = {}

--- Called by the worker for a turn in a ring.
function views.work()
  local at = tonumber(ffi.cast('uintptr_t', call.ring))
  local work = work_of[at]
  if not work then
    work = make_ring { entry_of = entry_of, function_of_task = function_of_ring_task, transfer = transfer }
    work_of[at] = work
  end
  call.left = work()
end

-- What needs the lane says so by name.
local function unavailable(what)
  local function raise() error(what .. ' is not available in a worker', 2) end
  return setmetatable({}, { __index = raise, __newindex = raise, __call = raise })
end

T.async = unavailable 'T.async'
