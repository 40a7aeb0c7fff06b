-- Reads TCP streams, in order and without what was sent twice. This one logs the first line that each client sends.
local LOG = "{NEW-GUID-1}"

TrisulPlugin = {
  id = { name = "My stream reader", description = "First line of each client" },

  resourcegroup = {
    control = { guid = LOG, name = "First lines", description = "The first line that a client sends" },
  },

  reassembly_handler = {
    -- A new TCP flow: false if it is of no interest. It is reassembled if any script wants it.
    filter = function(engine, timestamp, flow)
      return flow:portz_readable() ~= "22"
    end,

    -- Bytes of one direction: 1 is from client to server, 0 the answer. seekpos is the place of the first byte in that stream, from 0.
    onpayload = function(engine, timestamp, flow, direction, seekpos, buffer)
      if direction == 1 and seekpos == 0 then
        local line = buffer:tostring(0, 200):match("^[%g ]+")
        if line then engine:add_resource(LOG, flow:id(), line) end
        engine:disable_reassembly(flow:id()) -- enough of this one
      end
    end,

    -- Something is known of the flow, such as the Host of a request; docs/script-api/flow-attributes.md lists the names.
    onattribute = function(engine, timestamp, flow, name, value)
      if name == "User-Agent" then engine:tag_flow(flow:id(), "[agent]" .. value:sub(1, 20)) end
    end,

    onterminateflow = function(engine, timestamp, flow)
    end,
  },
}
