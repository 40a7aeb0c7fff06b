-- `require 'debugger'` gives a callable. A run without a person at the terminal must not stop at a forgotten breakpoint, so a call does
-- nothing but say where it was, once for each place.
local told = {}

return setmetatable({}, {
  __call = function(_, condition)
    if condition then return end
    local info = debug.getinfo(2, 'Sl')
    local place = info.short_src .. ':' .. info.currentline
    if not told[place] then
      told[place] = true
      T.logwarning('debugger() passed at ' .. place)
    end
  end,
})
