-- T.ac: Aho-Corasick over plain byte patterns (A. V. Aho and M. J. Corasick, "Efficient string matching", CACM 18(6), 1975).
local T = ...

local type, pairs, byte, setmetatable = type, pairs, string.byte, setmetatable

local AC = {}
AC.__index = AC

local function new_node() return { next = {}, fail = nil, found = nil } end

local function build(patterns)
  local root = new_node()
  for _, pattern in pairs(patterns) do
    if type(pattern) == 'string' and pattern ~= '' then
      local node = root
      for i = 1, #pattern do
        local c = byte(pattern, i)
        local child = node.next[c]
        if not child then
          child = new_node()
          node.next[c] = child
        end
        node = child
      end
      node.found = pattern
    end
  end
  -- Breadth first: the failure link of a node is the longest proper suffix that is a prefix of some pattern.
  local queue, head = {}, 1
  for _, child in pairs(root.next) do
    child.fail = root
    queue[#queue + 1] = child
  end
  while queue[head] do
    local node = queue[head]
    head = head + 1
    for c, child in pairs(node.next) do
      local fail = node.fail
      while fail and not fail.next[c] do fail = fail.fail end
      child.fail = fail and fail.next[c] or root
      -- The next node on the way of failure links that ends a pattern.
      child.output = child.fail.found and child.fail or child.fail.output
      queue[#queue + 1] = child
    end
  end
  return root
end

local function match(root, s, one)
  local hits, node = {}, root
  for i = 1, #s do
    local c = byte(s, i)
    while node ~= root and not node.next[c] do node = node.fail end
    node = node.next[c] or root
    local at = node.found and node or node.output
    while at do
      if not hits[at.found] then hits[at.found] = i end
      if one then return hits end
      at = at.output
    end
  end
  return hits
end

function AC.match_all(ac, s) return match(ac._root, tostring(s), false) end
function AC.match_one(ac, s) return match(ac._root, tostring(s), true) end

function T.ac(patterns)
  if type(patterns) ~= 'table' then error(("bad argument #1 to 'ac' (table expected, got %s)"):format(type(patterns)), 2) end
  return setmetatable({ _root = build(patterns) }, AC)
end
