-- For each extracted file a task that reads it and counts its bytes; for one in a hundred a command. Results are counted by group.

local GROUP = "{5E5C2F0B-6D5B-4C39-9A6E-3F0C6F3B7A50}"
local files = 0

TrisulPlugin = {

  id = { name = "Soak", description = "tasks of all kinds for a run that lasts" },

  countergroup = {
    control = { guid = GROUP, name = "Read files", description = "files that tasks have read, by first byte", bucketsize = 60 },
    meters = { { 0, T.K.vartype.COUNTER, 10, 0, "Bytes", "bytes", "B" } },
  },

  filex_monitor = {
    onfile_http = function(engine, timestamp, flow, path, request, response, length)
      files = files + 1
      T.async:schedule {
        data = { path = path, hashes = files % 100 == 0 },
        onexecute = function(file)
          local input = io.open(file.path, "rb")
          if not input then return "none 0" end
          local first, size = nil, 0
          for block in function() return input:read(65536) end do
            first = first or block:byte()
            size = size + #block
          end
          input:close()
          if file.hashes then
            local command = io.popen("sha1sum " .. file.path)
            command:read("*a")
            command:close()
          end
          return (first or "none") .. " " .. size
        end,
        onresult = function(engine, request, response)
          local first, size = response:match("^(%w+) (%d+)$")
          engine:update_counter(GROUP, first, 0, tonumber(size))
        end,
      }
    end,
  },
}
