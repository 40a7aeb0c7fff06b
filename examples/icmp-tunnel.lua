-- ICMP tunnels: measures what hosts send inside echo requests and replies. A ping carries the same 32 to 64 bytes again and again; a tunnel
-- carries much, and never the same.
--   Run:     spillway test -r traffic.pcap -s icmp-tunnel.lua
--   Shows:   counter group "ICMP content" by pair of hosts; an alert for each pair that looks like a tunnel
--   Blocks:  countergroup, alertgroup, simplecounter
local GROUP = "{36036D8B-2006-49E2-9D30-D4EB9035DC66}"
local ALERTS = "{80F5A109-E5D6-435C-8E91-BBC3A6175498}"

local LARGE = 128   -- bytes of content that no common ping has
local ENOUGH = 10   -- messages with large, changing content before it is told

TrisulPlugin = {
  id = { name = "ICMP tunnels", description = "Content of ICMP echo messages" },

  onload = function() T.pairs = {} end,

  countergroup = {
    control = { guid = GROUP, name = "ICMP content", description = "Content of echo messages by pair of hosts", bucketsize = 60 },
    meters = {
      { 0, T.K.vartype.RATE_COUNTER, 20, 0, "Content", "bytes inside echo messages", "Bps" },
      { 1, T.K.vartype.COUNTER, 20, 0, "Messages", "echo messages", "msgs" },
      { 2, T.K.vartype.COUNTER, 20, 0, "Suspicious", "large content that differs from the last", "msgs" },
    },
  },

  alertgroup = { control = { guid = ALERTS, name = "ICMP tunnels", description = "Hosts that seem to talk through echo messages" } },

  simplecounter = {
    protocol_guid = "{7DDD65F2-A316-43B5-A103-368E700E045E}", -- ICMP
    onpacket = function(engine, layer)
      local kind = layer:getbyte(0)
      if kind ~= 8 and kind ~= 0 then return end   -- echo request, echo reply
      local content = layer:rawbytes():tostring(8)
      local flow = layer:packet():flowid()
      local pair = flow:ipa() .. "_" .. flow:ipz()
      engine:update_counter(GROUP, pair, 0, #content)
      engine:update_counter(GROUP, pair, 1, 1)

      local seen = T.pairs[pair]
      if not seen then
        seen = { suspicious = 0 }
        T.pairs[pair] = seen
        engine:update_key_info(GROUP, pair, flow:ipa_readable() .. " and " .. flow:ipz_readable())
      end
      -- A reply repeats its request: only requests can show that the content changes.
      if kind == 8 then
        local digest = T.util.hash(content)
        if #content > LARGE and seen.digest and seen.digest ~= digest then
          seen.suspicious = seen.suspicious + 1
          engine:update_counter(GROUP, pair, 2, 1)
          if seen.suspicious == ENOUGH then
            engine:add_alert(ALERTS, flow:id(), "ICMP-TUNNEL", 1,
              string.format("%d echo requests with changing content of up to %d bytes", ENOUGH, #content))
          end
        end
        seen.digest = digest
      end
    end,
  },
}
