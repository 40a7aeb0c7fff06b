using Spillway.Async.Figures;
using Spillway.Run;

namespace Spillway.Tests.Run;

public sealed class LiveTableTests
{
    [Fact]
    public void Render_NobodyHasTasks_IsEmpty() => Assert.Equal("", LiveTable.Render([Pool("idle.lua", submitted: 0)], 120, 24));

    [Fact]
    public void Render_ScriptsAtWork_ShowsQueuesAndLastFailures()
    {
        string text = LiveTable.Render(
            [Pool("calm.lua", 10, succeeded: 10), Pool("busy.lua", 30, succeeded: 5, failed: 2, error: "busy.lua:7: no\nstack traceback:")],
            140,
            24
        );

        string[] lines = text.TrimEnd('\n').Split('\n');
        Assert.Equal(4, lines.Length);
        Assert.Matches("^  T.async +Busy +Waiting +Oldest +Done +Failed +Timed out +Wait p50/p99/max +Run p50/p99/max", lines[0]);
        Assert.Matches("^  busy.lua +1/2 +22 +1.5 s +5 +2 +0 +", lines[1]);
        Assert.Matches("^  calm.lua +1/2 +0 +1.5 s +10 +0 +0 +", lines[2]);
        Assert.Equal("  busy.lua: last failure: busy.lua:7: no", lines[3]);
    }

    [Theory]
    [InlineData(40, 6)]
    [InlineData(80, 24)]
    public void Render_MoreThanTheTerminalHolds_FitsIt(int width, int height)
    {
        string text = LiveTable.Render(
            Enumerable.Range(0, 100).Select(i => Pool($"script{i}.lua", 1000, failed: 1, error: new string('x', 500))),
            width,
            height
        );

        string[] lines = text.TrimEnd('\n').Split('\n');
        Assert.True(lines.Length < height, $"{lines.Length} lines");
        Assert.StartsWith("  ... and ", lines[^1], StringComparison.Ordinal);
        Assert.All(lines.Where(line => line.Contains("failure", StringComparison.Ordinal)), line => Assert.True(line.Length < width, line));
    }

    private static AsyncStatistics Pool(string name, long submitted, long succeeded = 0, long failed = 0, string? error = null) =>
        new()
        {
            Plugin = name,
            Workers = 2,
            Busy = 1,
            OldestWaiting = TimeSpan.FromSeconds(1.5),
            Submitted = submitted,
            Succeeded = succeeded,
            Failed = failed,
            TimedOut = 0,
            Cancelled = 0,
            Retried = 0,
            Dropped = 0,
            Spilled = 0,
            Pending = 0,
            AbandonedWorkers = 0,
            PriorityFailures = 0,
            Wait = new LogHistogram(),
            Run = new LogHistogram(),
            LastError = error,
        };
}
