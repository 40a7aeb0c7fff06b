-- Declares a counter group: a table of keys, each with these meters. Other scripts, or other blocks of this one, feed it:
--   engine:update_counter("{NEW-GUID-1}", key, meter, value)
TrisulPlugin = {
  id = { name = "My counters", description = "Counters of my own" },

  countergroup = {
    control = {
      guid = "{NEW-GUID-1}",
      name = "My counters",
      description = "What is counted, in a sentence",
      bucketsize = 60, -- seconds
    },

    -- id, type, how many of the largest keys and of the smallest are of interest, name, description, unit
    meters = {
      { 0, T.K.vartype.RATE_COUNTER, 20, 0, "Volume", "bytes per second", "Bps" },
      { 1, T.K.vartype.COUNTER, 20, 0, "Hits", "how often it was seen", "hits" },
    },

    -- Labels of keys that are known from the start.
    keyinfo = {
      { "other", "Everything else" },
    },
  },
}
