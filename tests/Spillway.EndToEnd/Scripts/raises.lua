-- Raises on every packet.
TrisulPlugin = {
  id = { name = "Raises" },
  simplecounter = {
    protocol_guid = "{77E462AB-2E42-42EC-9A58-C1A6821D6B31}",
    onpacket = function(engine, layer)
      local missing
      return missing.field
    end,
  },
}
