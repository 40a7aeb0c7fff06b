-- Adds a protocol: packets that it recognises have a layer with its GUID, and a simplecounter may name that as protocol_guid.
TrisulPlugin = {
  id = { name = "My protocol", description = "A layer on UDP port 7777" },

  protocol_handler = {
    control = {
      guid = "{NEW-GUID-1}",
      name = "MINE",
      host_protocol_guid = "{14D7AB53-CC51-47E9-8814-9C06AAE60189}", -- UDP
      host_protocol_ports = { 7777 },
    },

    -- Gets all bytes that follow the host protocol as a layer. Returns
    --   nil         it is not my protocol
    --   n           my layer has n bytes, and nothing follows it
    --   n, guid     my layer has n bytes, and the rest is of the protocol with this GUID
    parselayer = function(layer)
      if layer:layer_bytes() < 2 or layer:getbyte(0) ~= 0x54 then return nil end
      return layer:layer_bytes()
    end,
  },
}
