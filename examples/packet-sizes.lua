-- Packet sizes: a histogram of the lengths of IPv4 packets, with their mean and their largest.
--   Run:     spillway test -r traffic.pcap -s packet-sizes.lua
--   Shows:   counter group "Packet sizes": packets, bytes, mean and largest by size class
--   Blocks:  countergroup, simplecounter
local GROUP = "{BF24CA45-8DA8-4570-9F80-897DC64D231E}"

local CLASSES = { { 64, "0-63" }, { 128, "64-127" }, { 256, "128-255" }, { 512, "256-511" }, { 1024, "512-1023" }, { math.huge, "1024-" } }

local function class_of(length)
  for _, class in ipairs(CLASSES) do
    if length < class[1] then return class[2] end
  end
end

TrisulPlugin = {
  id = { name = "Packet sizes", description = "Histogram of the lengths of IPv4 packets" },

  countergroup = {
    control = { guid = GROUP, name = "Packet sizes", description = "IPv4 packets by length", bucketsize = 60 },
    meters = {
      { 0, T.K.vartype.COUNTER, 10, 0, "Packets", "packets of the class", "pkts" },
      { 1, T.K.vartype.RATE_COUNTER, 10, 0, "Volume", "bytes on the wire", "Bps" },
      { 2, T.K.vartype.AVERAGE, 10, 0, "Mean", "mean length", "bytes" },
      { 3, T.K.vartype.MAXIMUM, 10, 0, "Largest", "largest length", "bytes" },
    },
    keyinfo = { { "0-63", "tiny: bare acknowledgements" }, { "1024-", "full: bulk data" } },
  },

  simplecounter = {
    protocol_guid = "{0A2C724B-5B9F-4BA6-9C97-B05080558574}", -- IPv4
    onpacket = function(engine, layer)
      local length = layer:packet():wire_length()
      local class = class_of(length)
      engine:update_counter(GROUP, class, 0, 1)
      engine:update_counter_bytes(GROUP, class, 1)
      engine:update_counter(GROUP, class, 2, length)
      engine:update_counter(GROUP, class, 3, length)
    end,
  },
}
