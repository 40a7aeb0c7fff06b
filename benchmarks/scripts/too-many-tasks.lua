-- Schedules a task of a millisecond for each TCP packet, with a kilobyte to carry: far more than workers end.

local kilobyte = string.rep("x", 1024)

TrisulPlugin = {
  id = { name = "Too many tasks", description = "schedules faster than workers end" },
  simplecounter = {
    protocol_guid = "{77E462AB-2E42-42EC-9A58-C1A6821D6B31}", -- TCP
    onpacket = function(engine, layer)
      T.async:schedule {
        data = kilobyte,
        onexecute = function(data)
          local ffi = require "ffi"
          if not CDEF then ffi.cdef "int usleep(unsigned);" CDEF = true end
          ffi.C.usleep(1000)
          return data
        end,
        onresult = function() end,
      }
    end,
  },
}
