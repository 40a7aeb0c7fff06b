-- Streaming mode: writes every piece of content at its offset into the directory T.args.
TrisulPlugin = {
  id = { name = "Stream files", description = "positional writes" },
  onload = function() os.execute("mkdir -p " .. T.args) end,

  filex_monitor = {
    onpayload_raw = function(engine, ts, flow, direction, seekpos, buffer)
      if seekpos == 0 then print("raw dir " .. direction .. " first " .. buffer:tostring(0, 4)) end
    end,
    onpayload_http = function(engine, ts, flow, path, req, resp, direction, seekpos, buffer)
      local name = path:match("^.+/(.+)$")
      if buffer:size() == 0 then
        print("complete " .. name .. " bytes " .. seekpos .. " direction " .. direction)
        return
      end
      T.async:copybuffer(buffer, T.args .. "/" .. name, seekpos)
    end,
  },
}
