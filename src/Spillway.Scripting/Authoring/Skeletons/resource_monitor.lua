-- Follows resources. This one counts the domains that are asked for by DNS.
local GROUP = "{NEW-GUID-1}"

TrisulPlugin = {
  id = { name = "My names", description = "Domains asked for" },

  countergroup = {
    control = { guid = GROUP, name = "Domains", description = "Last two parts of names asked for", bucketsize = 60 },
    meters = { { 0, T.K.vartype.COUNTER, 50, 0, "Questions", "how often it was asked for", "hits" } },
  },

  resource_monitor = {
    resource_guid = "{D1E27FF0-6D66-4E57-BB91-99F76BB2143E}", -- DNS

    onnewresource = function(engine, resource)
      local domain = resource:uri():match("[^.]+%.[^.]+$")
      if domain then engine:update_counter(GROUP, domain, 0, 1) end
    end,
  },
}
