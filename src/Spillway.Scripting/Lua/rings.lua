-- The machine code behind rings (TaskRing.cs), as functions for Lua: loads and stores of words that both sides share are calls, since the
-- compiler moves plain ones. nil where there is none.
local ffi, addresses = ...
if addresses == '' then return nil end

local TYPES = {
  load = 'int32_t (*)(const int32_t*)',
  store = 'void (*)(int32_t*, int32_t)',
  publish = 'void (*)(int32_t*, int32_t)',
  release = 'int32_t (*)(int32_t*, int32_t)',
  spin = 'int32_t (*)(const int32_t*, int32_t, int32_t)',
  stamp = 'void (*)(int64_t*)',
  late = 'int32_t (*)(const int64_t*)',
  finish = 'int32_t (*)(int64_t*, int64_t)',
}

local rings = {}
for name, address in addresses:gmatch '(%a+)=(%d+)' do
  rings[name] = ffi.cast(TYPES[name], ffi.cast('uintptr_t', tonumber(address)))
end

-- RingRecordKind
rings.PLAIN, rings.JUMP, rings.TASK = 0, 1, 2
rings.HEAD = ffi.sizeof 'sw_record' - 8 -- data stands for the bytes that follow

--- The address of a struct's field, as a constant.
function rings.word(struct, type, name)
  return ffi.cast('int32_t*', ffi.cast('uint8_t*', struct) + ffi.offsetof(type, name))
end

return rings
