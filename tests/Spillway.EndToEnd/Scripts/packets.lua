-- Counts packets by size class and reads header fields at the TCP layer.
local GROUP = "{835467C5-759F-4755-BD86-C45FE5FD3259}"
local IPV4 = "{0a2c724b-5b9f-4ba6-9c97-b05080558574}"   -- lower case on purpose

TrisulPlugin = {
  id = { name = "Packets", description = "per packet work" },

  countergroup = {
    control = { guid = GROUP, name = "Size classes", description = "test", bucketsize = 60 },
    meters = {
      { 0, T.K.vartype.COUNTER, 10, "bytes", "bytes", "B" },
      { 1, T.K.vartype.COUNTER, 10, 0, "packets", "packets", "" },
      { 2, T.K.vartype.COUNTER, 10, 0, "captured", "captured", "B" },
    },
  },

  simplecounter = {
    protocol_guid = "{77E462AB-2E42-42EC-9A58-C1A6821D6B31}",
    flow_counter = false,
    onpacket = function(engine, layer)
      local pkt = layer:packet()
      local key = pkt:wire_length() > 500 and "large" or "small"
      engine:update_counter_bytes(GROUP, key, 0)
      engine:update_counter(GROUP, key, 1, 1)
      engine:update_counter_raw(GROUP, key, 2, pkt:capture_length())

      local tcp = layer:rawbytes()
      if layer:testbit(110) and not layer:testbit(107) then
        local ip = pkt:find_layer(IPV4)
        local src = string.format("%02X.%02X.%02X.%02X", ip:getbyte(12), ip:getbyte(13), ip:getbyte(14), ip:getbyte(15))
        print("syn from " .. src .. " to port " .. tcp:hval_16(2) .. " words " .. T.util.bitval32(tcp:hval_8(12), 7, 4)
              .. " flow " .. layer:flowkey())
        engine:tag_flow(layer:flowkey(), "[test]syn")
      end
    end,
  },
}
