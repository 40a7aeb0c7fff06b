-- Listens to flow records: those of NetFlow, and those that scripts announce by engine:new_flow_record.
local GROUP = "{NEW-GUID-1}"

TrisulPlugin = {
  id = { name = "My flow records", description = "Bytes by exporting router" },

  countergroup = {
    control = { guid = GROUP, name = "Exporters", description = "What routers report", bucketsize = 60 },
    meters = {
      { 0, T.K.vartype.RATE_COUNTER, 20, 0, "Volume", "bytes per second", "Bps" },
      { 1, T.K.vartype.AVERAGE, 20, 0, "Latency", "time of the handshake", "us" },
    },
  },

  messagemonitor = {
    onnewflowrecord = function(engine, flow, bytes_az, bytes_za, packets_az, packets_za)
      engine:update_counter(GROUP, flow:netflow_router(), 0, bytes_az + bytes_za)
    end,

    -- A meter of a flow has changed: 6 is the time of the TCP handshake in microseconds, 7 retransmissions.
    onflowmetric = function(engine, flow, meter, value)
      if meter == 6 then engine:update_counter(GROUP, flow:ipz(), 1, value) end
    end,
  },
}
