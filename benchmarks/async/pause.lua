-- Many results at once: each UDP packet has as many tasks scheduled as the argument says. Used by lane-pause.
local RESULTS = tonumber(T.args)
local task = { data = 'x', onexecute = function(data) return data end, onresult = function() end }

TrisulPlugin = {
  id = { name = 'many results' },
  simplecounter = {
    protocol_guid = '{14D7AB53-CC51-47E9-8814-9C06AAE60189}', -- UDP
    onpacket = function()
      for _ = 1, RESULTS do T.async:schedule(task) end
    end,
  },
}
