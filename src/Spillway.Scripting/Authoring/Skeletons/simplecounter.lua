-- Looks at each packet that has a layer of a protocol. This one counts packets by their time to live.
local GROUP = "{NEW-GUID-1}"

TrisulPlugin = {
  id = { name = "My packet counter", description = "Packets by time to live" },

  countergroup = {
    control = { guid = GROUP, name = "TTL", description = "Packets by time to live", bucketsize = 60 },
    meters = {
      { 0, T.K.vartype.RATE_COUNTER, 20, 0, "Volume", "bytes per second", "Bps" },
      { 1, T.K.vartype.COUNTER, 20, 0, "Packets", "packets", "packets" },
    },
  },

  simplecounter = {
    protocol_guid = "{0A2C724B-5B9F-4BA6-9C97-B05080558574}", -- IPv4; spillway scripts guids lists the others

    -- Once for each packet. The layer is that of the protocol; layer:packet() leads to the rest. Both are valid during this call only.
    onpacket = function(engine, layer)
      local ttl = tostring(layer:getbyte(8))
      engine:update_counter_bytes(GROUP, ttl, 0)
      engine:update_counter(GROUP, ttl, 1, 1)
    end,
  },
}
