-- What scripts require: their own modules first, then C modules of the system, then the helpers that scripts expect and do not bring.
local ffi, settings, sources, services = ...

local LUAJIT = 'libluajit-5.1.so.2'

-- The Debian package of modules that scripts commonly require, for the message when one is missing.
local PACKAGES = {
  cjson = 'lua-cjson', cqueues = 'lua-cqueues', DBI = 'lua-dbi-sqlite3', lfs = 'lua-filesystem', lpeg = 'lua-lpeg', luasql = 'lua-sql-sqlite3',
  luv = 'lua-luv', lxp = 'lua-expat', md5 = 'lua-md5', mime = 'lua-socket', posix = 'lua-posix', redis = 'lua-redis', rex_pcre = 'lua-rex-pcre',
  socket = 'lua-socket', ssl = 'lua-sec', uuid = 'lua-uuid', yaml = 'lua-yaml', zlib = 'lua-zlib', zip = 'lua-zip',
}

package.path = settings.package_path .. ';' .. package.path
package.cpath = settings.package_cpath .. ';' .. package.cpath

-- C modules of Debian take Lua's functions from the program, and this program has LuaJIT as a private library until somebody asks.
local public
local function publish()
  if public == nil then public = select(2, pcall(ffi.load, LUAJIT, true)) or false end
end

local function helper(name)
  local source = sources['helpers/' .. name .. '.lua']
  if not source then return "\n\tno helper '" .. name .. "'" end
  local chunk = assert(loadstring(source, '=(helper ' .. name .. ')'))
  return function(...) return chunk(services, ...) end
end

local function hint(name)
  local package = PACKAGES[name] or PACKAGES[name:match('^[^.]+')]
  return package and ("\n\ton Debian and its relatives: apt-get install %s"):format(package) or nil
end

-- package.loaders is: preloaded, Lua files, C modules, C modules of a package.
table.insert(package.loaders, 3, publish)
table.insert(package.loaders, helper)
table.insert(package.loaders, hint)
