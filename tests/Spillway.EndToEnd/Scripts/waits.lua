-- Each file keeps a worker busy for T.args seconds.
TrisulPlugin = {
  id = { name = "Waits" },
  onunload = function() print("unloaded") end,
  filex_monitor = {
    onfile_http = function(engine, ts, flow, path, req, resp, length, is_chunk)
      local seconds = T.args
      T.async:schedule {
        data = path,
        onexecute = function(file)
          os.execute("echo at work >&2; exec sleep " .. seconds)
          return tostring(#io.open(file, "rb"):read("*a"))
        end,
        onresult = function(engine, file, size) print("done " .. size) end,
      }
    end,
  },
}
