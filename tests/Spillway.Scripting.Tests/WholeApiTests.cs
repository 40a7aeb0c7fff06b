namespace Spillway.Scripting.Tests;

/// <summary>
/// Every function that a script can reach, found in the live tables and metatables, so that new ones are covered as they come: called with
/// anything, and on objects kept past their callback. An error or a result, never the end of the process.
/// </summary>
public sealed class WholeApiTests
{
    // What a method gives is an object to try in its turn. Skipped is what writes where the arguments say.
    private const string Driver = """
        local ffi = require 'ffi'
        local metatypes   -- where LuaJIT keeps the methods of ffi.metatype: the environment of its own function, behind ours
        for i = 1, debug.getinfo(ffi.metatype, 'u').nups do
          local name, value = debug.getupvalue(ffi.metatype, i)
          if name == 'metatype' then metatypes = debug.getfenv(value) end
        end
        local skipped = { appendtofile = true, writetofile = true, cat = true, copy = true, cp = true, rm = true, move = true,
          copybuffer = true, prepare_config = true }
        local values = { nil, true, false, 0, -1, 1.5, 1e308, -1e308, 0/0, 1/0, 2^53, '', 'text', 'a\0b', ('x'):rep(70000), {}, { {} }, print,
          function() end, coroutine.create(function() end), io.stdout, 5LL, 7ULL, '{77E462AB-2E42-42EC-9A58-C1A6821D6B31}',
          '06A:0A.01.02.03:p-C000_C6.33.64.07:p-01BB', '\255\254' }
        local COUNT = 26
        local seed = SEED
        local function random(n) seed = seed * 16807 % 2147483647 return seed % n + 1 end
        local function any() return values[random(COUNT)] end

        local function methods_of(object)
          local found, walked = {}, {}
          local function add(t)
            if type(t) ~= 'table' or walked[t] then return end
            walked[t] = true
            for name, f in pairs(t) do
              if type(name) == 'string' and type(f) == 'function' and not skipped[name] and name:sub(1, 2) ~= '__' then found[name] = f end
            end
            local meta = debug.getmetatable(t)
            if meta then add(meta.__index) end
          end
          if type(object) == 'table' then add(object)
          elseif type(object) == 'cdata' then
            local meta = metatypes[-tonumber(ffi.typeof(object))]
            add(meta and meta.__index)
          end
          local names = {}
          for name in pairs(found) do names[#names + 1] = name end
          table.sort(names)
          return names, found
        end

        calls, bad, kinds, kept = 0, {}, {}, {}
        local queue
        local function enqueue(name, object)
          if type(object) ~= 'table' and type(object) ~= 'cdata' then return end
          local names = methods_of(object)
          local kind = table.concat(names, ' ')
          if #names == 0 or kinds[kind] then return end
          kinds[kind] = name
          queue[#queue + 1] = { name, object }
        end

        local function try(name, f, ...)
          calls = calls + 1
          local results = { pcall(f, ...) }
          if not results[1] then
            if type(results[2]) ~= 'string' then bad[#bad + 1] = name .. ' raised a ' .. type(results[2]) end
            return
          end
          for i = 2, #results do enqueue(name .. '()', results[i]) end
        end

        local function fuzz(name, object)
          local names, functions = methods_of(object)
          for _, method in ipairs(names) do
            local f, title = functions[method], name .. ':' .. method
            try(title, f, object)
            for i = 1, 40 do
              try(title, f, object, any(), any(), any(), any(), any(), any())
              try(title, f, any(), any(), any(), any(), any(), any())
            end
          end
        end

        function explore(roots)
          queue = {}
          for name, object in pairs(roots) do enqueue(name, object) end
          local i = 1
          while queue[i] do
            kept[#kept + 1] = queue[i]
            fuzz(queue[i][1], queue[i][2])
            i = i + 1
          end
        end

        local old
        TrisulPlugin = { id = { name = 'fuzz' },
          simplecounter = { protocol_guid = "{77E462AB-2E42-42EC-9A58-C1A6821D6B31}", onpacket = function(engine, layer)
            if not old then
              old = layer
              local roots = { engine = engine, layer = layer, packet = layer:packet(), buffer = layer:rawbytes(), flow = layer:packet():flowid(),
                re2 = T.re2('(a)(b)?'), ac = T.ac { 'a', 'bc' }, T = T }
              for name, library in pairs(T) do roots['T.' .. name] = library end
              explore(roots)
              print(calls > 5000, #kept > 9, #bad, bad[1])
              return
            end
            local dead = {}
            for _, pair in ipairs(kept) do
              local names, functions = methods_of(pair[2])
              for _, method in ipairs(names) do
                local ok, message = pcall(functions[method], pair[2], 0)
                if type(pair[2]) == 'cdata' and not (not ok and message:find('used after its callback', 1, true)) then dead[#dead + 1] = pair[1] .. ':' .. method end
              end
            end
            print(#dead, dead[1])
          end } }
        """;

    [Theory]
    [InlineData(3)]
    [InlineData(20_261_123)]
    public void EveryFunction_AnyArgumentsAndKeptObjects_ComesBack(int seed)
    {
        using var harness = new ScriptHarness(
            Driver.Replace("SEED", seed.ToString(System.Globalization.CultureInfo.InvariantCulture), StringComparison.Ordinal)
        );
        harness.Send(Packets.Syn());
        harness.Send(Packets.Syn());
        harness.Host.DoRequests();
        harness.Drain();

        Assert.DoesNotContain(harness.Output.Errors, error => error.StartsWith("FAULT", StringComparison.Ordinal));
        Assert.Equal("true\ttrue\t0\tnil\n0\tnil\n", harness.Output.Printed);
    }

    [Theory]
    [InlineData("layer:rawbytes():hval_8()", "bad argument #1 to 'hval_8' (number expected, got no value)")]
    [InlineData("layer:rawbytes():hval_16({})", "bad argument #1 to 'hval_16' (number expected, got table)")]
    [InlineData("layer:rawbytes():hval_24('x')", "bad argument #1 to 'hval_24' (number expected, got string)")]
    [InlineData("layer:rawbytes():hval_32(print)", "bad argument #1 to 'hval_32' (number expected, got function)")]
    [InlineData("layer:getbyte()", "bad argument #1 to 'getbyte' (number expected, got no value)")]
    [InlineData("layer:testbit(true)", "bad argument #1 to 'testbit' (number expected, got boolean)")]
    [InlineData("layer:packet():get_layer()", "bad argument #1 to 'get_layer' (number expected, got no value)")]
    [InlineData("T.re2('a'):partial_match()", "bad argument #1 to 'partial_match' (string expected, got nil)")]
    [InlineData("T.ac('a')", "bad argument #1 to 'ac' (table expected, got string)")]
    public void WrongArgument_ErrorNamesFunctionArgumentAndTheScriptsLine(string call, string expected)
    {
        using var harness = new ScriptHarness(
            $$"""TrisulPlugin = { id = { name = 'x' }, simplecounter = { protocol_guid = "{77E462AB-2E42-42EC-9A58-C1A6821D6B31}", onpacket = function(engine, layer) local x = {{call}} end } }"""
        );
        harness.Send(Packets.Syn());

        Assert.Contains($"script.lua:1: {expected}", Assert.Single(harness.Output.Errors), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("T = {} error('not me')", "not me")]
    [InlineData("T = nil engine:update_counter('{393B5EBC-AB41-4387-8F31-8077DB917336}', 'k', 0, 1) error('still here')", "still here")]
    [InlineData("setmetatable(_G, { __index = function() error('no globals') end }) return nothing", "no globals")]
    [InlineData("string.format, tostring, pairs, type, error = nil, nil, nil, nil, nil local x = nil + 1", "attempt to perform arithmetic")]
    public void Script_ThatReplacesWhatWeUse_HurtsItselfOnly(string body, string expected)
    {
        using var harness = new ScriptHarness(
            $$"""TrisulPlugin = { id = { name = 'x' }, simplecounter = { protocol_guid = "{77E462AB-2E42-42EC-9A58-C1A6821D6B31}", onpacket = function(engine, layer) {{body}} end } }""",
            """TrisulPlugin = { id = { name = 'y' }, simplecounter = { protocol_guid = "{77E462AB-2E42-42EC-9A58-C1A6821D6B31}", onpacket = function() print 'fine' end } }"""
        );
        harness.Send(Packets.Syn());
        harness.Host.Unload();

        Assert.Contains(expected, Assert.Single(harness.Output.Errors), StringComparison.Ordinal);
        Assert.Equal("fine\n", harness.Output.Printed);
    }
}
