-- Weak certificates: looks through the text of TLS certificates for signatures and keys that should not be in use any more, and counts the
-- algorithms.
--   Run:     spillway test -r traffic.pcap -s weak-certificates.lua
--   Prints:  a line for each weak certificate
--   Shows:   counter group "Certificate algorithms"
--   Blocks:  countergroup, fts_monitor
local GROUP = "{28B48D57-1CE5-4B2A-A8E6-C1C2F2D1DF2E}"
local WEAK = T.re2("(?i)(md5|sha1)WithRSA|Public-Key: \\((512|768|1024) bit\\)")

TrisulPlugin = {
  id = { name = "Weak certificates", description = "Signatures and keys of TLS certificates" },

  countergroup = {
    control = { guid = GROUP, name = "Certificate algorithms", description = "Certificates by signature algorithm", bucketsize = 60 },
    meters = { { 0, T.K.vartype.COUNTER, 20, 0, "Certificates", "certificates", "certs" } },
  },

  fts_monitor = {
    fts_guid = "{9FEB8ADE-ADBB-49AD-BC68-C6A02F389C71}", -- SSL Certs

    onnewfts = function(engine, document)
      local text = document:text()
      -- The algorithm stands in each certificate twice: in what is signed, and at the signature.
      for algorithm in text:gmatch("Data:.-Signature Algorithm: (%S+)") do engine:update_counter(GROUP, algorithm, 0, 1) end
      local is_weak, signature, bits = WEAK:partial_match_c2(text)
      if is_weak then print(document:flow():ipz_readable() .. " shows a weak certificate: " .. (signature ~= "" and signature or bits .. " bit")) end
    end,
  },
}
