-- Puts the records (PDUs) of a protocol together from the chunks of a stream, as onpayload hands them over.
--
--   local pdu = require('pdurecord').new('name', {
--     what_next = function(dissector, pdu, reader) pdu:want_next(4 + reader:peek_u32()) end,
--     on_record = function(dissector, pdu, bytes) ... end,
--   })
--   pdu:push_chunk(seekpos, buffer:tostring())
--
-- what_next is asked, with a reader (sweepbuf) over what is there, how the next record ends: want_next(n), want_to_pattern(text),
-- want_to_start_pattern(text), skip_next(n) or abort(); it is asked again with more bytes if it says nothing. Chunks that repeat bytes already given
-- are cut; a gap drops what was begun and begins anew behind it.
--
-- The work grows with the bytes, however the stream is cut: chunks that come while a long record is waited for are joined when it is whole, a
-- search goes on where the last one ended, and records are cut off without moving what follows.
local SweepBuf = require 'sweepbuf'
local type, tostring, tonumber, error, setmetatable, find, sub, concat, max, min = type, tostring, tonumber, error, setmetatable, string.find, string.sub,
  table.concat, math.max, math.min

local MAXIMUM_BUFFERED = 16 * 1024 * 1024
local ASKED_EACH_TIME = 4 * 1024   -- with more than this, what_next is asked again when an eighth has come
local WANT_BYTES, WANT_END, WANT_START, SKIP = 1, 2, 3, 4

local PDURecord = {}
PDURecord.__index = PDURecord

--- `dissector` is a table with what_next and on_record; it may keep state of the flow. With on_newdata it hears of each chunk first.
function PDURecord.new(id, dissector)
  if type(dissector) ~= 'table' then error(("bad argument #2 to 'PDURecord.new' (table expected, got %s)"):format(type(dissector)), 2) end
  return setmetatable({
    id = id, handler = dissector, diss = dissector, gaps = 0,
    _bytes = '', _first = 1,         -- joined bytes, and where those begin that are in no record yet
    _chunks = {}, _waiting = 0,      -- what came after them
    _at = 0,                         -- position in the stream of the byte at _first
    _searched = 1, _scanned = 0, _tail = '',   -- how far a text was looked for: in the joined bytes, in the chunks, and the end of those
    _asked_at = 0,
    _wants = nil, _amount = nil, _aborted = false,
  }, PDURecord)
end

local function want(pdu, kind, amount) pdu._wants, pdu._amount, pdu._searched, pdu._scanned = kind, amount, pdu._first, 0 end

--- The next record has n bytes.
function PDURecord:want_next(n) want(self, WANT_BYTES, tonumber(n) or 0) end

--- The next record ends with the next occurrence of a text, which is part of it.
function PDURecord:want_to_pattern(text) want(self, WANT_END, tostring(text)) end

--- Each record begins with a text: the next one ends where the text comes again.
function PDURecord:want_to_start_pattern(text) want(self, WANT_START, tostring(text)) end

--- The next n bytes are of no interest.
function PDURecord:skip_next(n) want(self, SKIP, tonumber(n) or 0) end

--- Nothing more is wanted of this stream.
function PDURecord:abort()
  self._aborted, self._bytes, self._first, self._chunks, self._waiting, self._wants = true, '', 1, {}, 0, nil
end

function PDURecord:is_aborted() return self._aborted end

--- Position in the stream of the first byte that is not yet part of a record.
function PDURecord:position() return self._at end

local function joined(pdu) return #pdu._bytes - pdu._first + 1 end
local function available(pdu) return joined(pdu) + pdu._waiting end

-- What was taken is dropped with the next join, so that each byte is copied once for each time that it waits.
local function join(pdu)
  if pdu._waiting == 0 then return end
  local before = sub(pdu._bytes, pdu._first)
  pdu._searched = max(pdu._searched - pdu._first + 1, 1)
  pdu._bytes, pdu._first = before .. concat(pdu._chunks), 1
  pdu._chunks, pdu._waiting, pdu._scanned = {}, 0, 0
end

local function drop(pdu, n)
  pdu._first, pdu._at, pdu._asked_at = pdu._first + n, pdu._at + n, 0
end

local function ask(pdu)
  local n = available(pdu)
  if n == 0 or not pdu.handler.what_next then return false end
  if n < pdu._asked_at then return false end
  pdu._asked_at = n < ASKED_EACH_TIME and n + 1 or n + n / 8
  join(pdu)
  pdu.handler.what_next(pdu.handler, pdu, SweepBuf.over(pdu._bytes, pdu._first, pdu._at))
  return pdu._wants ~= nil
end

-- Goes on where the last search ended, but for what may be the begin of the text, and joins nothing before the text is there.
local function search(pdu, text, from)
  if joined(pdu) == 0 then join(pdu) end
  if pdu._scanned == 0 then
    local first, last = find(pdu._bytes, text, max(pdu._searched, from), true)
    if first then return first, last end
    pdu._searched = max(#pdu._bytes - #text + 2, from)
    pdu._tail = sub(pdu._bytes, pdu._searched)
  end
  for i = pdu._scanned + 1, #pdu._chunks do
    local window = pdu._tail .. pdu._chunks[i]
    if find(window, text, 1, true) then
      join(pdu)
      return find(pdu._bytes, text, max(pdu._searched, pdu._first), true)
    end
    pdu._scanned, pdu._tail = i, sub(window, max(#window - #text + 2, 1))
  end
end

-- How many bytes the record that is wanted has; nil as long as that is not known or they are not there.
local function length_of_record(pdu)
  if pdu._wants == WANT_BYTES then return pdu._amount <= available(pdu) and pdu._amount or nil end
  if pdu._amount == '' then return 0 end
  if pdu._wants == WANT_END then
    local _, last = search(pdu, pdu._amount, pdu._first)
    return last and last - pdu._first + 1
  end
  local first = search(pdu, pdu._amount, pdu._first + 1)   -- behind the record's own
  return first and first - pdu._first
end

-- Skipping needs no bytes to be kept.
local function skip(pdu)
  local there = available(pdu)
  if pdu._amount >= there then
    pdu._amount, pdu._at = pdu._amount - there, pdu._at + there
    pdu._bytes, pdu._first, pdu._chunks, pdu._waiting, pdu._asked_at = '', 1, {}, 0, 0
  else
    join(pdu)
    drop(pdu, pdu._amount)
    pdu._amount = 0
  end
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
  join(pdu)
  local record = sub(pdu._bytes, pdu._first, pdu._first + length - 1)
  drop(pdu, length)
  pdu._wants = nil
  if pdu.handler.on_record then pdu.handler.on_record(pdu.handler, pdu, record) end
  return not pdu._aborted
end

local function begin_anew(pdu, position)
  pdu.gaps = pdu.gaps + (pdu._at + available(pdu) > 0 and 1 or 0)
  pdu._bytes, pdu._first, pdu._chunks, pdu._waiting, pdu._wants, pdu._asked_at = '', 1, {}, 0, nil, 0
  pdu._at = position
end

--- Takes the bytes at a position of the stream.
function PDURecord:push_chunk(position, bytes)
  if self._aborted then return end
  bytes, position = type(bytes) == 'string' and bytes or tostring(bytes), tonumber(position) or 0
  local missing = position - self._at - available(self)
  if missing < 0 then
    bytes = sub(bytes, 1 - missing)
  elseif missing > 0 then
    if self._wants == SKIP and available(self) == 0 and self._amount >= missing then
      self._amount, self._at = self._amount - missing, position
      if self._amount == 0 then self._wants = nil end
    else
      begin_anew(self, position)
    end
  end
  if bytes == '' then return end
  if available(self) + #bytes > MAXIMUM_BUFFERED then return self:abort() end
  if self.handler.on_newdata then self.handler.on_newdata(self.handler, self, bytes) end
  if self._aborted then return end
  self._chunks[#self._chunks + 1] = bytes
  self._waiting = self._waiting + #bytes
  while step(self) do end
end

return PDURecord
