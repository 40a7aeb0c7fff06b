-- Puts the records (PDUs) of a protocol together from the chunks of a stream, as onpayload hands them over.
--
--   local pdu = require('pdurecord').new('name', {
--     what_next = function(handler, pdu, reader) pdu:want_next(4 + reader:peek_u32()) end,
--     on_record = function(handler, pdu, bytes) ... end,
--   })
--   pdu:push_chunk(seekpos, buffer:tostring())
--
-- what_next is asked, with a reader (sweepbuf) over what is there, how the next record ends: want_next(n), want_to_pattern(p), skip_next(n)
-- or abort(); it is asked again with more bytes if it says nothing, or reads past the end. Chunks that repeat bytes already given are cut; a
-- gap drops what was begun and begins anew behind it.
local SweepBuf = require 'sweepbuf'
local type, tostring, tonumber, pcall, error, setmetatable, find, sub = type, tostring, tonumber, pcall, error, setmetatable, string.find, string.sub

local MAXIMUM_BUFFERED = 16 * 1024 * 1024
local WANT_BYTES, WANT_PATTERN, SKIP = 1, 2, 3

local PDURecord = {}
PDURecord.__index = PDURecord

--- `handler` is a table with what_next and on_record; it may keep state of the flow.
function PDURecord.new(id, handler)
  if type(handler) ~= 'table' then error(("bad argument #2 to 'PDURecord.new' (table expected, got %s)"):format(type(handler)), 2) end
  return setmetatable({ id = id, handler = handler, diss = handler, gaps = 0, _bytes = '', _at = 0, _wants = nil, _amount = nil, _aborted = false }, PDURecord)
end

--- The next record has n bytes.
function PDURecord:want_next(n) self._wants, self._amount = WANT_BYTES, tonumber(n) or 0 end

--- The next record ends with the next occurrence of a Lua pattern, which is part of it.
function PDURecord:want_to_pattern(pattern) self._wants, self._amount = WANT_PATTERN, pattern end

--- The next n bytes are of no interest.
function PDURecord:skip_next(n) self._wants, self._amount = SKIP, tonumber(n) or 0 end

--- Nothing more is wanted of this stream.
function PDURecord:abort() self._aborted, self._bytes, self._wants = true, '', nil end

function PDURecord:is_aborted() return self._aborted end

--- Position in the stream of the first byte that is not yet part of a record.
function PDURecord:position() return self._at end

local function drop(pdu, n)
  pdu._bytes = sub(pdu._bytes, n + 1)
  pdu._at = pdu._at + n
end

local function ask(pdu)
  if pdu._bytes == '' or not pdu.handler.what_next then return false end
  local reader = SweepBuf.new(pdu._bytes, pdu._at)
  local ok, message = pcall(pdu.handler.what_next, pdu.handler, pdu, reader)
  if not ok and not tostring(message):find('sweepbuf: ', 1, true) then error(message, 0) end
  return ok and pdu._wants ~= nil
end

-- How many bytes the record that is wanted has; nil as long as that is not known or they are not there.
local function length_of_record(pdu)
  if pdu._wants == WANT_PATTERN then
    local _, last = find(pdu._bytes, pdu._amount)
    return last
  end
  return pdu._amount <= #pdu._bytes and pdu._amount or nil
end

-- Skipping needs no bytes to be kept.
local function skip(pdu)
  local n = math.min(pdu._amount, #pdu._bytes)
  drop(pdu, n)
  pdu._amount = pdu._amount - n
  if pdu._amount > 0 then return false end
  pdu._wants = nil
  return true
end

local function step(pdu)
  if not pdu._wants and not ask(pdu) then return false end
  if pdu._aborted then return false end
  if pdu._wants == SKIP then return pdu._amount > 0 and skip(pdu) end
  local length = length_of_record(pdu)
  if not length or length <= 0 then
    if length then pdu._wants = nil end
    return false
  end
  local record = sub(pdu._bytes, 1, length)
  drop(pdu, length)
  pdu._wants = nil
  if pdu.handler.on_record then pdu.handler.on_record(pdu.handler, pdu, record) end
  return not pdu._aborted
end

--- Takes the bytes at a position of the stream.
function PDURecord:push_chunk(position, bytes)
  if self._aborted then return end
  bytes, position = type(bytes) == 'string' and bytes or tostring(bytes), tonumber(position) or 0
  local expected = self._at + #self._bytes
  if position < expected then
    bytes = sub(bytes, expected - position + 1)
  elseif position > expected then
    local missing = position - expected
    if self._wants == SKIP and self._bytes == '' and self._amount >= missing then
      self._amount = self._amount - missing
    else
      self.gaps = self.gaps + (expected > 0 and 1 or 0)
      self._bytes, self._wants = '', nil
    end
    self._at = position - #self._bytes
  end
  if bytes == '' then return end
  if #self._bytes + #bytes > MAXIMUM_BUFFERED then return self:abort() end
  self._bytes = self._bytes .. bytes
  while step(self) do end
end

return PDURecord
