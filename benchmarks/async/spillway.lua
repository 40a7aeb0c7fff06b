-- Round trips of a task that does nothing, through T.async, with one table or (manual) with new closures; in a burst; or what one
-- submission costs. Prints one number a line.
local ffi = require 'ffi'
ffi.cdef 'struct bench_time { long s, ns; }; int clock_gettime(int, struct bench_time *);'
local time = ffi.new 'struct bench_time'
local function now()
  ffi.C.clock_gettime(1, time)
  return tonumber(time.s) * 1e9 + tonumber(time.ns)
end

local mode, window, total = T.args:match '^(%S+) (%d+) (%d+)$'
window, total = tonumber(window), tonumber(total)

local started, done, submitted = 0, 0, 0
local task

local function submit()
  submitted = submitted + 1
  T.async:schedule(task)
end

local function execute(data) return data end

local function roundtrips()
  task = {
    data = 'x',
    onexecute = execute,
    onresult = function()
      done = done + 1
      if submitted < total then submit() end
      if done == total / 4 then started = now() end -- what came before was warming up
      if done == total then print(total * 0.75 / ((now() - started) / 1e9)) end
    end,
  }
  for _ = 1, window do submit() end
end

-- All at once, the first that the program ever does: round trips a second, and nanoseconds a submission.
local function burst()
  local began, submitted_at = now(), 0
  task = {
    data = 'x',
    onexecute = execute,
    onresult = function()
      done = done + 1
      if done < total then return end
      print(total / ((now() - began) / 1e9))
      print((submitted_at - began) / total)
    end,
  }
  for _ = 1, total do submit() end
  submitted_at = now()
end

-- As scripts are written: a new table and new closures for each task, and a new string that onexecute finds as an upvalue.
local function manual()
  local paths, back = {}, nil
  for i = 1, 65536 do paths[i] = ('/dev/shm/host_file_%08d'):format(i) end
  local function one()
    submitted = submitted + 1
    local path = paths[submitted % 65536 + 1]
    T.async:schedule {
      data = 'host/path',
      onexecute = function(data) return path end,
      onresult = function(engine, data, result)
        if result ~= path then error 'another task\'s result' end
        back()
      end,
    }
  end
  function back()
    done = done + 1
    if submitted < total then one() end
    if done == total / 4 then started = now() end
    if done == total then print(total * 0.75 / ((now() - started) / 1e9)) end
  end
  for _ = 1, window do one() end
end

-- A thousand at a time, the next when all results are back: as many as a busy lane has on their way. The first half warms up.
local BATCH = 1000

local function submissions()
  local costs = ffi.new('double[?]', total)
  local batch

  local function report()
    local late = {}
    for i = total / 2, total - 1 do late[#late + 1] = costs[i] end
    table.sort(late)
    print(late[math.floor(#late * 0.5)])
    print(late[math.floor(#late * 0.99)])
  end

  task = {
    data = 'x',
    onexecute = execute,
    onresult = function()
      done = done + 1
      if done == total then report() elseif done == submitted then batch() end
    end,
  }

  function batch()
    for i = submitted, submitted + BATCH - 1 do
      local before = now()
      T.async:schedule(task)
      costs[i] = now() - before
    end
    submitted = submitted + BATCH
  end
  batch()
end

TrisulPlugin = {
  id = { name = 'round trips' },
  onload = function()
    (({ roundtrips = roundtrips, burst = burst, manual = manual })[mode] or submissions)()
  end,
}
