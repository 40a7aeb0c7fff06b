-- Alert digest: many alerts of one kind are one line. Keeps the first of each signature and pair in a window, drops the rest, and tells how many.
--   Run:     spillway test -r traffic.pcap -s syslog.lua -s alert-digest.lua
--   Prints:  a line for each signature and pair of hosts
--   Blocks:  alert_monitor
TrisulPlugin = {
  id = { name = "Alert digest", description = "One alert in place of many" },

  onload = function() T.count, T.order = {}, {} end,

  alert_monitor = {
    alert_guid = "{B5F1DECB-51D5-4395-B71B-6FA730B772D9}", -- User Alerts

    onbeginflush = function(engine, timestamp) T.count, T.order = {}, {} end,

    flushfilter = function(engine, alert)
      local kind = alert:sigid() .. " from " .. alert:source_ip() .. " to " .. alert:destination_ip()
      if not T.count[kind] then T.order[#T.order + 1] = kind end
      T.count[kind] = (T.count[kind] or 0) + 1
      return T.count[kind] == 1
    end,

    onendflush = function(engine, timestamp)
      for _, kind in ipairs(T.order) do print(string.format("%4d  %s", T.count[kind], kind)) end
    end,
  },
}
