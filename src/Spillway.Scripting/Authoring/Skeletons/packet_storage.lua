-- Decides what is stored of the packets of each flow. Of several scripts' wishes the most liberal wins.
local NO_OPINION, IGNORE, FULL, HEADERS, FIRST_1MB, FIRST_100KB, FIRST_10KB, FIRST_10MB = -1, 0, 1, 2, 3, 4, 5, 6

TrisulPlugin = {
  id = { name = "My packet storage", description = "Headers only of TLS, nothing of backups" },

  packet_storage = {
    -- A new flow.
    filter = function(engine, timestamp, flow)
      if flow:portz_readable() == "873" then return IGNORE end -- rsync
      return NO_OPINION
    end,

    -- The first bytes of a direction.
    filter_payload = function(engine, timestamp, flow, direction, seekpos, buffer)
      if buffer:hval_8(0) == 22 and buffer:hval_8(1) == 3 then return HEADERS end -- a TLS record
      return NO_OPINION
    end,
  },
}
