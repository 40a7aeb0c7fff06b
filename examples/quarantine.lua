-- Quarantine: keeps programs and documents that came over HTTP, by what they are, not by what the server calls them. Each goes to a directory
-- under its SHA-256, and the hash into the store; moving and hashing are done by workers, so that packets never wait for the disk.
--   Run:     spillway test -r traffic.pcap -s quarantine.lua --args /tmp/quarantine      (the directory; <output>/quarantine without)
--   Prints:  a line for each file: what it is, length, SHA-256, where it came from
--   Shows:   resources of the group "File Hashes"; an alert for a program that calls itself something else
--   Blocks:  filex_monitor
local FILE_HASHES = "{9781DB2C-F78A-4F7F-A7E8-2B1A9A7BE71A}"
local USER_ALERTS = "{B5F1DECB-51D5-4395-B71B-6FA730B772D9}"

local MAGIC = { { "%PDF-", "pdf" }, { "MZ", "exe" }, { "\127ELF", "elf" }, { "PK\3\4", "zip" }, { "\208\207\017\224\161\177\026\225", "ole" } }
local PROGRAM_TYPES = { ["application/octet-stream"] = true, ["application/x-msdownload"] = true, ["application/x-msdos-program"] = true }

local function kind_of(path)
  local file = io.open(path, "rb")
  if not file then return nil end
  local head = file:read(8) or ""
  file:close()
  for _, magic in ipairs(MAGIC) do
    if head:sub(1, #magic[1]) == magic[1] then return magic[2] end
  end
end

TrisulPlugin = {
  id = { name = "Quarantine", description = "Keeps programs and documents from HTTP" },
  request_async_workers = 2,

  onload = function()
    T.directory = T.args ~= "" and T.args or T.env.get_config("App>DBRoot") .. "/quarantine"
  end,

  filex_monitor = {
    -- Pages and pictures are of no interest; saying so early spares writing them to memory. Plain text may be anything.
    filter = function(engine, timestamp, flow, header)
      return header:is_request() or not header:match_value("Content-Type", "(?i)^((image|audio|video|font)/|text/(html|css|javascript))")
    end,

    onfile_http = function(engine, timestamp, flow, path, request, response, length, is_chunk)
      if length == 0 or is_chunk then return end   -- what is larger than --chunk-size comes in parts
      local kind = kind_of(path)
      if not kind then return end
      local id, directory = flow:id(), T.directory
      local origin = (request:get_value("Host") or flow:ipz_readable()) .. request:get_path()
      local claimed = (response:get_value("Content-Type") or "none"):match("^[^;%s]+")
      if kind == "exe" and not PROGRAM_TYPES[claimed] then
        engine:add_alert(USER_ALERTS, id, "HIDDEN-PROGRAM", 1, origin .. " is a program that calls itself " .. claimed)
      end
      -- The file stays where it is until the last task that was submitted for it is done.
      T.async:hash(path, "sha256", function(engine, file, digits)
        print(string.format("%s %d %s %s", kind, length, digits, origin))
        engine:add_resource(FILE_HASHES, id, "SHA256:" .. digits, origin)
        T.async:copy(file, directory .. "/" .. digits .. "." .. kind)
      end)
    end,
  },
}
