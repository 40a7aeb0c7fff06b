using Spillway.Async;

namespace Spillway.Scripting.Tests;

/// <summary>What a user hears when neither memory nor disk has room for tasks.</summary>
public sealed class AsyncLoadTests
{
    private static readonly AsyncOptions Small = new() { MemoryCap = 64 << 10, DiskCap = 0 };

    [Fact]
    public void PolicyDrop_IsCountedLoggedAndRaisedAsAnAlert_Sparingly()
    {
        using ScriptHarness harness = Flood(AsyncLoadPolicy.Drop);
        harness.Drain();
        harness.Metrics.Complete();

        long dropped = Assert.Single(harness.Lane.Async.Runtime.Pools).GetStatistics().Dropped;
        Assert.InRange(dropped, 10, 2000);
        Assert.Equal($"{dropped}\n", harness.Output.Printed);
        Assert.StartsWith(
            "a task is dropped, since --async-memory (65536 bytes) and disk are full",
            harness.Output.Problems[0],
            StringComparison.Ordinal
        );
        Assert.InRange(harness.Output.Problems.Count, 2, 4);
        Assert.Equal(
            harness.Output.Problems.Select(problem => "script.lua: " + problem),
            harness.Sink.Alerts.Select(alert => alert.Message)
        );
    }

    [Fact]
    public void PolicyWait_LosesNothing_AndIsToldOnce()
    {
        using ScriptHarness harness = Flood(AsyncLoadPolicy.Wait);
        harness.Drain();
        harness.Metrics.Complete();

        Assert.Equal("0\n", harness.Output.Printed);
        Assert.StartsWith(
            "packets are held up until tasks are done, since --async-memory",
            Assert.Single(harness.Output.Problems),
            StringComparison.Ordinal
        );
        Assert.StartsWith("script.lua: packets are held up", Assert.Single(harness.Sink.Alerts).Message, StringComparison.Ordinal);
    }

    private static ScriptHarness Flood(AsyncLoadPolicy policy) =>
        new(
            Small with
            {
                LoadPolicy = policy,
            },
            allowsShell: true,
            ScriptHarness.Plugin(
                """
                onload = function()
                  local refused = 0
                  T.async:schedule { onexecute = function() for i = 1, 3e8 do end end }
                  for i = 1, 2000 do
                    if T.async:schedule { data = ('x'):rep(100), onexecute = function() end } == 0 then refused = refused + 1 end
                  end
                  print(refused)
                end
                """
            )
        );
}
