-- The first line that each client sends on port 8080; flows of other ports are refused.
local LOG = "{C1A2FE60-696F-4FA3-98D4-E2A6A77664E6}"

TrisulPlugin = {
  id = { name = "Streams", description = "first request line of a flow" },
  onload = function() T.flows = {} end,

  resourcegroup = { control = { guid = LOG, name = "First lines", description = "test" } },

  reassembly_handler = {
    filter = function(engine, ts, flow)
      return flow:portz_readable() == "8080" or flow:porta_readable() == "8080"
    end,
    onnewflow = function(engine, ts, flow)
      print("new " .. flow:id() .. " at " .. ts)
      T.flows[flow:id()] = { bytes = { [0] = 0, [1] = 0 } }
    end,
    onpayload = function(engine, ts, flow, direction, seekpos, buffer)
      local st = T.flows[flow:id()]
      assert(seekpos == st.bytes[direction], "each byte once, in order")
      st.bytes[direction] = seekpos + buffer:size()
      if direction == 1 and not st.line then
        st.line = buffer:tostring(0, 80):match("^[^\r\n]+")
        engine:add_resource(LOG, flow:id(), st.line, "client " .. flow:ipa_readable())
      end
    end,
    onattribute = function(engine, ts, flow, name, value)
      if name == "User-Agent" or name == "Host" or name == "URI" then print("attribute " .. name .. "=" .. value) end
    end,
    onterminateflow = function(engine, ts, flow)
      local st = T.flows[flow:id()]
      print("end " .. flow:to_s() .. " in " .. st.bytes[0] .. " out " .. st.bytes[1])
    end,
  },
}
