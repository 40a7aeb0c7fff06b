-- Flow attributes of TLS: records by type and length, and the names.
TrisulPlugin = {
  id = { name = "TLS attributes", description = "prints them" },

  reassembly_handler = {
    onattribute = function(engine, ts, flow, name, value)
      if name == "TLS:RECORD" then
        local type, hello, length = value:byte(1), value:byte(6), value:byte(7) * 65536 + value:byte(8) * 256 + value:byte(9)
        if type == 22 and hello <= 2 then print("hello " .. hello .. (#value == 9 + length and " whole" or " shared")) end
      elseif name:match("^TLS:") then
        print(name .. "=" .. value)
      end
    end,
  },
}
