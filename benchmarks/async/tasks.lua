-- For each extracted file, a task that takes T.args milliseconds; none if that is 0.
local milliseconds = tonumber(T.args)

TrisulPlugin = {
  id = { name = "Tasks", description = "a slow task for each file" },
  request_async_workers = 64,
  filex_monitor = {
    onfile_http = function(engine, timestamp, flow, path, request, response, length)
      if milliseconds == 0 then return end
      T.async:schedule {
        data = path,
        onexecute = function(path)
          local ffi = require "ffi"
          if not CDEF then ffi.cdef "int usleep(unsigned);" CDEF = true end
          ffi.C.usleep(milliseconds * 1000)
          return path
        end,
        onresult = function() end,
      }
    end,
  },
}
