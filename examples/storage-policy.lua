-- Storage policy: what of the packets is worth keeping. Encrypted content tells nobody anything later, so of TLS only the headers are kept;
-- nothing of backups over SSH; of the rest the first megabyte of each flow.
--   Run:     spillway run -r traffic.pcap -s storage-policy.lua --packets DIR        then: spillway packets DIR -w -
--   Prints:  how many flows got which policy
--   Blocks:  packet_storage
local NO_OPINION, NOTHING, HEADERS, FIRST_MEGABYTE = -1, 0, 2, 3

local function note(policy)
  T.count[policy] = (T.count[policy] or 0) + 1
  return policy
end

TrisulPlugin = {
  id = { name = "Storage policy", description = "Headers of TLS, nothing of SSH, a megabyte of the rest" },

  onload = function() T.count = {} end,
  onunload = function()
    for _, row in ipairs { { NOTHING, "nothing" }, { HEADERS, "headers" }, { FIRST_MEGABYTE, "first megabyte" } } do
      if T.count[row[1]] then print(row[2] .. ": " .. T.count[row[1]]) end
    end
  end,

  packet_storage = {
    filter = function(engine, timestamp, flow)
      if flow:protocol() == "06" and flow:portz_readable() == "22" then return note(NOTHING) end
      return NO_OPINION   -- the first payload will tell
    end,

    -- A stream's first payload, each way. A later vote replaces an earlier one.
    filter_payload = function(engine, timestamp, flow, direction, position, buffer)
      if flow:portz_readable() == "22" then return NO_OPINION end
      if direction ~= 0 then return NO_OPINION end                                      -- 0: from the client
      if buffer:hval_8(0) == 22 and buffer:hval_8(1) == 3 then return note(HEADERS) end   -- a TLS handshake record
      return note(FIRST_MEGABYTE)
    end,
  },
}
