-- Names each packet, and writes the name where the test reads what was acknowledged, after its tasks are in the journal.
local directory, life = T.args:match '^(%S+) (%S+)$'
local count = 0

local function append(name, text)
  local file = assert(io.open(directory .. '/' .. name, 'a'))
  file:write(text)
  file:close()
end

TrisulPlugin = {
  id = { name = 'Killed', description = 'tasks that outlive their process' },

  simplecounter = {
    protocol_guid = '{77E462AB-2E42-42EC-9A58-C1A6821D6B31}',

    onpacket = function(engine, layer)
      count = count + 1
      local name = life .. ':' .. count
      T.async:copybuffer(name .. '\n', directory .. '/once.log')
      T.async:schedule {
        data = name,
        onexecute = function(data) append('ran.log', data .. '\n') end,
      }
      append('acknowledged', name .. '\n')
    end,
  },

  filex_monitor = {
    onfile_http = function(engine, ts, flow, path, req, resp, length, is_chunk)
      T.async:copy(path, directory .. '/saved/' .. life .. '.' .. count)
    end,
  },
}
