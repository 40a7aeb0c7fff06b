-- Busy hosts: raises a threshold alert for a host above a limit in a window, and clears it when it is below again.
--   Run:     spillway test -r traffic.pcap -s busy-hosts.lua --args 500        (bytes a second; 1,000,000 without)
--   Prints:  a line for each change
--   Shows:   alerts of the group "Threshold Crossing"
--   Blocks:  cg_monitor
local THRESHOLD_CROSSING = "{03AC6B72-FDB7-44C0-9B8C-7A1975C1C5BA}"

-- 0A.01.02.03 as people write it.
local function readable(key) return (key:gsub("%x%x", function(digits) return tonumber(digits, 16) end)) end

TrisulPlugin = {
  id = { name = "Busy hosts", description = "Hosts above a limit" },

  onload = function()
    T.limit = tonumber(T.args) or 1000000
    T.above, T.now = {}, {}
  end,

  cg_monitor = {
    counter_guid = "{4CD742B1-C1CA-4708-BE78-0FCA2EB01A86}", -- Hosts

    onbeginflush = function(engine, timestamp) T.now = {} end,

    -- metrics[1] is meter 0, the total, in bytes a second.
    onflush = function(engine, timestamp, key, metrics)
      if key == "SYS:GROUP_TOTALS" or metrics[1] < T.limit then return end
      T.now[key] = true
      if T.above[key] then return end
      local text = string.format("%s is above %d bytes a second: %.0f", readable(key), T.limit, metrics[1])
      print(text)
      engine:add_alert_tca(THRESHOLD_CROSSING, 1, "FIRED", text)
    end,

    onendflush = function(engine, timestamp)
      local below = {}
      for key in pairs(T.above) do
        if not T.now[key] then below[#below + 1] = key end
      end
      table.sort(below)
      for _, key in ipairs(below) do
        local text = readable(key) .. " is below again"
        print(text)
        engine:add_alert_tca(THRESHOLD_CROSSING, 1, "CLEAR", text)
      end
      T.above = T.now
    end,
  },
}
