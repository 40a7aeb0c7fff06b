-- Host list: one script of this file sees the names in requests, the other keeps a list of them; they run in states of their own and talk by
-- T.host:broadcast. Also what a script from before message_subscriptions looks like.
--   Run:     spillway test -r traffic.pcap -s host-list.lua
--   Prints:  the names, sorted, at the end
--   Blocks:  reassembly_handler, channellistener
local NEW_HOST = "{CDDB34CB-40BD-4356-B2D6-2A615E4B5FD3}"
local seen, names = {}, {}   -- each state has its own

TrisulPlugin = {
  id = { name = "Host list", description = "Names of web servers", clsid = "{5493B568-FB12-4A3E-9C95-0EE1E26D25FF}" },

  onunload = function()
    table.sort(names)
    for _, name in ipairs(names) do print(name) end
  end,

  reassembly_handler = {
    onattribute = function(engine, timestamp, flow, name, value)
      if name ~= "Host" or seen[value] then return end
      seen[value] = true
      T.host:broadcast(NEW_HOST, TrisulPlugin.id.clsid, value:lower())
    end,
  },

  channellistener = {
    onchannelmessage = function(id, buffer)
      if id == NEW_HOST then names[#names + 1] = buffer:tostring() end
    end,
  },
}
