-- Does one of everything with each packet, then writes the packet's name where the test reads what was acknowledged.
local directory, generation, workers = T.args:match '^(%S+) (%S+) (%S+)$'
local acknowledged, count = nil, 0

local function append(name, text)
  local file = assert(io.open(name, 'a'))
  file:write(text)
  file:close()
end

TrisulPlugin = {
  id = { name = 'killed at any time' },
  request_async_workers = tonumber(workers),

  simplecounter = {
    protocol_guid = '{14D7AB53-CC51-47e9-8814-9C06AAE60189}',

    onpacket = function(engine, layer)
      count = count + 1
      local name = generation .. ':' .. count
      local chunk = directory .. '/chunk.' .. name
      append(chunk, name .. '\n')
      T.async:cat(chunk, directory .. '/cat.log')
      T.async:copy(chunk, directory .. '/copy.' .. name)
      T.async:rm(chunk)
      T.async:copybuffer(name .. '\n', directory .. '/append.log')
      T.async:copybuffer(('%-16s'):format(name), directory .. '/positions.' .. generation, (count - 1) * 16)
      T.async:schedule {
        data = name,
        onexecute = function(data)
          append(directory .. '/ran.log', data .. '\n')
          return data
        end,
        onresult = function(engine, data, result) end,
      }
      append(directory .. '/acknowledged', name .. '\n')
    end,
  },
}
