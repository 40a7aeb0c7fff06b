-- Large uploads: tells of a flow whose client has sent more than a limit to a host outside, while the flow goes on.
--   Run:     spillway test -r traffic.pcap -s large-uploads.lua --args 20000        (the limit in bytes; 10,000,000 without)
--   Prints:  a line for each upload
--   Shows:   an alert "Large uploads" for each, its flow tagged with [upload]
--   Blocks:  alertgroup, messagemonitor
local ALERTS = "{54A51AA3-58D9-48DC-9C53-290F60725497}"
local AZ_PAYLOAD, ZA_PAYLOAD = 4, 5   -- meters of a flow

TrisulPlugin = {
  id = { name = "Large uploads", description = "Much data on its way out" },

  onload = function()
    T.limit = tonumber(T.args) or 10000000
    T.sent = {}
  end,

  alertgroup = { control = { guid = ALERTS, name = "Large uploads", description = "Flows that send much to hosts outside" } },

  messagemonitor = {
    onflowmetric = function(engine, flow, meter, value)
      -- End Z has the lower port: it is the server.
      if meter ~= AZ_PAYLOAD or T.host:is_homenet_key(flow:ipz()) or not T.host:is_homenet_key(flow:ipa()) then return end
      local id = flow:id()
      local sent = (T.sent[id] or 0) + value
      if sent >= T.limit and sent - value < T.limit then
        local text = string.format("%s sends more than %d bytes to %s port %s", flow:ipa_readable(), T.limit, flow:ipz_readable(), flow:portz_readable())
        print(text)
        engine:add_alert(ALERTS, id, "UPLOAD", 2, text)
        engine:tag_flow(id, "[upload]large")
      end
      T.sent[id] = sent
    end,
  },
}
