-- DNS watch: tells of names on a list, and of names that look made by an algorithm: long, without vowels, or full of digits.
--   Run:     spillway test -r traffic.pcap -s dns-watch.lua
--   Prints:  a line for each name that is told
--   Shows:   alerts of the group "User Alerts"; the address that a name was resolved to stands in the message
--   Blocks:  resource_monitor
local USER_ALERTS = "{B5F1DECB-51D5-4395-B71B-6FA730B772D9}"
local WATCHED = T.ac { "malware.example", "c2.example" }

local function looks_generated(name)
  local label = name:match("^([^.]+)%.") or name
  if #label < 12 then return false end
  local _, vowels = label:lower():gsub("[aeiouy]", "")
  local _, digits = label:gsub("%d", "")
  return vowels / #label < 0.2 or digits / #label > 0.4
end

TrisulPlugin = {
  id = { name = "DNS watch", description = "Names that are listed, or look generated" },

  resource_monitor = {
    resource_guid = "{D1E27FF0-6D66-4E57-BB91-99F76BB2143E}", -- DNS resources

    onnewresource = function(engine, resource)
      local name = resource:uri()
      local reason = next(WATCHED:match_all(name)) and "is on the list" or looks_generated(name) and "looks generated"
      if not reason then return end
      local address = resource:label():match("%sA%s+(%S+)") or "nothing"
      local text = string.format("%s %s, resolved to %s", name, reason, address)
      print(text)
      engine:add_alert(USER_ALERTS, resource:flow():id(), "DNS-NAME", 2, text)
    end,
  },
}
