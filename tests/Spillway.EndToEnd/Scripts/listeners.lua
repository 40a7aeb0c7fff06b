-- Says what it hears of flow records and of flows' meters.
TrisulPlugin = {
  id = { name = 'Listeners' },
  messagemonitor = {
    onnewflowrecord = function(engine, flow, bytes_az, bytes_za, packets_az, packets_za)
      print('record ' .. flow:flow_type() .. ' ' .. flow:ipa_readable() .. ' ' .. bytes_az .. '/' .. bytes_za .. ' ' .. packets_az .. '/' .. packets_za .. ' at ' .. engine:timestamp())
    end,
    onflowmetric = function(engine, flow, meter, value)
      if meter == 6 or meter == 7 then print('meter ' .. meter .. ' ' .. flow:portz_readable() .. ' ' .. value) end
    end,
  },
}
