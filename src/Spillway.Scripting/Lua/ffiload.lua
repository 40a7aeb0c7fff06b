-- ffi.load that knows today's names of libraries: scripts ask for those of the year they were written in.
local ffi, settings = ...

local load, type, pcall, error, ipairs = ffi.load, type, pcall, error, ipairs

-- By the name between "lib" and ".so": what to try when the name itself does not load, and the Debian package that has it.
local KNOWN = {
  crypto = { 'libcrypto.so.3', 'libcrypto.so.1.1', package = 'libssl3' },
  ssl = { 'libssl.so.3', 'libssl.so.1.1', package = 'libssl3' },
  leveldb = { 'libleveldb.so.1d', 'libleveldb.so.1', package = 'libleveldb1d' },
  magic = { 'libmagic.so.1', package = 'libmagic1' },
  rdkafka = { 'librdkafka.so.1', package = 'librdkafka1' },
  sqlite3 = { 'libsqlite3.so.0', package = 'libsqlite3-0' },
  z = { 'libz.so.1', package = 'zlib1g' },
  pcap = { 'libpcap.so.0.8', 'libpcap.so.1', package = 'libpcap0.8' },
  curl = { 'libcurl.so.4', 'libcurl-gnutls.so.4', package = 'libcurl4' },
  zmq = { 'libzmq.so.5', package = 'libzmq5' },
  pcre = { 'libpcre.so.3', package = 'libpcre3' },
  GeoIP = { 'libGeoIP.so.1', package = 'libgeoip1' },
  maxminddb = { 'libmaxminddb.so.0', package = 'libmaxminddb0' },
  hiredis = { 'libhiredis.so.0.14', 'libhiredis.so.1.1.0', package = 'libhiredis0.14' },
  jansson = { 'libjansson.so.4', package = 'libjansson4' },
  hs = { 'libhs.so.5', package = 'libhyperscan5' },
  yara = { 'libyara.so.9', 'libyara.so.10', package = 'libyara9' },
}

-- OLD=NEW, one a line: what the user has said goes first.
local aliases = {}
for line in settings.ffi_aliases:gmatch('[^\n]+') do
  local old, new = line:match('^%s*([^#=%s][^=]-)%s*=%s*(.-)%s*$')
  if old and new ~= '' then aliases[old] = new end
end

local function known_of(name)
  local file = name:match('[^/]+$') or name
  return KNOWN[file:match('^lib(.-)%.so') or file:match('^lib(.+)$') or file]
end

function ffi.load(name, global)
  if type(name) ~= 'string' then return load(name, global) end
  local tried, first = {}, nil
  local function try(candidate)
    for _, before in ipairs(tried) do
      if before == candidate then return nil end
    end
    local ok, library = pcall(load, candidate, global)
    if ok then return library end
    tried[#tried + 1], first = candidate, first or library
    return nil
  end

  local library = aliases[name] and try(aliases[name]) or try(name)
  if library then return library end
  local known = known_of(name) or {}
  for _, candidate in ipairs(known) do
    library = try(candidate)
    if library then return library end
  end
  local remedy = known.package and ('apt-get install ' .. known.package .. ' has it on Debian 12, or ') or ''
  error(("cannot load library '%s': %s (tried %s); %s--ffi-alias '%s=NAME' names another"):format(
    name, first, table.concat(tried, ', '), remedy, name), 2)
end
