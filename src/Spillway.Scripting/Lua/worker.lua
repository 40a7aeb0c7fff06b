-- The VM of a worker: runs onexecute of one task after the other. It lives as long as the worker, so modules stay loaded.
local ffi, call, host, views, settings, transfer = ...

local type, tostring, error, loadstring = type, tostring, error, loadstring

local RESULT_NONE, RESULT_STRING, RESULT_ENCODED = 0, 1, 2
local DATA_NIL, DATA_STRING, DATA_ENCODED = 0, 1, 2

-- Functions that were loaded once, by their numbers. Those of states that are gone are among them: when there are many, all are forgotten,
-- and what is still used is loaded from its next task.
local MOST_FUNCTIONS = 1024
local functions, count = {}, 0
local fetched = ffi.new('sw_bytes')

local function function_of(code)
  local f = functions[code]
  if f then return f end
  if host.fetch_code(call.vm, fetched) == 0 then error('this task has no code') end
  f = loadstring(ffi.string(fetched.data, fetched.length))
  if count == MOST_FUNCTIONS then functions, count = {}, 0 end
  functions[code] = f
  count = count + 1
  return f
end

-- The result's bytes must stay until the host has copied them.
local anchor

local function set_result(kind, text)
  anchor = text
  call.result_kind = kind
  call.out.data, call.out.length = ffi.cast('const uint8_t*', text), #text
end

--- Called by the worker once for each task.
function views.execute()
  local f = call.blob.length > 0 and transfer.decode(ffi.string(call.blob.data, call.blob.length)) or function_of(call.code)
  local data
  local kind = call.data_kind
  if kind == DATA_STRING then data = ffi.string(call.data.data, call.data.length)
  elseif kind == DATA_ENCODED then data = transfer.decode(ffi.string(call.data.data, call.data.length)) end

  call.result_kind = RESULT_NONE
  local result = f(data)
  if type(result) == 'string' then set_result(RESULT_STRING, result)
  elseif type(result) == 'number' then set_result(RESULT_STRING, tostring(result))
  elseif result ~= nil then set_result(RESULT_ENCODED, transfer.encode(result, 'the result of onexecute cannot cross to the lane')) end
end

-- What needs the lane says so by name.
local function unavailable(what)
  local function raise() error(what .. ' is not available in a worker', 2) end
  return setmetatable({}, { __index = raise, __newindex = raise, __call = raise })
end

T.async = unavailable 'T.async'
