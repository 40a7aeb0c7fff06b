-- The same with OpenResty's worker threads, a pool of one. The window is the number of light threads that wait at a time.
local ffi = require 'ffi'
pcall(ffi.cdef, 'struct bench_time { long s, ns; }; int clock_gettime(int, struct bench_time *);') -- once for all requests
local time = ffi.new 'struct bench_time'
local function now()
  ffi.C.clock_gettime(1, time)
  return tonumber(time.s) * 1e9 + tonumber(time.ns)
end

local window, total = tonumber(ngx.var.arg_window), tonumber(ngx.var.arg_total)
local started = now()
local function loop()
  for _ = 1, total / window do
    local ok, result = ngx.run_worker_thread('one', 'execute', 'execute', 'x')
    if not ok then error(result) end
  end
end

local threads = {}
for i = 1, window do threads[i] = ngx.thread.spawn(loop) end
for i = 1, window do assert(ngx.thread.wait(threads[i])) end
ngx.say(total / ((now() - started) / 1e9))
