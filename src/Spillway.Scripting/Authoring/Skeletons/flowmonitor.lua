-- Listens to flow attributes in the old form: the flow comes before the time, and the value is a Buffer. New scripts take the onattribute of
-- a reassembly_handler.
local GROUP = "{NEW-GUID-1}"

TrisulPlugin = {
  id = { name = "My flow attributes", description = "User agents" },

  countergroup = {
    control = { guid = GROUP, name = "Agents", description = "User agents of HTTP", bucketsize = 60 },
    meters = { { 0, T.K.vartype.COUNTER, 20, 0, "Hits", "requests", "hits" } },
  },

  flowmonitor = {
    onflowattribute = function(engine, flow, timestamp, name, value)
      if name == "User-Agent" then engine:update_counter(GROUP, value:tostring(0, 50), 0, 1) end
    end,
  },
}
