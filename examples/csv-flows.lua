-- CSV flows: takes flow records from a text file, as a firewall or a cloud exports them, into the counters and the flows of the store.
-- A row is: time (seconds since 1970), protocol number, client, port, server, port, bytes sent, bytes received, packets sent, packets received.
--   Run:     spillway input csv-flows.lua flows.csv
--   Prints:  how many rows were taken and left out
--   Shows:   flows; Hosts, Apps and Aggregates, which packets would have fed
--   Blocks:  inputfilter
local HOSTS, APPS, AGGREGATES =
  "{4CD742B1-C1CA-4708-BE78-0FCA2EB01A86}", "{C51B48D4-7876-479E-B0D9-BD9EFF03CE2E}", "{393B5EBC-AB41-4387-8F31-8077DB917336}"
local TOTAL, RECEIVED, SENT = 0, 1, 2

local function address_key(text)
  local a, b, c, d = text:match("^(%d+)%.(%d+)%.(%d+)%.(%d+)$")
  return a and string.format("%02X.%02X.%02X.%02X", a, b, c, d)
end

local function import(packet, engine, row)
  local client, server = address_key(row[3]), address_key(row[5])
  if #row < 10 or not client or not server or not tonumber(row[1]) then return false end
  packet:set_timestamp(row[1])
  local application = string.format("p-%04X", row[6])
  local id = string.format("%02XA:%s:p-%04X_%s:%s", row[2], client, row[4], server, application)
  for meter = 0, 3 do engine:update_flow(id, meter, row[7 + meter]) end
  engine:new_flow_record(id, row[7], row[8], row[9], row[10])

  local bytes = row[7] + row[8]
  engine:update_counter(HOSTS, client, TOTAL, bytes)
  engine:update_counter(HOSTS, client, SENT, row[7])
  engine:update_counter(HOSTS, client, RECEIVED, row[8])
  engine:update_counter(HOSTS, server, TOTAL, bytes)
  engine:update_counter(HOSTS, server, SENT, row[8])
  engine:update_counter(HOSTS, server, RECEIVED, row[7])
  engine:update_counter(APPS, application, TOTAL, bytes)
  engine:update_counter(AGGREGATES, "TOTALBW", TOTAL, bytes)
  return true
end

TrisulPlugin = {
  id = { name = "CSV flows", description = "Flow records from a text file" },

  onload = function()
    local message
    T.file, message = io.open(T.args)
    if not T.file then
      T.logerror("no input: " .. tostring(message) .. "; run spillway input csv-flows.lua FILE")
      return false
    end
    T.taken, T.left_out = 0, 0
  end,

  onunload = function()
    if not T.file then return end
    T.file:close()
    print(string.format("%d rows taken, %d left out", T.taken, T.left_out))
  end,

  inputfilter = {
    step = function(packet, engine)
      local line = T.file:read()
      if not line then return false end
      if line:match("^%s*#") or line:match("^%s*$") then return true end
      if import(packet, engine, T.util.split(line:gsub("\r", ""), ",")) then T.taken = T.taken + 1
      else T.left_out = T.left_out + 1 end
      return true
    end,
  },
}
