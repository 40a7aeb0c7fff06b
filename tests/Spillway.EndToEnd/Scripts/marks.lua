-- Says how far the packets have come, so that a test can end the program there. An alert every hundred packets.
local seen = 0
TrisulPlugin = {
  id = { name = "marks" },
  simplecounter = {
    protocol_guid = "{0A2C724B-5B9F-4BA6-9C97-B05080558574}",
    onpacket = function(engine, layer)
      seen = seen + 1
      if seen % 100 == 0 then engine:add_alert("{B5F1DECB-51D5-4395-B71B-6FA730B772D9}", layer:packet():flowid():id(), "MARK", 1, "packet " .. seen) end
      if seen % 500 == 0 then io.stderr:write("mark ", seen, ".\n") end
    end,
  },
}
