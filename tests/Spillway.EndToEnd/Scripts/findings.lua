-- What a script finds ends up in the store and in the summary.
local HOSTS = "{4CD742B1-C1CA-4708-BE78-0FCA2EB01A86}"
local MINE = "{B7FE4C8D-3C7A-4C1B-8D0F-6E8A63C9F201}"
local LOG = "{C1A2FE60-696F-4FA3-98D4-E2A6A77664E6}"
local ALERTS = "{B5F1DECB-51D5-4395-B71B-6FA730B772D9}"

TrisulPlugin = {
  id = { name = "Findings", description = "everything at once" },

  countergroup = {
    control = { guid = MINE, name = "Downloads", description = "by host", bucketsize = 60 },
    meters = { { 0, T.K.vartype.COUNTER, 20, "bytes", "bytes downloaded", "B" }, { 1, T.K.vartype.COUNTER, 20, "files", "files", "" } },
  },
  resourcegroup = { control = { guid = LOG, name = "Hashes", description = "of files" } },

  filex_monitor = {
    onfile_http = function(engine, ts, flow, path, req, resp, length, is_chunk)
      local id, host = flow:id(), req:get_value("Host")
      T.async:schedule {
        data = id .. "|" .. host .. "|" .. length,
        onexecute = function(text)
          return io.popen("sha1sum " .. path):read("*a"):match("^%x+")
        end,
        onresult = function(engine, text, hash)
          local id, host, length = T.util.splitm(text, "|")
          engine:update_counter(MINE, host, 0, length)        -- a numeric string, as scripts do
          engine:update_counter(MINE, host, 1, 1)
          engine:update_key_info(MINE, host, "the host " .. host, "seen in a test")
          engine:add_resource(LOG, id, hash, host)
          engine:add_alert(ALERTS, id, "FILE-SEEN", 2, "file of " .. length .. " bytes")
          engine:add_alert_full(ALERTS, nil, "NO-FLOW", "tests", 1, "without a flow", "ALARM")
          engine:tag_flow(id, "[file]" .. length)
        end,
      }
    end,
  },
}
