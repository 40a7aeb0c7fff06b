-- File operations in both call styles; T.args is a directory.
local function put(name, text)
  local f = assert(io.open(T.args .. "/" .. name, "w"))
  f:write(text)
  f:close()
end

TrisulPlugin = {
  id = { name = "File operations" },
  onload = function()
    local d = T.args
    os.execute("mkdir -p " .. d)
    put("one", "1111")
    put("two", "22")
    put("old", "previous content")
    T.async:copy(d .. "/one", d .. "/old")
    T.async.copy(d .. "/two", d .. "/new")
    T.async:cat(d .. "/one", d .. "/joined")
    T.async.cat(d .. "/two", d .. "/joined")
    T.async:copy(d .. "/two", d .. "/gone")
    T.async:rm(d .. "/gone")
    T.async.rm(d .. "/never-existed")
    T.async:copy(d .. "/missing", d .. "/x")
    T.async:copy(d .. "/one", d .. "/below/one")
  end,
  simplecounter = { protocol_guid = "{77E462AB-2E42-42EC-9A58-C1A6821D6B31}", onpacket = function() end },
}
