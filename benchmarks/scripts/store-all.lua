-- Stores every body: what tcpflow -a and tshark --export-objects do. STORE_DIR names the directory.

local OUT = os.getenv("STORE_DIR") or "stored"

TrisulPlugin = {

  id = { name = "Store all", description = "keeps every file extracted from HTTP" },

  filex_monitor = {
    onfile_http = function(engine, timestamp, flow, path, req_header, resp_header, length, is_chunk)
      if length == 0 then return end
      if is_chunk then
        T.async:cat(path, OUT .. "/" .. path:match("^.+/(.+)%.%d+%.part$"))
      else
        T.async:copy(path, OUT .. "/" .. path:match("^.+/(.+)$"))
      end
    end,
  },
}
