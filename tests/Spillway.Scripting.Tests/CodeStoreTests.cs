using System.Text;
using Spillway.Async;
using Spillway.Scripting.Vm;

namespace Spillway.Scripting.Tests;

/// <summary>The functions that tasks run are kept as long as a state has them, and not for the rest of a run.</summary>
public sealed class CodeStoreTests
{
    private readonly CodeStore _store = new("a.lua");

    [Fact]
    public void Hold_TheSameCodeTwice_IsOneFunction_UntilBothHoldersHaveGone()
    {
        TaskFunction first = _store.Hold("code"u8, 3);

        Assert.Same(first, _store.Hold("code"u8, 3));
        Assert.Equal("a.lua:3", first.Source);
        _store.Release(first);
        Assert.Equal(1, _store.Count);
        _store.Release(first);
        Assert.Equal(0, _store.Count);
        Assert.Equal("code"u8.ToArray(), first.Code.ToArray()); // tasks that are under way still run it
    }

    // Workers keep what they have loaded under its number.
    [Fact]
    public void Hold_AfterAllHaveGone_NeverGivesANumberAgain()
    {
        var ids = new HashSet<long>();
        for (int i = 0; i < 1000; i++)
        {
            using var state = new HeldCode(_store);
            Assert.True(ids.Add(state.Find(state.Add("code"u8, 1)).Id));
        }

        Assert.Equal(0, _store.Count);
    }

    [Fact]
    public void Add_BeyondTheLimit_TakesNoMore_AndForgetsAllWithTheState()
    {
        using (var state = new HeldCode(_store))
        {
            for (int i = 0; i < HeldCode.MaxFunctions; i++)
                Assert.Equal(i + 1, state.Add(Encoding.UTF8.GetBytes($"code {i}"), i));

            Assert.Equal(0, state.Add("one more"u8, 1));
            Assert.Equal("a.lua", state.Find(0).Source);
            Assert.Equal("code 7"u8.ToArray(), state.Find(8).Code.ToArray());
            Assert.Equal(HeldCode.MaxFunctions + 1, _store.Count);
        }

        Assert.Equal(0, _store.Count);
    }

    // More than the store holds for a state, and more than a worker keeps.
    [Fact]
    public void Schedule_ThousandsOfFunctionsMadeByLoad_AllRunAndFewAreKept()
    {
        const int Functions = 5000;
        using var harness = new ScriptHarness(
            ScriptHarness.Plugin(
                $$"""
                onload = function()
                  local sum, count = 0, 0
                  for i = 1, {{Functions}} do
                    T.async:schedule {
                      onexecute = loadstring('return ' .. i), onresult = function(engine, _, result)
                        if tonumber(result) ~= i then error(result .. ' instead of ' .. i) end
                        sum, count = sum + result, count + 1
                        if count == {{Functions}} then print(sum) end
                      end,
                    }
                  end
                  T.async:schedule { onexecute = loadstring('return 7'), onresult = function(engine, _, result) print(result) end }
                end
                """
            )
        );
        harness.Drain();

        Assert.Empty(harness.Output.Problems);
        Assert.Empty(harness.Output.Errors);
        Assert.Equal($"{Functions * (Functions + 1) / 2}\n7\n", harness.Output.Printed);
        Assert.Equal(HeldCode.MaxFunctions + 1, harness.Host.Plugins.Single().Code.Count); // one stands for the place of all others
    }

    // Their code travels with each task anyway; what is limited is the memory of where they were written.
    [Fact]
    public void Schedule_ThousandsOfClosuresFromThousandsOfLines_AllRunAndFewPlacesAreKept()
    {
        const int Lines = 3000;
        using var harness = new ScriptHarness(
            ScriptHarness.Plugin(
                $$"""
                onload = function()
                  local sum, count = 0, 0
                  for i = 1, {{Lines}} do
                    local make = loadstring(('\n'):rep(i) .. 'local n = ... return function() return n end')
                    T.async:schedule { onexecute = make(i), onresult = function(engine, _, result)
                      sum, count = sum + result, count + 1
                      if count == {{Lines}} then print(sum) end
                    end }
                  end
                end
                """
            )
        );
        harness.Drain();

        Assert.Empty(harness.Output.Errors);
        Assert.Equal($"{Lines * (Lines + 1) / 2}\n", harness.Output.Printed);
        Assert.Equal(HeldCode.MaxFunctions + 1, harness.Host.Plugins.Single().Code.Count);
    }

    // A new closure for each task is one function for the host.
    [Fact]
    public void Schedule_ThousandsOfClosuresOfOneFunction_AreOneFunction()
    {
        using var harness = new ScriptHarness(
            ScriptHarness.Plugin(
                """
                onload = function()
                  for i = 1, 5000 do T.async:schedule { data = i, onexecute = function(n) return n end } end
                end
                """
            )
        );
        harness.Drain();

        Assert.Equal(5000, Assert.Single(harness.Host.GetFigures()).Tasks!.Succeeded);
        Assert.Equal(1, harness.Host.Plugins.Single().Code.Count);
    }
}
