-- Follows the windows of the metrics pipeline, in each of its engines; what is to be done once is done in engine "0".
TrisulPlugin = {
  id = { name = "My windows", description = "Tells each window" },

  engine_monitor = {
    onbeginflush = function(engine, timestamp)
      if engine:instanceid() ~= "0" then return end
      print("window begins", timestamp)
    end,

    onendflush = function(engine, timestamp)
    end,

    -- About once a second.
    onmetronome = function(engine, timestamp, tick_count, tick_interval)
    end,
  },
}
