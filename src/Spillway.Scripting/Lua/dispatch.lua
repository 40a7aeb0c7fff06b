-- From the lane into the script: for each callback that a block defines, one function that takes its arguments from the call struct.
local call, views, engine = ...

local tonumber, tostring, type, pairs, upper, gmatch = tonumber, tostring, type, pairs, string.upper, string.gmatch
local current_flow, current_buffer, current_layer, header_of = views.current_flow, views.current_buffer, views.current_layer, views.header_of

local function timestamp() return tonumber(call.timestamp_ns / 1000000000LL) end
local function path() return views.path_of(call.text) end

-- The file extraction pages count directions the other way round: 0 is client to server (script API, section 8).
local function filex_direction() return 1 - call.direction end

-- A filter's vote: only false is a no.
local function vote(result) call.result = result == false and 0 or 1 end

-- What is known of a file: names and values, a zero byte behind each.
local function facts()
  local result = {}
  for name, value in gmatch(views.text_of(call.data), '(%Z*)%z(%Z*)%z') do result[name] = value end
  result.direction = tonumber(result.direction)
  return result
end

-- By block type: for each callback a function that turns the script's function into the dispatcher. Parts loaded later add theirs.
local makers = {}
views.makers, views.timestamp, views.vote, views.filex_direction = makers, timestamp, vote, filex_direction

makers.simplecounter = {
  onpacket = function(f) return function() f(engine, current_layer()) end end,
}

makers.reassembly_handler = {
  filter = function(f) return function() vote(f(engine, timestamp(), current_flow())) end end,
  onnewflow = function(f) return function() f(engine, timestamp(), current_flow()) end end,
  onpayload = function(f)
    return function() f(engine, timestamp(), current_flow(), call.direction, call.position, current_buffer()) end
  end,
  onattribute = function(f)
    if views.is_older_onattribute(f) then return makers.flowmonitor.onflowattribute(f) end
    views.add_buffer_methods(string)
    return function() f(engine, timestamp(), current_flow(), views.text_of(call.name), views.text_of(call.data)) end
  end,
  onterminateflow = function(f) return function() f(engine, timestamp(), current_flow()) end end,
}

makers.filex_monitor = {
  filter_flow = function(f) return function() vote(f(engine, timestamp(), current_flow())) end end,
  filter = function(f)
    return function()
      local header = call.flag ~= 0 and header_of(call.request, true) or header_of(call.response, false)
      vote(f(engine, timestamp(), current_flow(), header))
    end
  end,
  onpayload_raw = function(f)
    return function() f(engine, timestamp(), current_flow(), filex_direction(), call.position, current_buffer()) end
  end,
  onpayload_http = function(f)
    return function()
      f(engine, timestamp(), current_flow(), path(), header_of(call.request, true), header_of(call.response, false),
        filex_direction(), call.position, current_buffer())
    end
  end,
  onfile_http = function(f)
    return function()
      f(engine, timestamp(), current_flow(), path(), header_of(call.request, true), header_of(call.response, false),
        call.length, call.flag ~= 0)
    end
  end,
  onfile = function(f)
    return function() f(engine, timestamp(), current_flow(), path(), facts(), call.length, call.flag ~= 0) end
  end,
  onterminateflow = function(f) return function() f(engine, timestamp(), current_flow()) end end,
}

-- Older spellings that published scripts use.
local ALIASES = { reassembly_handler = { onterminateflow = 'onterminate' } }

--- onmessage of a plugin: broadcasts, the ids it has subscribed to, or all ids without a list (script API, section 1.9).
function views.message_dispatcher(plugin)
  return function()
    local id, text = views.text_of(call.name), views.text_of(call.text)
    local wanted = id == '' or type(plugin.message_subscriptions) ~= 'table'
    if not wanted then
      for _, subscribed in pairs(plugin.message_subscriptions) do
        if upper(tostring(subscribed)) == upper(id) then wanted = true end
      end
    end
    if wanted then plugin.onmessage(id, text) end
  end
end

--- The dispatchers of a block, by callback name. `block` is the script's table; its functions are taken now.
function views.bind(name, block)
  local bound = {}
  for callback, make in pairs(makers[name] or {}) do
    local f = block[callback]
    local alias = ALIASES[name] and ALIASES[name][callback]
    if f == nil and alias then f = block[alias] end
    if type(f) == 'function' then bound[callback] = make(f) end
  end
  return bound
end
