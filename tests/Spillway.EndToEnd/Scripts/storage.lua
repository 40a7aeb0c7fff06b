-- No SSH, of TLS the headers, of DNS the first 10 KB; what is told shows what the callbacks were given.
TrisulPlugin = {
  id = { name = "Storage policy", description = "which packets are stored" },

  packet_storage = {
    filter = function(engine, timestamp, flow)
      print("flow " .. flow:id())
      if flow:id():find("p-0016", 1, true) then return 0 end
      return -1
    end,

    filter_payload = function(engine, timestamp, flow, direction, seekpos, buffer)
      print("payload " .. flow:id():sub(36, 41) .. " " .. direction .. " " .. seekpos .. " " .. buffer:size())
      if buffer:hval_8(0) == 22 and buffer:hval_8(1) == 3 then return 2 end
      return -1
    end,
  },
}
