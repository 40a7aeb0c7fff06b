-- The least a script can do: one line for each file.
TrisulPlugin = {
  id = { name = "Sizes" },
  filex_monitor = { onfile_http = function(engine, ts, flow, path, req, resp, length) print(req:get_path() .. " " .. length) end },
}
