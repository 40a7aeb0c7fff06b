-- Follows alerts. This one drops a noisy signature and tags the flows of the others.
TrisulPlugin = {
  id = { name = "My alert watch", description = "Tags flows with alerts" },

  alert_monitor = {
    alert_guid = "{9AFD8C08-07EB-47E0-BF05-28B4A7AE8DC9}", -- External IDS

    onnewalert = function(engine, alert)
      local flow = alert:flow() -- nil for an alert without a flow
      if flow then engine:tag_flow(flow:id(), "[ids]" .. alert:sigid()) end
    end,

    -- false if the alert shall not be stored.
    flushfilter = function(engine, alert)
      return alert:sigid() ~= "2000001"
    end,
  },
}
