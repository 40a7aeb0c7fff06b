-- Attributes in the order of older versions, and a broadcast to the listener of the same file.
TrisulPlugin = {
  id = { name = 'Old style', clsid = '{D75968BF-EDC7-4A98-85F2-E2F98D900490}' },
  flowmonitor = {
    onflowattribute = function(engine, flow, ts, name, value)
      if name ~= 'Host' then return end
      print('host ' .. value:tostring() .. ' ' .. value:size() .. ' ' .. flow:portz_readable())
      T.host:broadcast('{E0E74C33-E64E-4281-B1B9-867392144B9E}', TrisulPlugin.id.clsid, value:tostring())
    end,
  },
  channellistener = { onchannelmessage = function(id, data) print('channel ' .. data:tostring()) end },
}
