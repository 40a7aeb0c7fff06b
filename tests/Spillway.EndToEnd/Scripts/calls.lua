-- Writes down each call of the file extraction callbacks.
local function say(...)
  local words = {}
  for i = 1, select("#", ...) do words[i] = tostring((select(i, ...))) end
  print(table.concat(words, " "))
end

TrisulPlugin = {
  id = { name = "Calls" },
  filex_monitor = {
    filter_flow = function(engine, ts, flow)
      say("filter_flow", ts, flow:id())
      return true
    end,
    filter = function(engine, ts, flow, header)
      say("filter", ts, header:is_request(), header:is_request() and header:get_method() or header:get_status())
      return true
    end,
    onpayload_raw = function(engine, ts, flow, direction, seekpos, buffer) say("raw", direction, seekpos, buffer:size()) end,
    onfile_http = function(engine, ts, flow, path, req, resp, length, is_chunk)
      say("file", req:get_path(), resp:get_status(), length, is_chunk, path:match("^.+/(.+)$"))
    end,
    onterminateflow = function(engine, ts, flow) say("terminate", ts, flow:id()) end,
  },
}
