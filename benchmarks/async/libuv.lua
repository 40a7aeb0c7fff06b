-- The same with libuv's work queue through luv: luajit libuv.lua MODE WINDOW TOTAL, with UV_THREADPOOL_SIZE=1.
local ffi = require 'ffi'
local uv = require 'luv'
ffi.cdef 'struct bench_time { long s, ns; }; int clock_gettime(int, struct bench_time *);'
local time = ffi.new 'struct bench_time'
local function now()
  ffi.C.clock_gettime(1, time)
  return tonumber(time.s) * 1e9 + tonumber(time.ns)
end

local mode, window, total = arg[1], tonumber(arg[2]), tonumber(arg[3])
local function execute(data) return data end
local started, done, submitted = 0, 0, 0
local work

local function submit()
  submitted = submitted + 1
  work:queue('x')
end

if mode == 'roundtrips' then
  work = uv.new_work(execute, function()
    done = done + 1
    if submitted < total then submit() end
    if done == total / 4 then started = now() end -- what came before was warming up
    if done == total then print(total * 0.75 / ((now() - started) / 1e9)) end
  end)
  for _ = 1, window do submit() end
  uv.run()
elseif mode == 'burst' then
  local began, submitted_at = now(), 0
  work = uv.new_work(execute, function()
    done = done + 1
    if done < total then return end
    print(total / ((now() - began) / 1e9))
    print((submitted_at - began) / total)
  end)
  for _ = 1, total do submit() end
  submitted_at = now()
  uv.run()
else
  local BATCH, costs, batch = 1000, {}, nil
  work = uv.new_work(execute, function()
    done = done + 1
    if done == submitted and submitted < total then batch() end
  end)
  function batch()
    for i = submitted + 1, submitted + BATCH do
      local before = now()
      work:queue('x')
      costs[i] = now() - before
    end
    submitted = submitted + BATCH
  end
  batch()
  uv.run()
  local late = {}
  for i = total / 2 + 1, total do late[#late + 1] = costs[i] end
  table.sort(late)
  print(late[math.floor(#late * 0.5)])
  print(late[math.floor(#late * 0.99)])
end
