-- Keeps each TCP stream twice: written at its offsets, and appended in the order of the calls, by three workers.
TrisulPlugin = {
  id = { name = "Buffers", description = "copybuffer" },
  request_async_workers = 3,
  onload = function() os.execute("mkdir -p " .. T.args) end,

  reassembly_handler = {
    onpayload = function(engine, ts, flow, direction, seekpos, buffer)
      local base = T.args .. "/" .. flow:id() .. "_" .. direction
      T.async:copybuffer(buffer, base .. ".seek", seekpos)
      T.async.copybuffer(buffer, base .. ".append")
    end,
  },
}
