-- An alert for each large packet.
TrisulPlugin = {
  id = { name = "alerts" },
  simplecounter = {
    protocol_guid = "{0A2C724B-5B9F-4BA6-9C97-B05080558574}",
    onpacket = function(engine, layer)
      local packet = layer:packet()
      if packet:wire_length() > 1000 then
        engine:add_alert("{B5F1DECB-51D5-4395-B71B-6FA730B772D9}", packet:flowid():id(), "LARGE", 1, "a large packet")
      end
    end,
  },
}
