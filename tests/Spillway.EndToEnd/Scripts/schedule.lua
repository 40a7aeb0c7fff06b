-- Every property of T.async:schedule that scripts rely on, on the packet path.
local PREFIX = "captured"
local helper = { twice = function(s) return s .. s end }
function global_helper() return "global" end

TrisulPlugin = {
  id = { name = "Schedule", description = "worker VM and results" },
  request_async_workers = 2,
  onload = function() T.marker = "script state" end,
  onunload = function() print("pending at the end " .. T.async:pending_items()) end,

  simplecounter = {
    protocol_guid = "{77E462AB-2E42-42EC-9A58-C1A6821D6B31}",
    onpacket = function(engine, layer)
      if T.sent then return end
      T.sent = true
      T.async:schedule {
        data = "probe",
        onexecute = function(arg)
          return table.concat({
            arg, "util=" .. T.util.ntop(3232235777), "marker=" .. tostring(T.marker), "global=" .. tostring(global_helper),
            "plugin=" .. tostring(TrisulPlugin), "prefix=" .. tostring(PREFIX), "helper=" .. helper.twice("ab"),
            "module=" .. tostring(pcall(require, "bit")),
          }, " ")
        end,
        onresult = function(engine, arg, res)
          print("visible " .. res .. " marker here " .. tostring(T.marker) .. " upvalue here " .. PREFIX)
        end,
      }

      local block = {
        onexecute = function(arg) return "done " .. arg end,
        onresult = function(engine, arg, res) print("item " .. arg .. " -> " .. res) end,
      }
      for i = 1, 5 do
        block.data = "n" .. i
        T.async.schedule(block)
      end

      local function never() print("FAIL: called") end
      T.async:schedule { data = "x", onexecute = function(a) end, onresult = never }
      T.async:schedule { data = "x", onexecute = function(a) error("on purpose") end, onresult = never }
      T.async:schedule { data = "a\0b", onexecute = function(a) return "" end, onresult = function(e, a, r) print("empty " .. #a .. " " .. #r) end }
      T.async:schedule { data = "fire and forget", onexecute = function(a) os.execute("true") return "unused" end }
      print("status " .. os.execute("exit 3") .. " pending " .. T.async:pending_items())
    end,
  },
}
