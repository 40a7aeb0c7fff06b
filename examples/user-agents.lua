-- User agents: what programs say they are, by host. Written for the older flowmonitor, whose values are Buffers and whose flow comes before the time.
--   Run:     spillway test -r traffic.pcap -s user-agents.lua
--   Prints:  a line for each program that is seen for the first time
--   Shows:   counter group "User agents"; edges between hosts and programs
--   Blocks:  countergroup, flowmonitor
local GROUP = "{4CC1C337-7E3B-4D33-83B6-F28F82CF5659}"
local HOSTS = "{4CD742B1-C1CA-4708-BE78-0FCA2EB01A86}"

TrisulPlugin = {
  id = { name = "User agents", description = "Programs by what they call themselves" },

  onload = function() T.seen = {} end,

  countergroup = {
    control = { guid = GROUP, name = "User agents", description = "Requests by program", bucketsize = 60 },
    meters = { { 0, T.K.vartype.COUNTER, 20, 5, "Requests", "requests", "hits" } },
  },

  flowmonitor = {
    onflowattribute = function(engine, flow, timestamp, name, value)
      if name ~= "User-Agent" then return end
      local agent = value:tostring(0, 64)
      engine:update_counter(GROUP, agent, 0, 1)
      if T.seen[agent] then return end
      T.seen[agent] = true
      print(flow:ipa_readable() .. " uses " .. agent)
      engine:add_edge(HOSTS, flow:ipa(), GROUP, agent)
    end,
  },
}
