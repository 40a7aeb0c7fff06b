-- Follows the metrics of a counter group. This one alerts when a host has more than a limit.
local HOSTS = "{4CD742B1-C1CA-4708-BE78-0FCA2EB01A86}"
local USER_ALERTS = "{B5F1DECB-51D5-4395-B71B-6FA730B772D9}"
local LIMIT = 10e6 -- bytes per second

TrisulPlugin = {
  id = { name = "My host watch", description = "Hosts over a limit" },

  cg_monitor = {
    -- Or counter_name_match = "host" for all groups with that in their title. spillway scripts guids lists groups.
    counter_guid = HOSTS,

    onbeginflush = function(engine, timestamp)
    end,

    -- Each key at the end of a window: metrics[1] is meter 0.
    onflush = function(engine, timestamp, key, metrics)
      if key == "SYS:GROUP_TOTALS" then return end
      if metrics[1] > LIMIT then
        engine:add_alert(USER_ALERTS, nil, "HOST-LIMIT", 2, string.format("%s: %.0f bytes per second", key, metrics[1]))
      end
    end,

    onendflush = function(engine, timestamp)
    end,
  },
}
