namespace Spillway.Async.Tests;

/// <content>Tasks that are on disk twice: with those that wait for memory, and in the journal.</content>
public sealed partial class JournalTests
{
    [Fact]
    public void SpillFile_CannotBeRead_ItsTasksAreLeftForTheNextRun_WhichDoesThemOnce()
    {
        const int Tasks = 3000;
        string spill = Directory.CreateDirectory(PathOf("spill")).FullName;
        var lease = new LeaseTests.CountingLease();
        int left;
        using (var first = new Life(_root, Options("journal"), new AsyncOptions { MemoryCap = 64 << 10, SpillDirectory = spill }))
        {
            HoldWorker(first);
            first.Client.CurrentLease = lease;
            for (int i = 0; i < Tasks; i++)
                first.Append("x", "log");
            first.Client.CurrentLease = null;
            SpilledFiles.Truncate(spill);
            _release.Set();

            left = first.Drain().Count;

            Assert.True(left > 0);
            Assert.All(
                first.Errors,
                error =>
                    Assert.StartsWith("left in the journal for the next run, since the file of tasks in", error, StringComparison.Ordinal)
            );
            Assert.Equal((left, 0), (first.Lane.LeftInJournal, first.Client.Pending));
            Assert.Equal(left, lease.References); // what they work on stays for them
            Assert.Equal(Tasks - left, Read("log").Length);
        }

        using (var second = new Life(_root, Options("journal")))
        {
            Assert.Equal(left, Assert.Single(second.Journal.Recovered).Tasks);
            second.ResubmitAll();
            second.DrainWell();
        }

        Assert.Equal(Tasks, Read("log").Length);
        Assert.Empty(Segments("journal"));
    }
}
