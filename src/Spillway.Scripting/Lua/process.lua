-- What belongs to the process and not to one script of it: its end, and its open files.
local error, open, collect = error, io.open, collectgarbage

function os.exit()
  error('os.exit is not available: the run is not the script\'s to end (onload that returns false declines, error() ends a callback)', 2)
end

-- Files that were dropped without close are open until they are collected, and nothing makes the collector hurry: they take little memory.
local TOO_MANY_OPEN_FILES = 24

function io.open(...)
  local file, message, errno = open(...)
  if file then return file end
  if errno == TOO_MANY_OPEN_FILES then
    collect()
    return open(...)
  end
  return file, message, errno
end
