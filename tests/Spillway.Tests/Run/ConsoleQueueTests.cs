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
                written.Add(entry.Line);
            },
            () => { }
        );
        string line = new('x', 1 << 18);
        const int lines = 100;

        for (int i = 0; i < lines; i++)
            queue.Add(new ConsoleEntry(ConsoleEntryKind.Line, [], line)); // would not end if it waited
        Assert.InRange(queue.Lost, 1, lines - 1);
        released.Set();

        Assert.True(queue.Drain());
        Assert.Equal(lines - queue.Lost, written.Count);
    }

    [Fact]
    public void Drain_OfEntriesInOrder_FlushesBehindTheLast()
    {
        var written = new List<string>();
        using (var queue = new ConsoleQueue(entry => written.Add(entry.Line), () => written.Add("flush")))
        {
            queue.Add(new ConsoleEntry(ConsoleEntryKind.Line, [], "one"));
            queue.Add(new ConsoleEntry(ConsoleEntryKind.Line, [], "two"));
        }

        Assert.Equal(["one", "two"], written.Where(word => word != "flush"));
        Assert.Equal("flush", written[^1]);
    }
}
