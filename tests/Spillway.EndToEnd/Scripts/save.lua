-- Saves what was transferred into the directory T.args, joining the parts of big files.
TrisulPlugin = {
  id = { name = "Save files", description = "file mode" },

  onload = function()
    if T.env.get_config("Reassembly>FileExtraction>Enabled"):lower() ~= "true" then return false end
    os.execute("mkdir -p " .. T.args)
  end,

  filex_monitor = {
    filter_flow = function(engine, ts, flow) return flow:portz_readable() ~= "8443" end,

    filter = function(engine, ts, flow, header)
      if header:is_request() then return header:is_method("get") end
      return header:match_value("Content-Type", "(?i)application/(pdf|x-pdf)")
    end,

    onfile_http = function(engine, ts, flow, path, req, resp, length, is_chunk)
      if length == 0 then return end
      print("file " .. length .. " status " .. resp:get_status() .. " from " .. (req:get_value("Host") or "?") .. req:get_path()
            .. " chunk " .. tostring(is_chunk))
      if is_chunk then
        T.async:cat(path, T.args .. "/" .. path:match("^.+/(.+)%.%d+.part$"))
      else
        T.async.copy(path, T.args .. "/" .. path:match("^.+/(.+)$"))
      end
    end,

    onterminateflow = function(engine, ts, flow) print("flow over") end,
  },
}
