-- Declares a resource group: a log of things seen, each with the flow it was seen in. Scripts write to it:
--   engine:add_resource("{NEW-GUID-1}", flow:id(), "what was seen", "more about it")
TrisulPlugin = {
  id = { name = "My log", description = "A log of my own" },

  resourcegroup = {
    control = {
      guid = "{NEW-GUID-1}",
      name = "My log",
      description = "What is logged, in a sentence",
    },
  },
}
