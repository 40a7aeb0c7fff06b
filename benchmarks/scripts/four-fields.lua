-- Per TCP packet: four fields are read, one counter is updated.

local GROUP = "{0D3E9B61-5B0F-4B7E-9C58-6E2D5B0D4A77}"
local counts = 0

TrisulPlugin = {

  id = { name = "Four fields", description = "ports, flags and window of each TCP packet" },

  countergroup = {
    control = { guid = GROUP, name = "Four fields", description = "TCP segments by port class", bucketsize = 60 },
    meters = { { 0, T.K.vartype.COUNTER, 10, 0, "Segments", "segments", "Seg" } },
  },

  simplecounter = {
    protocol_guid = "{77E462AB-2E42-42EC-9A58-C1A6821D6B31}", -- TCP

    onpacket = function(engine, layer)
      local header = layer:rawbytes()
      local source, target, flags, window = header:hval_16(0), header:hval_16(2), header:hval_8(13), header:hval_16(14)
      local web = source == 80 or target == 80
      engine:update_counter(GROUP, web and ((flags % 2 == 1 or window < 500) and "web-end" or "web") or "other", 0, 1)
    end,
  },
}
