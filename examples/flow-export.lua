-- Flow export: writes each flow record as a line of JSON, for a collector that takes such. Appending is a task of T.async: the disk may be slow.
--   Run:     spillway input csv-flows.lua flows.csv -s flow-export.lua        (--set 'Export>File=PATH'; <output>/flows.json without)
--   Prints:  a line for each record
--   Blocks:  messagemonitor
local JSON = require 'JSON'

TrisulPlugin = {
  id = { name = "Flow export", description = "Flow records as lines of JSON" },

  onload = function()
    local file = T.env.get_config("Export>File")
    T.target = file ~= "" and file or T.env.get_config("App>DBRoot") .. "/flows.json"
  end,

  messagemonitor = {
    onnewflowrecord = function(engine, flow, bytes_az, bytes_za, packets_az, packets_za)
      local line = JSON:encode {
        time = engine:timestamp(), flow = flow:id(), exporter = flow:netflow_router_readable(),
        source = flow:ipa_readable(), source_port = flow:porta_readable(), destination = flow:ipz_readable(), destination_port = flow:portz_readable(),
        bytes = { bytes_az, bytes_za }, packets = { packets_az, packets_za },
      }
      print(line)
      T.async:copybuffer(line .. "\n", T.target)   -- appends
    end,
  },
}
