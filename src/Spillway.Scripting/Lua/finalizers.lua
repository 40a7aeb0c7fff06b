-- Finalizers of scripts: ffi.gc, __gc of C types and of userdata. They run where the collector happens to be, in a callback of any kind, in code of
-- ours, when the state is closed. What one raises is an error of the script, is reported as such, and disturbs nothing that runs just then.
local ffi, host, vm = ...

local type, pcall, tostring, rawget, rawset, select, error = type, pcall, tostring, rawget, rawset, select, error
local getmetatable, setmetatable, newproxy, set_any_metatable, gc, metatype = debug.getmetatable, setmetatable, newproxy, debug.setmetatable, ffi.gc, ffi.metatype

-- By the script's function, as long as something uses it as a finalizer; and the other way round, so that none is guarded twice.
local guard_of, is_guard = setmetatable({}, { __mode = 'v' }), setmetatable({}, { __mode = 'k' })

local function report(message)
  if type(message) ~= 'string' then
    local ok, text = pcall(tostring, message)
    message = ok and type(text) == 'string' and text or '(error object is a ' .. type(message) .. ')'
  end
  host.finalizer_failed(vm, message, #message)
end

-- Functions of C raise nothing and stay as they are.
local function guarded(f)
  if f == nil or type(f) == 'cdata' or is_guard[f] then return f end
  local guard = guard_of[f]
  if not guard then
    guard = function(object)
      local ok, message = pcall(f, object)
      if not ok then report(message) end
    end
    guard_of[f], is_guard[guard] = guard, true
  end
  return guard
end

function ffi.gc(object, ...)
  if select('#', ...) == 0 then return gc(object) end
  return gc(object, guarded((...)))
end

local function guard_metatable(metatable)
  if type(metatable) ~= 'table' then return end
  local f = rawget(metatable, '__gc')
  if f ~= nil then rawset(metatable, '__gc', guarded(f)) end
end

function ffi.metatype(ctype, metatable)
  guard_metatable(metatable)
  return metatype(ctype, metatable)
end

function debug.setmetatable(object, metatable)
  if type(object) == 'userdata' then guard_metatable(metatable) end
  return set_any_metatable(object, metatable)
end

-- The metatable of a proxy is filled after it was made.
local FILLED_LATER = { __newindex = function(metatable, name, value) rawset(metatable, name, name == '__gc' and guarded(value) or value) end }

function _G.newproxy(like)
  local proxy = newproxy(like)
  if like == true then setmetatable(getmetatable(proxy), FILLED_LATER) end
  return proxy
end
