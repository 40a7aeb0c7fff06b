-- Declares an alert group. Scripts raise alerts in it:
--   engine:add_alert("{NEW-GUID-1}", flow:id(), "MY-1", 2, "what has happened")
TrisulPlugin = {
  id = { name = "My alerts", description = "Alerts of my own" },

  alertgroup = {
    control = {
      guid = "{NEW-GUID-1}",
      name = "My alerts",
      description = "What is alerted, in a sentence",
    },
  },
}
