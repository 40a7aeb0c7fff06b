-- Ranks flows by a measure of its own: the largest are kept for each bucket. This one looks for uploads.
TrisulPlugin = {
  id = { name = "My flow tracker", description = "Flows that send much more than they get" },

  flowtracker = {
    control = { name = "Uploads", description = "Flows with the largest upload", bucketsize = 300, count = 50 },

    -- The number to rank by; nil or 0 if the flow is of no interest.
    getmetric = function(engine, session)
      local sent, got = session:az_bytes(), session:za_bytes()
      if sent > 10 * got then return sent end
    end,
  },
}
