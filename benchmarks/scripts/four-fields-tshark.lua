-- The logic of four-fields.lua as a listener of tshark: tshark -X lua_script:FILE -r CAPTURE -q
local source_port, target_port, flags_field, window_field = Field.new("tcp.srcport"), Field.new("tcp.dstport"), Field.new("tcp.flags"),
  Field.new("tcp.window_size_value")
local counts = {}
local tap = Listener.new("tcp")

function tap.packet()
  local source, target, flags, window = source_port().value, target_port().value, flags_field().value, window_field().value
  local web = source == 80 or target == 80
  local key = web and ((flags % 2 == 1 or window < 500) and "web-end" or "web") or "other"
  counts[key] = (counts[key] or 0) + 1
end

function tap.draw()
  for key, count in pairs(counts) do print(key, count) end
end
