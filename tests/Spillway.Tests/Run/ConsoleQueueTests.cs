using Microsoft.Extensions.Logging;
using Spillway.Logging;
using Spillway.Run;

namespace Spillway.Tests.Run;

public sealed class ConsoleQueueTests
{
    [Fact]
    public void Add_WhileTheTerminalIsHeld_NeverWaits_AndDropsBeyondItsRoom()
    {
        using var released = new ManualResetEventSlim();
        var written = new List<string>();
        using var queue = new ConsoleQueue(
            entry =>
            {
                released.Wait(TestContext.Current.CancellationToken);
                written.Add(entry.Line.Text);
            },
            () => { }
        );
        string line = new('x', 1 << 18);
        const int lines = 100;

        for (int i = 0; i < lines; i++)
            queue.Add(new ConsoleEntry(ConsoleEntryKind.Line, [], Entry(line))); // would not end if it waited
        Assert.InRange(queue.Lost, 1, lines - 1);
        released.Set();

        Assert.True(queue.Drain());
        Assert.Equal(lines - queue.Lost, written.Count);
    }

    [Fact]
    public void Drain_OfEntriesInOrder_FlushesBehindTheLast()
    {
        var written = new List<string>();
        using (var queue = new ConsoleQueue(entry => written.Add(entry.Line.Text), () => written.Add("flush")))
        {
            queue.Add(new ConsoleEntry(ConsoleEntryKind.Line, [], Entry("one")));
            queue.Add(new ConsoleEntry(ConsoleEntryKind.Line, [], Entry("two")));
        }

        Assert.Equal(["one", "two"], written.Where(word => word != "flush"));
        Assert.Equal("flush", written[^1]);
    }

    private static LogEntry Entry(string text) => new(default, LogLevel.Information, 0, IsOfScript: false, text);
}
