-- A task that comes late to its file, and one more from its result.
TrisulPlugin = {
  id = { name = "Slow tasks", description = "leases" },

  filex_monitor = {
    onfile_http = function(engine, ts, flow, path, req, resp, length, is_chunk)
      local function hash() return io.popen("sleep 0.2; sha1sum < " .. path):read("*a"):match("%x+") end
      T.async:schedule {
        data = req:get_path(),
        onexecute = hash,
        onresult = function(engine, asked, answer)
          print("first " .. asked .. " " .. answer)
          T.async:schedule {
            data = asked,
            onexecute = hash,
            onresult = function(engine, again, second) print("second " .. again .. " " .. second) end,
          }
        end,
      }
    end,
  },
}
