using System.Globalization;
using Spillway.Async;

namespace Spillway.Scripting.Tests;

/// <summary>
/// Tasks of all kinds in random order, so that they take one way or the other: each has exactly one end, with its own content, they start
/// in the order of the calls, and their ends come in that order.
/// </summary>
public class RingMixTests
{
    // A counter in native memory is what both sides see: a task's turn is its number, whatever state and worker it runs on.
    private const string Script = """
        local SEED, COUNT = tonumber(T.args:match '^(%d+)'), tonumber(T.args:match '(%d+)$')
        local ffi = require 'ffi'
        math.randomseed(SEED)
        local turns = ffi.new 'int32_t[1]'
        KEEP = turns
        local at = tonumber(ffi.cast('uintptr_t', turns))
        local function turn() local p = require('ffi').cast('int32_t*', at) p[0] = p[0] + 1 return p[0] end
        local number, ended, last_end = 0, {}, 0
        local ends, expected, behind = 0, 0, 0

        local function fail(text) print('FAIL seed ' .. SEED .. ': ' .. text) end

        local function over(n, what, wanted)
          if ended[n] then fail('task ' .. n .. ' ended twice') end
          ended[n] = true
          ends = ends + 1
          if n <= last_end then fail('task ' .. n .. ' ended after ' .. last_end) end
          last_end = n
          if what == 'timed out' and wanted ~= what then -- on a machine that stood still
            behind = behind + 1
            if wanted == 'nothing' then expected = expected + 1 end
          elseif what ~= wanted then fail('task ' .. n .. ' ended with ' .. what .. ', not ' .. wanted) end
        end

        local submit, batch
        local mix = 1e6 -- one task of so many is none for the ring

        local function block(n, is_last)
          local kind, size = is_last and 1 or math.random(100), math.random() < 0.05 and math.random(40000) or math.random(0, 60)
          local text = ('%d,'):format(n):rep(math.ceil(size / 4))
          local b = { data = text }
          local way = math.random(mix) == 1 and math.random(4)
          if way == 1 then b.key = 'key' .. math.random(2)
          elseif way == 2 then b.name = 'name'
          elseif way == 3 then b.timeout = 20
          elseif way == 4 then T.async:copybuffer(text .. '\n', OUT) end

          local wanted = 'result'
          if kind <= 30 then
            b.onexecute = function(d)
              local p = require('ffi').cast('int32_t*', at) -- a number as an upvalue, and no function
              p[0] = p[0] + 1
              return p[0] .. ' ' .. #d
            end
          elseif kind <= 50 then
            local copy = text .. n
            b.onexecute = function(d)
              local p = require('ffi').cast('int32_t*', at)
              p[0] = p[0] + 1
              return p[0] .. ' ' .. #copy - #tostring(n)
            end
          elseif kind <= 60 then
            local values = { n, { text } }
            b.onexecute = function(d)
              return turn() .. ' ' .. #values[2][1]
            end
          elseif kind <= 70 then
            b.data = { text = text }
            b.onexecute = function(d) return { turn() .. ' ' .. #d.text } end
          elseif kind <= 80 then
            wanted = 'nothing'
            b.onexecute = function(d) turn() end
          elseif kind <= 85 then
            wanted = 'nothing'
            b.onexecute = function(d) turn() return 'unheard' end
          elseif kind <= 99 or LOOPS == 0 then
            wanted = 'error'
            b.onexecute = function(d) turn() error('raised ' .. #d) end
          else
            LOOPS = LOOPS - 1
            wanted = 'timed out'
            b.onexecute = function(d) turn() while true do end end
            b.timeout = nil
          end
          if kind <= 80 or kind > 85 then
            b.onresult = function(e, d, r)
              if type(r) == 'table' then r, d = r[1], d.text end
              over(n, 'result', wanted)
              local at_turn, length = r:match '^(%d+) (%d+)$'
              at_turn = tonumber(at_turn)
              if at_turn > n or at_turn < n - behind or tonumber(length) ~= #text or d ~= text then
                fail('task ' .. n .. ' gave ' .. r:sub(1, 50))
              end
              if is_last then batch() elseif math.random(3) == 1 then submit() end
            end
            b.onerror = function(e, d, m)
              local what = m:find 'timed out after' and 'timed out' or 'error'
              over(n, what, wanted)
              if what == 'error' and not m:find('raised ' .. #text, 1, true) then fail('task ' .. n .. ' raised ' .. m:sub(1, 80)) end
              if is_last then batch() elseif math.random(3) == 1 then submit() end
            end
          end
          if wanted ~= 'nothing' then expected = expected + 1 end
          return b
        end

        function submit(is_last)
          if number == COUNT then return end
          number = number + 1
          T.async:schedule(block(number, is_last))
        end

        -- As ends come in order, that of the last is the end of all but those which results have submitted.
        function batch()
          mix = number == 0 and 1e6 or ({ 1e6, 1e6, 50, 3 })[math.random(4)]
          for _ = 1, math.random(0, 200) do submit() end
          submit(true)
        end

        TrisulPlugin = { id = { name = 'mix' }, onload = function()
          OUT, LOOPS = os.tmpname(), 2
          batch()
        end, onunload = function()
          os.remove(OUT)
          if ends ~= expected then fail(ends .. ' ends of ' .. expected) end
          if turns[0] > number or turns[0] < number - behind then fail(turns[0] .. ' turns of ' .. number) end
          if T.async:pending_items() ~= 0 then fail(T.async:pending_items() .. ' pending') end
          print('done ' .. number)
        end }
        """;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void RandomTasks_OfAllKinds_EachEndsOnceInOrder(int round)
    {
        int seed = round * 1000 + Random.Shared.Next(1000);
        string script = Script
            .Replace("T.args:match '^(%d+)'", $"'{seed}'", StringComparison.Ordinal)
            .Replace("T.args:match '(%d+)$'", "'1500'", StringComparison.Ordinal);
        using var harness = new ScriptHarness(
            new AsyncOptions { TaskTimeout = TimeSpan.FromMilliseconds(800), StopGrace = TimeSpan.FromSeconds(20) },
            allowsShell: true,
            script
        );
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        harness.Drain();
        harness.Host.Unload();

        Assert.DoesNotContain("FAIL", harness.Output.Printed, StringComparison.Ordinal);
        Assert.Contains("done ", harness.Output.Printed, StringComparison.Ordinal);
        Assert.DoesNotContain(harness.Output.Errors, error => error.StartsWith("FAULT", StringComparison.Ordinal));
        Assert.True(GetType() != typeof(RingMixTests) || InRings(harness) > 0, string.Create(CultureInfo.InvariantCulture, $"seed {seed}"));
    }

    private static long InRings(ScriptHarness harness) => Assert.Single(harness.Lane.Async.Runtime.Pools).GetStatistics().SucceededInRings;
}
