-- Follows full-text documents. This one counts the server software that HTTP headers name.
local GROUP = "{NEW-GUID-1}"

TrisulPlugin = {
  id = { name = "My documents", description = "Server software" },

  onload = function()
    T.server = T.re2("(?im)^Server:\\s*(\\S+)")
  end,

  countergroup = {
    control = { guid = GROUP, name = "Servers", description = "Server software of HTTP", bucketsize = 60 },
    meters = { { 0, T.K.vartype.COUNTER, 20, 0, "Hits", "responses", "hits" } },
  },

  fts_monitor = {
    fts_guid = "{28217924-E7A5-4523-993C-44B52758D5A8}", -- HTTP headers

    onnewfts = function(engine, document)
      local found, server = T.server:partial_match_c1(document:text())
      if found then engine:update_counter(GROUP, server, 0, 1) end
    end,
  },
}
