-- Slow flows: marks TCP flows whose handshake took long, or that had to send again, and leaves out of the store what never carried data.
--   Run:     spillway test -r traffic.pcap -s slow-flows.lua --args 900        (microseconds; 200,000 without)
--   Prints:  a line for each slow flow, and how many were left out
--   Shows:   flows tagged with [slow]
--   Blocks:  sg_monitor
TrisulPlugin = {
  id = { name = "Slow flows", description = "Handshakes that take long, data sent again" },

  onload = function()
    T.limit = tonumber(T.args) or 200000
    T.left_out = 0
  end,
  onunload = function()
    if T.left_out > 0 then print(T.left_out .. " without data left out") end   -- also called after the host has had its first look
  end,

  sg_monitor = {
    flushfilter = function(engine, session)
      if session:flow():protocol() ~= "06" or session:az_payload_bytes() + session:za_payload_bytes() > 0 then return true end
      T.left_out = T.left_out + 1
      return false
    end,

    onflush = function(engine, session)
      local rtt, again = session:setup_rtt(), session:retransmissions()
      if rtt < T.limit and again == 0 then return end
      print(string.format("%s: handshake %d us, %d sent again", session:key(), rtt, again))
      session:add_tag(again > 0 and "[slow]retransmits" or "[slow]handshake")
    end,
  },
}
