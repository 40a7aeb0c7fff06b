-- Per packet: two header fields are read, one counter is updated.

local GROUP = "{5E5C2F0B-6D5B-4C39-9A6E-3F0C6F3B7A11}"

TrisulPlugin = {

  id = { name = "Ports and windows", description = "a callback for each TCP packet" },

  countergroup = {
    control = { guid = GROUP, name = "Windows", description = "TCP segments by size of the window", bucketsize = 60 },
    meters = { { 0, T.K.vartype.COUNTER, 10, 0, "Segments", "segments", "Seg" } },
  },

  simplecounter = {
    protocol_guid = "{77E462AB-2E42-42EC-9A58-C1A6821D6B31}", -- TCP

    onpacket = function(engine, layer)
      local header = layer:rawbytes()
      local port, window = header:hval_16(0), header:hval_16(14)
      engine:update_counter(GROUP, (port == 80 and window > 500) and "wide" or "narrow", 0, 1)
    end,
  },
}
