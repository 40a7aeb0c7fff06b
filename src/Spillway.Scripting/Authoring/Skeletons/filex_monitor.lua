-- Takes files out of HTTP. This one hashes each image on a worker, off the packet path, and logs the hash.
local LOG = "{NEW-GUID-1}"

TrisulPlugin = {
  id = { name = "My file watcher", description = "Hashes of images" },

  request_async_workers = 2,

  resourcegroup = {
    control = { guid = LOG, name = "Image hashes", description = "SHA-1 of images seen in HTTP" },
  },

  filex_monitor = {
    -- For the header of the request, and for that of the response: false if the content is of no interest.
    filter = function(engine, timestamp, flow, header)
      if header:is_request() then return header:is_method("GET") end
      return header:match_value("Content-Type", "(?i)^image/")
    end,

    -- A file is complete, or a part of a big one. It stays where it is until all tasks submitted here are done.
    onfile_http = function(engine, timestamp, flow, path, request, response, length, is_chunk)
      if length == 0 or is_chunk then return end
      local id, host = flow:id(), request:get_value("Host") or "?"
      T.async:schedule {
        name = "sha1",
        data = path,

        -- On a worker: no engine, flow or header here, but locals that are strings, numbers or tables.
        onexecute = function(file)
          local command = io.popen("sha1sum " .. file)
          local hash = command:read("*a"):match("^%x+")
          command:close()
          return hash
        end,

        -- On the packet path again.
        onresult = function(engine, file, hash)
          engine:add_resource(LOG, id, "SHA1:" .. hash, host)
        end,
      }
    end,
  },
}
