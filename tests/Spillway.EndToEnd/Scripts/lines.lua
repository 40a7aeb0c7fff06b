-- An alert for each line of the file that T.args names.
TrisulPlugin = {
  id = { name = 'Lines' },
  onload = function()
    T.file = io.open(T.args)
    return T.file ~= nil
  end,
  inputfilter = {
    step_alert = function()
      local line = T.file:read()
      if not line then return nil end
      return { AlertGroupGUID = '{9AFD8C08-07EB-47E0-BF05-28B4A7AE8DC9}', TimestampSecs = 1700000000, TimestampUsecs = '250000', SigIDKey = 2000001,
        SigIDLabel = 'a line', SourceIP = '10.1.2.3', SourcePort = 49152, DestIP = '198.51.100.7', DestPort = '443', Protocol = 6, Priority = 2,
        AlertStatus = 'FIRED', AlertDetails = line }
    end,
  },
}
