-- Top uploads: the flows that send most in comparison with what they get: a list of the largest for each bucket.
--   Run:     spillway test -r traffic.pcap -s top-uploads.lua
--   Shows:   the flow tracker "Top uploads"
--   Blocks:  flowtracker
TrisulPlugin = {
  id = { name = "Top uploads", description = "Flows that send much more than they get" },

  flowtracker = {
    control = { name = "Top uploads", description = "Bytes sent beyond what was received", bucketsize = 300, count = 20 },

    -- The number to rank by; nil for flows that are of no interest.
    getmetric = function(engine, session)
      local surplus = session:az_bytes() - session:za_bytes()
      return surplus > 0 and surplus or nil
    end,
  },
}
