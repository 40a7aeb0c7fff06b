-- packet_storage: what a script returns is a number (script API, section 1.12); what is none of -1 to 6 is no opinion.
local call, views, engine = ...

local tonumber, floor = tonumber, math.floor
local timestamp, current_flow, filex_direction = views.timestamp, views.current_flow, views.filex_direction

local function vote(result)
  local policy = tonumber(result)
  call.result = policy and policy >= 0 and policy <= 6 and policy == floor(policy) and policy or -1
end

views.makers.packet_storage = {
  filter = function(f) return function() vote(f(engine, timestamp(), current_flow())) end end,
  filter_payload = function(f)
    return function() vote(f(engine, timestamp(), current_flow(), filex_direction(), call.position, views.current_buffer())) end
  end,
}
