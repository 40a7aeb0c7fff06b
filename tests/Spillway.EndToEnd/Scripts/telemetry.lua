-- A protocol on UDP 7777 whose packets begin with a T, and a counter of it.
local TELEMETRY = '{05CBAD8F-B36B-48FA-90A1-E4E146B704A6}'

TrisulPlugin = {
  id = { name = 'Telemetry' },
  protocol_handler = {
    control = { guid = TELEMETRY, name = 'TELEM', host_protocol_guid = '{14d7ab53-cc51-47e9-8814-9c06aae60189}', host_protocol_ports = { 7777 } },
    parselayer = function(layer)
      if layer:getbyte(0) ~= 0x54 then return nil end
      return layer:layer_bytes(), nil
    end,
  },
  simplecounter = {
    protocol_guid = TELEMETRY,
    onpacket = function(engine, layer) print('telemetry ' .. layer:layer_bytes() .. ' ' .. layer:getbyte(3) .. ' ' .. layer:flowkey()) end,
  },
}
