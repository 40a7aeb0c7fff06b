-- Looks at the first bytes of a stream and wants no more of it.
TrisulPlugin = {
  id = { name = "Opts out" },
  reassembly_handler = {
    onpayload = function(engine, ts, flow, direction, seekpos, buffer)
      print("seen " .. direction .. " at " .. seekpos)
      engine:disable_reassembly(flow:id())
    end,
    onterminateflow = function() print("terminated") end,
  },
}
