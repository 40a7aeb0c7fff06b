-- SQLite for scripts: the interface of the module lsqlite3, which Debian has no package of, over the system's libsqlite3. A module of that
-- name in package.cpath goes before this one. Not here: functions, hooks and authorizers written in Lua.
local ffi = require 'ffi'

ffi.cdef [[
typedef struct sqlite3 sqlite3;
typedef struct sqlite3_stmt sqlite3_stmt;
const char* sqlite3_libversion(void);
int sqlite3_open_v2(const char* filename, sqlite3** db, int flags, const char* vfs);
int sqlite3_close(sqlite3* db);
int sqlite3_errcode(sqlite3* db);
const char* sqlite3_errmsg(sqlite3* db);
int sqlite3_changes(sqlite3* db);
int sqlite3_total_changes(sqlite3* db);
int64_t sqlite3_last_insert_rowid(sqlite3* db);
void sqlite3_interrupt(sqlite3* db);
int sqlite3_busy_timeout(sqlite3* db, int ms);
int sqlite3_prepare_v2(sqlite3* db, const char* sql, int length, sqlite3_stmt** statement, const char** tail);
int sqlite3_step(sqlite3_stmt* statement);
int sqlite3_reset(sqlite3_stmt* statement);
int sqlite3_clear_bindings(sqlite3_stmt* statement);
int sqlite3_finalize(sqlite3_stmt* statement);
int sqlite3_bind_parameter_count(sqlite3_stmt* statement);
const char* sqlite3_bind_parameter_name(sqlite3_stmt* statement, int n);
int sqlite3_bind_null(sqlite3_stmt* statement, int n);
int sqlite3_bind_double(sqlite3_stmt* statement, int n, double value);
int sqlite3_bind_int64(sqlite3_stmt* statement, int n, int64_t value);
int sqlite3_bind_text(sqlite3_stmt* statement, int n, const char* text, int length, intptr_t destructor);
int sqlite3_bind_blob(sqlite3_stmt* statement, int n, const char* bytes, int length, intptr_t destructor);
int sqlite3_column_count(sqlite3_stmt* statement);
int sqlite3_data_count(sqlite3_stmt* statement);
const char* sqlite3_column_name(sqlite3_stmt* statement, int n);
const char* sqlite3_column_decltype(sqlite3_stmt* statement, int n);
int sqlite3_column_type(sqlite3_stmt* statement, int n);
double sqlite3_column_double(sqlite3_stmt* statement, int n);
int64_t sqlite3_column_int64(sqlite3_stmt* statement, int n);
const char* sqlite3_column_blob(sqlite3_stmt* statement, int n);
int sqlite3_column_bytes(sqlite3_stmt* statement, int n);
]]

local C = ffi.load 'libsqlite3.so.0'
local OK, ROW, DONE, MISUSE = 0, 100, 101, 21
local INTEGER, FLOAT, NULL = 1, 2, 5
local TRANSIENT = -1   -- SQLite copies what it is given
local EXACT = 2 ^ 53

local sqlite3 = {
  OK = 0, ERROR = 1, INTERNAL = 2, PERM = 3, ABORT = 4, BUSY = 5, LOCKED = 6, NOMEM = 7, READONLY = 8, INTERRUPT = 9, IOERR = 10, CORRUPT = 11,
  NOTFOUND = 12, FULL = 13, CANTOPEN = 14, PROTOCOL = 15, EMPTY = 16, SCHEMA = 17, TOOBIG = 18, CONSTRAINT = 19, MISMATCH = 20, MISUSE = 21,
  NOLFS = 22, FORMAT = 24, RANGE = 25, NOTADB = 26, ROW = 100, DONE = 101,
  INTEGER = 1, FLOAT = 2, TEXT = 3, BLOB = 4, NULL = 5,
  OPEN_READONLY = 1, OPEN_READWRITE = 2, OPEN_CREATE = 4, OPEN_URI = 0x40, OPEN_MEMORY = 0x80, OPEN_NOMUTEX = 0x8000, OPEN_FULLMUTEX = 0x10000,
  OPEN_SHAREDCACHE = 0x20000, OPEN_PRIVATECACHE = 0x40000,
}

local Database, Statement = {}, {}
Database.__index, Statement.__index = Database, Statement

local function handle(db)
  if type(db) ~= 'table' or not db._db then error('attempt to use closed sqlite database', 3) end
  return db._db
end

local function alive(statement)
  if type(statement) ~= 'table' or not statement._s then error('attempt to use closed sqlite virtual machine', 3) end
  return statement._s
end

-- Statement -------------------------------------------------------------------------------------------------------------------------

local function value_of(s, n)
  local kind = C.sqlite3_column_type(s, n)
  if kind == NULL then return nil end
  if kind == INTEGER or kind == FLOAT then return C.sqlite3_column_double(s, n) end
  local bytes = C.sqlite3_column_blob(s, n)
  return bytes == nil and '' or ffi.string(bytes, C.sqlite3_column_bytes(s, n))
end

local function text_or_nil(text) if text ~= nil then return ffi.string(text) end end

local function check_column(statement, n)
  local s = alive(statement)
  if type(n) ~= 'number' or n < 0 or n >= C.sqlite3_data_count(s) then error(("index out of range [0..%d]"):format(C.sqlite3_data_count(s) - 1), 3) end
  return s
end

local function bind(s, n, value)
  local kind = type(value)
  if kind == 'nil' then return C.sqlite3_bind_null(s, n) end
  if kind == 'boolean' then return C.sqlite3_bind_int64(s, n, value and 1 or 0) end
  if kind == 'number' then
    if value == math.floor(value) and value > -EXACT and value < EXACT then return C.sqlite3_bind_int64(s, n, value) end
    return C.sqlite3_bind_double(s, n, value)
  end
  if kind == 'cdata' and tonumber(value) then return C.sqlite3_bind_int64(s, n, value) end
  if kind == 'string' then return C.sqlite3_bind_text(s, n, value, #value, TRANSIENT) end
  error(('invalid data type for parameter %d: %s'):format(n, kind), 3)
end

function Statement:isopen() return self._s ~= nil end
function Statement:step() return C.sqlite3_step(alive(self)) end
function Statement:reset() return C.sqlite3_reset(alive(self)) end
function Statement:columns() return C.sqlite3_column_count(alive(self)) end
function Statement:last_insert_rowid() return tonumber(C.sqlite3_last_insert_rowid(handle(self._owner))) end

function Statement:finalize()
  local s = alive(self)
  self._s = nil
  self._owner._statements[self] = nil
  return C.sqlite3_finalize(ffi.gc(s, nil))
end

function Statement:bind(n, value) return bind(alive(self), n, value) end
function Statement:bind_blob(n, value) return C.sqlite3_bind_blob(alive(self), n, value, #value, TRANSIENT) end
function Statement:bind_parameter_count() return C.sqlite3_bind_parameter_count(alive(self)) end
function Statement:bind_parameter_name(n) return text_or_nil(C.sqlite3_bind_parameter_name(alive(self), n)) end

function Statement:bind_values(...)
  local s = alive(self)
  local wanted, given = C.sqlite3_bind_parameter_count(s), select('#', ...)
  if wanted ~= given then error(('incorrect number of parameters to bind (%d given, %d to bind)'):format(given, wanted), 2) end
  for i = 1, given do
    local code = bind(s, i, (select(i, ...)))
    if code ~= OK then return code end
  end
  return OK
end

--- Names without their first character (:name, @name, $name), or positions for nameless ones.
function Statement:bind_names(values)
  local s = alive(self)
  for i = 1, C.sqlite3_bind_parameter_count(s) do
    local name = C.sqlite3_bind_parameter_name(s, i)
    local code
    if name ~= nil and ffi.string(name):byte() ~= 63 then code = bind(s, i, values[ffi.string(name):sub(2)]) else code = bind(s, i, values[i]) end
    if code ~= OK then return code end
  end
  return OK
end

-- Each of these exists for a value of one column, a table of all, and all as results.
local function by_column(f)
  local function all(statement)
    local s, list = alive(statement), {}
    local n = C.sqlite3_column_count(s)
    for i = 0, n - 1 do list[i + 1] = f(s, i) end
    return list, n
  end
  return all, function(statement)
    local list, n = all(statement)
    return unpack(list, 1, n)
  end
end
local function name_of(s, n) return text_or_nil(C.sqlite3_column_name(s, n)) end
local function type_of(s, n) return text_or_nil(C.sqlite3_column_decltype(s, n)) end

local values, unpacked_values = by_column(value_of)
local names, unpacked_names = by_column(name_of)
local types, unpacked_types = by_column(type_of)
function Statement:get_values() return (values(self)) end
function Statement:get_names() return (names(self)) end
function Statement:get_types() return (types(self)) end
Statement.get_uvalues, Statement.get_unames, Statement.get_utypes = unpacked_values, unpacked_names, unpacked_types
function Statement:get_value(n) return value_of(check_column(self, n), n) end
function Statement:get_name(n) return name_of(alive(self), n) end
function Statement:get_type(n) return type_of(alive(self), n) end

function Statement:get_named_values()
  local s, named = alive(self), {}
  for i = 0, C.sqlite3_column_count(s) - 1 do named[name_of(s, i)] = value_of(s, i) end
  return named
end

function Statement:get_named_types()
  local s, named = alive(self), {}
  for i = 0, C.sqlite3_column_count(s) - 1 do named[name_of(s, i)] = type_of(s, i) end
  return named
end

-- Iterators over rows; those of a database finalize their statement, a statement's resets it.
local function rows(statement, give, finish)
  return function()
    local code = C.sqlite3_step(alive(statement))
    if code == ROW then return give(statement) end
    local message = code ~= DONE and ffi.string(C.sqlite3_errmsg(handle(statement._owner)))
    finish(statement)
    if message then error(message, 2) end
    return nil
  end
end
function Statement:rows() return rows(self, Statement.get_values, Statement.reset) end
function Statement:nrows() return rows(self, Statement.get_named_values, Statement.reset) end
function Statement:urows() return rows(self, unpacked_values, Statement.reset) end

-- Database --------------------------------------------------------------------------------------------------------------------------

function Database:isopen() return self._db ~= nil end
function Database:errcode() return C.sqlite3_errcode(handle(self)) end
function Database:errmsg() return ffi.string(C.sqlite3_errmsg(handle(self))) end
Database.error_code, Database.error_message = Database.errcode, Database.errmsg
function Database:changes() return C.sqlite3_changes(handle(self)) end
function Database:total_changes() return C.sqlite3_total_changes(handle(self)) end
function Database:last_insert_rowid() return tonumber(C.sqlite3_last_insert_rowid(handle(self))) end
function Database:interrupt() C.sqlite3_interrupt(handle(self)) end
function Database:busy_timeout(ms) return C.sqlite3_busy_timeout(handle(self), tonumber(ms) or 0) end

-- The statement at an offset of the text: statement or nil if there is none, code, offset of what follows.
local function prepare(db, sql, offset)
  local text = ffi.cast('const char*', sql)
  local out, tail = ffi.new('sqlite3_stmt*[1]'), ffi.new('const char*[1]')
  local code = C.sqlite3_prepare_v2(handle(db), text + offset, #sql - offset, out, tail)
  if code ~= OK then return nil, code, offset end
  local after = tonumber(ffi.cast('intptr_t', tail[0]) - ffi.cast('intptr_t', text))
  if out[0] == nil then return nil, OK, after end
  local statement = setmetatable({ _s = ffi.gc(out[0], C.sqlite3_finalize), _owner = db }, Statement)
  db._statements[statement] = true
  return statement, OK, after
end

function Database:prepare(sql)
  local statement, code, after = prepare(self, sql, 0)
  if not statement then return nil, code ~= OK and code or MISUSE end
  return statement, sql:sub(after + 1)
end

--- Runs statements; calls f(udata, columns, values, names) for each row, until it gives a number other than 0.
function Database:exec(sql, f, udata)
  handle(self)
  local offset = 0
  while offset < #sql do
    local statement, code, after = prepare(self, sql, offset)
    if code ~= OK then return code end
    offset = after
    if statement then
      code = statement:step()
      while code == ROW do
        if f then
          local result = f(udata, statement:columns(), statement:get_values(), statement:get_names())
          if result ~= nil and result ~= 0 then
            statement:finalize()
            return sqlite3.ABORT
          end
        end
        code = statement:step()
      end
      local final = statement:finalize()
      if code ~= DONE then return final ~= OK and final or code end
    end
  end
  return OK
end
Database.execute = Database.exec

local function query(give)
  return function(db, sql)
    handle(db)
    local statement = db:prepare(sql)
    if not statement then error(db:errmsg(), 2) end
    return rows(statement, give, Statement.finalize)
  end
end
Database.rows, Database.nrows, Database.urows = query(Statement.get_values), query(Statement.get_named_values), query(unpacked_values)

function Database:close()
  local db = handle(self)
  for statement in pairs(self._statements) do
    if statement._s then statement:finalize() end
  end
  self._db = nil
  return C.sqlite3_close(ffi.gc(db, nil))
end
function Database:close_vm()
  for statement in pairs(self._statements) do statement:finalize() end
  return OK
end
Database.__tostring = function(db) return db._db and 'sqlite database' or 'sqlite database (closed)' end

local function absent(name) return function() error('lsqlite3: ' .. name .. ' is not in this build: install the C module for it', 2) end end
for _, name in ipairs { 'create_function', 'create_aggregate', 'create_collation', 'busy_handler', 'progress_handler', 'trace', 'update_hook',
  'commit_hook', 'rollback_hook' } do Database[name] = absent(name) end

-- Module ----------------------------------------------------------------------------------------------------------------------------

function sqlite3.open(name, flags)
  local out = ffi.new('sqlite3*[1]')
  local code = C.sqlite3_open_v2(name, out, flags or (sqlite3.OPEN_READWRITE + sqlite3.OPEN_CREATE), nil)
  if code ~= OK then
    local message = out[0] ~= nil and ffi.string(C.sqlite3_errmsg(out[0])) or 'out of memory'
    if out[0] ~= nil then C.sqlite3_close(out[0]) end
    return nil, code, message
  end
  return setmetatable({ _db = ffi.gc(out[0], C.sqlite3_close), _statements = setmetatable({}, { __mode = 'k' }) }, Database)
end

function sqlite3.open_memory() return sqlite3.open(':memory:') end
function sqlite3.version() return ffi.string(C.sqlite3_libversion()) end
function sqlite3.lversion() return 'spillway' end
function sqlite3.temp_directory() return nil end

return sqlite3
