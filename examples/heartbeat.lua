-- Heartbeat: counts each window that a backend engine has flushed, and when. A gap in this counter is a gap in all the others.
--   Run:     spillway test -r traffic.pcap -s heartbeat.lua
--   Prints:  a line for each window
--   Shows:   counter group "Heartbeat"
--   Blocks:  countergroup, engine_monitor
local GROUP = "{38903791-AA29-4540-B48E-048F2841D3B0}"

TrisulPlugin = {
  id = { name = "Heartbeat", description = "Windows that were flushed" },

  countergroup = {
    control = { guid = GROUP, name = "Heartbeat", description = "Flushed windows by engine", bucketsize = 60 },
    meters = { { 0, T.K.vartype.COUNTER, 5, 0, "Windows", "windows", "n" } },
  },

  engine_monitor = {
    onbeginflush = function(engine, timestamp) engine:update_counter(GROUP, "engine-" .. engine:instanceid(), 0, 1) end,
    onendflush = function(engine, timestamp)
      if engine:instanceid() == "0" then print("window " .. timestamp .. " is through") end
    end,
  },
}
