-- The T.async manual's example: the SHA1 of every file that went by, computed off the packet path.
-- onexecute runs on a worker and may block; 'path' reaches it as an upvalue, copied when schedule is called.

TrisulPlugin = {

  id = {
    name = "SHA1 of files",
    description = "runs sha1sum on every file extracted from HTTP",
  },

  filex_monitor = {

    onfile_http = function(engine, timestamp, flowkey, path, req_header, resp_header, length, is_chunk)
      T.async:schedule {
        data = (req_header:get_value("Host") or "?") .. req_header:get_path(),

        onexecute = function(in_data)
          local h = io.popen("sha1sum " .. path)
          local hash = h:read("*a"):match("^%x+")
          h:close()
          return hash
        end,

        onresult = function(engine, req, response)
          print(response .. "  " .. req)
        end,
      }
    end,

  },
}
