-- Starts a VM: puts the parts together. The host has set `spillway_boot` to a table of addresses, sources and settings.
local boot = spillway_boot
spillway_boot = nil

jit.opt.start('maxtrace=8000', 'maxrecord=16000', 'sizemcode=64', 'maxmcode=16384')
io.stdout:setvbuf('line')
_G.bit = require 'bit'

-- Our parts see the global functions as they are now, whatever the script makes of its own: it may replace tostring, or allow no new globals.
local globals = {}
for name, value in pairs(_G) do globals[name] = value end

local function part_named(shown, name, ...)
  local chunk, message = loadstring(boot.sources[name], shown)
  if not chunk then error(message) end
  return setfenv(chunk, globals)(...)
end

local function part(name, ...) return part_named('=(spillway ' .. name .. ')', name, ...) end

local ffi = part 'cdef.lua'
local host = ffi.cast('const sw_host*', ffi.cast('uintptr_t', boot.host))
local call = ffi.cast('sw_call*', ffi.cast('uintptr_t', boot.call))
local settings = boot.settings

-- Before anything remembers io, os and ffi by their functions.
part('output.lua', host, call.vm)
part 'process.lua'
part('commands.lua', ffi, host, call.vm, settings.shell == 'yes')
part('finalizers.lua', ffi, host, call.vm)

part('ffiload.lua', ffi, settings)
part('modules.lua', ffi, settings, boot.sources, part('services.lua', ffi, call, host, settings))

local views = part('views.lua', ffi, call, host)
part('flowid.lua', ffi, call, host, views)
part('httpheader.lua', ffi, call, host, views)

function views.text_of(bytes) return ffi.string(bytes.data, bytes.length) end
views.path_of = views.text_of

local prototypes = part('prototypes.lua', ffi.cast('double (*)(const uint64_t*)', ffi.cast('uintptr_t', boot.prototype_reader)))
local transfer = part('transfer.lua', prototypes)
local T = part('tglobal.lua', ffi, call, host, views, settings)
_G.T, globals.T = T, T
part('host_library.lua', host, call, views, settings, T, views.both)
part('ac.lua', ffi, call, host, T, views)
for _, name in ipairs { 'util', 'env', 'host', 'K' } do transfer.register_library('T.' .. name, T[name]) end
for name, value in pairs(T) do
  if type(value) == 'function' then transfer.register('T.' .. name, value) end
end
transfer.register('T', T)
transfer.register('print', print)
transfer.refuse(views.FlowID)
transfer.refuse(views.HTTPHeader)

local rings = part('rings.lua', ffi, boot.ring_code)
local engine
if settings.role == 'worker' then
  part('worker.lua', ffi, call, host, views, settings, transfer, rings,
    function(...) return part_named('=(spillway ring)', 'ring_worker.lua', ffi, call, host, rings, ...) end)
else
  engine = part('engine.lua', ffi, call, host, views, settings)
  part('engine_flows.lua', ffi, call, host, views)
  transfer.refuse(engine)
  T.async = part('async.lua', ffi, call, host, views, settings, transfer, engine, prototypes,
    rings and function(slots) return part_named('=(spillway ring)', 'ring_lane.lua', ffi, call, host, rings, slots, engine, transfer) end)
  part('legacy.lua', views)
  part('dispatch.lua', call, views, engine)
  part('blocks.lua', ffi, call, views, engine)
  part('blocks_input.lua', ffi, call, host, views, engine)
  part('storage.lua', call, views, engine)
  part('blocks_backend.lua', ffi, call, host, views, engine)
  if settings.role == 'backend' then part('backend.lua', call, views, T, settings) end
end
part('reflect.lua', views, T, engine)
return part('control.lua', call, views, engine, settings)
