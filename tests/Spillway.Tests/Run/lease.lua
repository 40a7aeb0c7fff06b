-- A task on each extracted file that waits until the test lets it go, then says whether the file is whole.
local directory = T.args

TrisulPlugin = {
  id = { name = 'tasks on extracted files' },

  filex_monitor = {
    onfile_http = function(engine, timestamp, flow, path, request, response, length)
      T.async:schedule {
        data = path .. '\n' .. length,
        onexecute = function(data)
          local function exists(name)
            local file = io.open(directory .. '/' .. name)
            return file and file:close()
          end
          io.open(directory .. '/begun', 'w'):close()
          while not exists 'go' do end
          local name, expected = data:match '^(.*)\n(.*)$'
          local file = assert(io.open(name, 'rb'))
          local size = #file:read '*a'
          file:close()
          local log = io.open(directory .. '/sizes', 'a')
          log:write(('%s %s\n'):format(size, expected))
          log:close()
        end,
      }
    end,
  },
}
