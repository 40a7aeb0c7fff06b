-- Syslog: a protocol of its own on UDP port 514, the messages as resources, and a count by facility and severity (RFC 3164, RFC 5424).
--   Run:     spillway test -r traffic.pcap -s syslog.lua
--   Shows:   resources "Syslog messages" with their flow; counter group "Syslog"; an alert for what is critical or worse
--   Blocks:  protocol_handler, countergroup, resourcegroup, simplecounter
local PROTOCOL = "{4323003E-D060-440B-CA26-E146C0C7DB4E}"
local GROUP = "{1D71710C-5080-4D91-9FE8-ECAEB9BC656A}"
local MESSAGES = "{B43290E4-F353-41DD-9EE7-9A5433C77A20}"
local USER_ALERTS = "{B5F1DECB-51D5-4395-B71B-6FA730B772D9}"

local FACILITIES = { [0] = "kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news", "uucp", "cron", "authpriv", "ftp", "ntp", "audit",
  "alert", "clock", "local0", "local1", "local2", "local3", "local4", "local5", "local6", "local7" }
local SEVERITIES = { [0] = "emerg", "alert", "crit", "err", "warning", "notice", "info", "debug" }

TrisulPlugin = {
  id = { name = "Syslog", description = "Syslog messages seen on the wire" },

  protocol_handler = {
    control = {
      guid = PROTOCOL, name = "SYSLOG",
      host_protocol_guid = "{14D7AB53-CC51-47E9-8814-9C06AAE60189}", -- UDP
      host_protocol_ports = { 514 },
    },
    parselayer = function(layer)
      if layer:getbyte(0) ~= 0x3C then return nil end   -- every message begins with its priority, <13>
      return layer:layer_bytes(), nil
    end,
  },

  countergroup = {
    control = { guid = GROUP, name = "Syslog", description = "Messages by facility and severity", bucketsize = 60 },
    meters = { { 0, T.K.vartype.COUNTER, 20, 0, "Messages", "messages", "msgs" } },
  },

  resourcegroup = { control = { guid = MESSAGES, name = "Syslog messages", description = "Syslog messages as sent" } },

  simplecounter = {
    protocol_guid = PROTOCOL,
    onpacket = function(engine, layer)
      local priority, text = layer:rawbytes():tostring():match("^<(%d%d?%d?)>(.-)%s*$")
      priority = tonumber(priority)
      if not priority or priority > 191 then return end
      local severity = priority % 8
      local key = FACILITIES[(priority - severity) / 8] .. "." .. SEVERITIES[severity]
      engine:update_counter(GROUP, key, 0, 1)
      engine:add_resource(MESSAGES, layer:flowkey(), key, text)
      if severity <= 2 then engine:add_alert(USER_ALERTS, layer:flowkey(), "SYSLOG-" .. SEVERITIES[severity]:upper(), 2, text) end
    end,
  },
}
