-- Follows flows. This one tags those that are long and drops tiny ones.
TrisulPlugin = {
  id = { name = "My flows", description = "Tags long flows" },

  sg_monitor = {
    session_guid = "{99A78737-4B41-4387-8F31-8077DB917336}", -- IP flows

    -- false if the flow shall not be stored.
    flushfilter = function(engine, session)
      return session:az_bytes() + session:za_bytes() >= 100
    end,

    onflush = function(engine, session)
      local first, last = session:time_window()
      if last - first > 3600 then session:add_tag("[long]") end
    end,
  },
}
