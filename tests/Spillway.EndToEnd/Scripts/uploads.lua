-- Files that went to the server: both headers are there.
TrisulPlugin = {
  id = { name = "Uploads" },
  filex_monitor = {
    onfile_http = function(engine, ts, flow, path, req, resp, length, is_chunk)
      local h = io.open(path, "rb")
      local start = h and h:read(6) or "nothing"
      if h then h:close() end
      print(req:get_method() .. " " .. req:get_path() .. " " .. resp:get_status() .. " " .. length .. " " .. start)
    end,
  },
}
