using System.Text;
using Spillway.Async.Journal;

namespace Spillway.Async.Tests;

/// <summary>A process that is killed is played by a copy of its journal's files, taken while it runs.</summary>
public sealed partial class JournalTests : IDisposable
{
    private const int SmallSegment = 64 << 10;

    private readonly string _root = Directory.CreateTempSubdirectory("spillway-journal-").FullName;
    private readonly ManualResetEventSlim _release = new();
    private int _copies;

    public void Dispose()
    {
        _release.Set();
        Directory.Delete(_root, true);
        _release.Dispose();
    }

    [Theory]
    [InlineData(JournalSync.Always)]
    [InlineData(JournalSync.Batch)]
    public void Killed_BeforeAnythingRan_EverythingRunsInOrder(JournalSync sync)
    {
        string after;
        using (var first = new Life(_root, Options("journal", sync)))
        {
            HoldWorker(first);
            for (int i = 0; i < 50; i++)
                first.Append($"{i},", "log");
            File.WriteAllText(PathOf("source"), "content");
            first.Client.SubmitCopy(Bytes("source"), Bytes("copy"));
            first.Client.SubmitCat(Bytes("source"), Bytes("log"));
            first.Client.SubmitWriteAt("xy"u8, Bytes("at"), 3);
            first.Client.SubmitRemove(Bytes("source"));
            after = Kill("journal");
            _release.Set();
            first.Abandon();
        }

        foreach (string name in (string[])["log", "copy", "at"])
            File.Delete(PathOf(name));
        File.WriteAllText(PathOf("source"), "content");

        using var second = new Life(_root, Options(after, sync));
        RecoveredClient left = Assert.Single(second.Journal.Recovered);
        Assert.Equal(("plugin", "life.lua", 55L, "identity"), (left.Pool, left.Name, left.Tasks, Encoding.UTF8.GetString(left.Identity)));
        second.ResubmitAll();
        second.DrainWell();

        Assert.Equal(string.Concat(Enumerable.Range(0, 50).Select(i => $"{i},")) + "content", Read("log"));
        Assert.Equal(("content", "\0\0\0xy", false), (Read("copy"), Read("at"), File.Exists(PathOf("source"))));
        second.Dispose();
        Assert.Empty(Segments(after));
    }

    [Fact]
    public void Schedule_KeepsEverythingItWasGiven()
    {
        string after;
        var options = Options("journal") with { RuntimeVersion = "luajit 1" };
        using (var first = new Life(_root, options))
        {
            HoldWorker(first);
            first.Client.SubmitSchedule(
                new ScheduleRequest
                {
                    Function = new TaskFunction(7, "code"u8.ToArray(), "life.lua:9"),
                    Data = "data"u8,
                    DataKind = 3,
                    Upvalues = "upvalues"u8,
                    Key = "key"u8,
                    Name = "näme",
                    WantsResult = true,
                    Timeout = TimeSpan.FromSeconds(5),
                    Retries = 2,
                }
            );
            after = Kill("journal");
            _release.Set();
            first.Abandon();
        }

        using var second = new Life(_root, options with { Directory = Path.Combine(_root, after) });
        second.Work = task =>
            $"{Text(task.Data)} {task.DataKind} {Text(task.Upvalues)} {Text(task.Key)} {task.Name} {task.Retries} "
            + $"{TimeSpan.FromSeconds((double)task.TimeoutTicks / System.Diagnostics.Stopwatch.Frequency)} "
            + $"{Text(task.Function!.Code.Span)} {task.Function.Source}";
        var versions = new List<bool>();
        second.ResubmitAll((in RecoveredTask task) => versions.Add(task.IsOfThisRuntime));
        second.DrainWell();

        Assert.Contains("data 3 upvalues key näme 2 00:00:05 code life.lua:9", second.Results);
        Assert.All(versions, Assert.True);
    }

    [Fact]
    public void ManySegments_AreReplayedInTheOrderOfTheirTasks()
    {
        string after;
        using (var first = new Life(_root, Options("journal")))
        {
            HoldWorker(first);
            for (int i = 0; i < 3000; i++)
                first.Append($"{i},".PadLeft(100 + (i % 7 * 100), ' '), "log");
            after = Kill("journal");
            _release.Set();
            first.Abandon();
        }

        Assert.True(Segments(after).Length > 10);
        File.Delete(PathOf("log"));
        using var second = new Life(_root, Options(after));
        second.ResubmitAll();
        second.DrainWell();

        Assert.Equal(string.Concat(Enumerable.Range(0, 3000).Select(i => $"{i},")), Read("log").Replace(" ", "", StringComparison.Ordinal));
    }

    [Fact]
    public void OtherRuntimeVersion_IsTold()
    {
        using (var first = new Life(_root, Options("journal") with { RuntimeVersion = "luajit 1" }))
        {
            HoldWorker(first);
            Kill("journal");
            _release.Set();
            first.Abandon();
        }

        using TaskJournal journal = TaskJournal.Open(Options("copy1") with { RuntimeVersion = "luajit 2" });
        bool same = true;
        journal.Replay(Assert.Single(journal.Recovered), (in RecoveredTask task) => same = task.IsOfThisRuntime);

        Assert.False(same);
    }

    [Fact]
    public void Append_KilledWhileItWrote_BeginsWhereItBegan()
    {
        string after;
        using (var first = new Life(_root, Options("journal")))
        {
            HoldWorker(first);
            first.Append("second", "log");
            File.WriteAllText(PathOf("log"), "first,");
            after = Kill("journal");
            _release.Set();
            first.Abandon();
        }

        // As if the process had been killed after it had noted where it begins, and written a part.
        NoteBegun(after, offset: 6);
        File.WriteAllText(PathOf("log"), "first,sec");
        using var second = new Life(_root, Options(after));
        second.ResubmitAll();
        second.DrainWell();

        Assert.Equal("first,second", Read("log"));
    }

    [Fact]
    public void Append_BegunInAFileThatIsShorterNow_GoesToItsEnd()
    {
        string after;
        using (var first = new Life(_root, Options("journal")))
        {
            HoldWorker(first);
            first.Append("second", "log");
            after = Kill("journal");
            _release.Set();
            first.Abandon();
        }

        NoteBegun(after, offset: 600);
        File.WriteAllText(PathOf("log"), "rotated,");
        using var second = new Life(_root, Options(after));
        second.ResubmitAll();
        second.DrainWell();

        Assert.Equal("rotated,second", Read("log"));
    }

    [Fact]
    public void Result_NotDelivered_RunsAgain()
    {
        string after;
        using (var first = new Life(_root, Options("journal")))
        {
            first.Schedule("told", wantsResult: true);
            first.DrainWell();
            first.Schedule("untold", wantsResult: true);
            first.Schedule("silent", wantsResult: false);
            SpinWait.SpinUntil(() => first.Pool.GetStatistics().Succeeded == 3, TimeSpan.FromSeconds(30));
            after = Kill("journal");
        }

        using var second = new Life(_root, Options(after));
        second.ResubmitAll();
        second.DrainWell();

        Assert.Equal(["untold"], second.Ran);
    }

    [Fact]
    public void FailedTask_IsTold_AndDoesNotRunAgain()
    {
        using (var first = new Life(_root, Options("journal")))
        {
            first.Client.SubmitCopy(Bytes("missing"), Bytes("copy"));
            Assert.NotNull(Assert.Single(first.Drain()));
        }

        Assert.Empty(Segments("journal"));
    }

    [Fact]
    public void Stopped_TasksThatWereNotDone_AreLeftForTheNextProcess()
    {
        using (var first = new Life(_root, Options("journal")))
        {
            HoldWorker(first);
            for (int i = 0; i < 20; i++)
                first.Append("x", "log");
            var stop = new Background<bool>(() => first.Runtime.Stop(TimeSpan.FromSeconds(30)));
            SpinWait.SpinUntil(() => first.Pool.IsStopping);
            _release.Set();
            stop.Join();
        }

        using var second = new Life(_root, Options("journal"));
        Assert.Equal(20, Assert.Single(second.Journal.Recovered).Tasks);
        second.ResubmitAll();
        second.DrainWell();
        Assert.Equal(new string('x', 20), Read("log"));
    }

    [Fact]
    public void RecoveredAndNotSubmitted_StaysForTheNextProcess()
    {
        using (var first = new Life(_root, Options("journal")))
        {
            HoldWorker(first);
            first.Append("x", "log");
            Kill("journal");
            _release.Set();
            first.Abandon();
        }

        using (TaskJournal.Open(Options("copy1"))) { }

        using TaskJournal journal = TaskJournal.Open(Options("copy1"));
        Assert.Equal(2, Assert.Single(journal.Recovered).Tasks);
    }

    [Fact]
    public void SpilledTasks_AreStruckToo()
    {
        using (var first = new Life(_root, Options("journal"), new AsyncOptions { MemoryCap = 64 << 10, SpillDirectory = _root }))
        {
            HoldWorker(first);
            for (int i = 0; i < 3000; i++)
                first.Append("x", "log");
            _release.Set();
            first.DrainWell();
            Assert.True(first.Pool.GetStatistics().Spilled > 0);
        }

        Assert.Equal(3000, Read("log").Length);
        Assert.Empty(Segments("journal"));
    }

    [Fact]
    public void Segments_WhoseTasksAreDone_GoWhileTheJournalIsInUse()
    {
        using var life = new Life(_root, Options("journal"));
        for (int i = 0; i < 40; i++)
        {
            for (int j = 0; j < 50; j++)
                life.Append(new string('x', 1000), "log");
            life.DrainWell();
        }

        Assert.True(life.Journal.AppendedBytes > 30 * SmallSegment);
        Assert.True(SpinWait.SpinUntil(() => life.Journal.Bytes <= 4 * SmallSegment, TimeSpan.FromSeconds(30)));
        Assert.Equal(2_000_000, new FileInfo(PathOf("log")).Length);
    }
}
