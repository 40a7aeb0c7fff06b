using System.Text;
using Spillway.Async.Journal;

namespace Spillway.Async.Tests;

/// <summary>A process that is killed is played by a copy of its journal's files, taken while it runs.</summary>
public sealed class JournalTests : IDisposable
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
            first.Client.SubmitSchedule(new ScheduleRequest
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
            });
            after = Kill("journal");
            _release.Set();
            first.Abandon();
        }

        using var second = new Life(_root, options with { Directory = Path.Combine(_root, after) });
        second.Work = task => $"{Text(task.Data)} {task.DataKind} {Text(task.Upvalues)} {Text(task.Key)} {task.Name} {task.Retries} "
            + $"{TimeSpan.FromSeconds((double)task.TimeoutTicks / System.Diagnostics.Stopwatch.Frequency)} {Text(task.Function!.Code.Span)} {task.Function.Source}";
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

        using (TaskJournal.Open(Options("copy1")))
        {
        }

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

    [Fact]
    public void TornTail_IsToldAndHarmless()
    {
        string after = Interrupted(tasks: 10);
        DamageAt(after, TaskPositions(after)[^1] + 40);

        using TaskJournal journal = TaskJournal.Open(Options(after));

        Assert.Equal(10, Assert.Single(journal.Recovered).Tasks);   // the one that holds the worker, and nine
        JournalDamage damage = Assert.Single(journal.Damages);
        Assert.True(damage.IsTail);
        Assert.Contains($"at offset {damage.Offset}, was not finished", damage.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void DamageInTheMiddle_IsToldWithItsOffset_AndTheRestIsRead()
    {
        string after = Interrupted(tasks: 10);
        List<int> positions = TaskPositions(after);
        DamageAt(after, positions[4] + 1);   // the length
        DamageAt(after, positions[5] + 60);   // the payload

        using TaskJournal journal = TaskJournal.Open(Options(after));

        Assert.Equal(9, Assert.Single(journal.Recovered).Tasks);
        JournalDamage damage = Assert.Single(journal.Damages);
        Assert.Equal((positions[4], positions[6] - positions[4], false), (damage.Offset, damage.Length, damage.IsTail));
    }

    [Fact]
    public void AnyByteDamaged_IsNeverAnException()
    {
        string after = Interrupted(tasks: 3);
        byte[] good = File.ReadAllBytes(Begun(after));
        int seed = Random.Shared.Next();
        var random = new Random(seed);
        for (int round = 0; round < 500; round++)
        {
            byte[] bad = (byte[])good.Clone();
            for (int i = random.Next(1, 4); i > 0; i--)
                bad[random.Next(2000)] ^= (byte)(1 << random.Next(8));
            string name = $"bad{round}";
            Directory.CreateDirectory(PathOf(name));
            File.WriteAllBytes(Path.Combine(PathOf(name), "0000000000000001.journal"), bad[..(4096 + random.Next(good.Length - 4096))]);

            using TaskJournal journal = TaskJournal.Open(Options(name));
            Assert.True(journal.Recovered.Sum(client => client.Tasks) <= 4, $"seed {seed}, round {round}");
            foreach (RecoveredClient client in journal.Recovered)
                journal.Replay(client, (in RecoveredTask task) => Assert.True(Enum.IsDefined(task.Kind), $"seed {seed}"));
            journal.Dispose();
            Directory.Delete(PathOf(name), true);
        }
    }

    [Fact]
    public void Directory_InUse_IsRefused()
    {
        using TaskJournal journal = TaskJournal.Open(Options("journal"));

        IOException error = Assert.Throws<IOException>(() => TaskJournal.Open(Options("journal")));

        Assert.Contains("another process uses it", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Directory_ThatOthersMayWrite_IsRefused()
    {
        Directory.CreateDirectory(PathOf("open"));
        File.SetUnixFileMode(PathOf("open"), (UnixFileMode)0x1FF);

        IOException error = Assert.Throws<IOException>(() => TaskJournal.Open(Options("open")));

        Assert.Contains("chmod go-w", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void DiskFull_PolicyDrop_DropsAndCounts()
    {
        using var life = new Life(_root, Options("journal") with { DiskCap = 2 * SmallSegment }, new AsyncOptions { LoadPolicy = AsyncLoadPolicy.Drop });
        HoldWorker(life);
        int accepted = Enumerable.Range(0, 1000).Count(_ => life.Client.SubmitAppend(new byte[1000], Bytes("log")) != 0);
        _release.Set();
        life.DrainWell();

        Assert.InRange(accepted, 50, 150);
        Assert.Equal((1000 - accepted, accepted * 1000), (life.Client.Dropped, new FileInfo(PathOf("log")).Length));
        Assert.Contains("they are used up", life.Journal.LastError, StringComparison.Ordinal);
    }

    [Fact]
    public void DiskFull_PolicyWait_WaitsUntilTasksAreDone()
    {
        using var life = new Life(_root, Options("journal") with { DiskCap = 2 * SmallSegment });
        HoldWorker(life);
        var releaser = new Background<bool>(() =>
        {
            SpinWait.SpinUntil(() => life.Lane.Waits > 0);
            _release.Set();
            return true;
        });
        for (int i = 0; i < 1000; i++)
            life.Append(new string('x', 1000), "log");
        releaser.Join();
        life.DrainWell();

        Assert.Equal((0L, 1_000_000L), (life.Client.Dropped, new FileInfo(PathOf("log")).Length));
    }

    [Fact]
    public void RecordLargerThanASegment_IsKept()
    {
        string after;
        using (var first = new Life(_root, Options("journal")))
        {
            HoldWorker(first);
            first.Append(new string('x', 300_000), "log");
            after = Kill("journal");
            _release.Set();
            first.Abandon();
        }

        File.Delete(PathOf("log"));
        using var second = new Life(_root, Options(after));
        second.ResubmitAll();
        second.DrainWell();

        Assert.Equal(300_000, Read("log").Length);
    }

    private static string Text(ReadOnlySpan<byte> bytes) => Encoding.UTF8.GetString(bytes);

    private string PathOf(string name) => Path.Combine(_root, name);

    private byte[] Bytes(string name) => Encoding.UTF8.GetBytes(PathOf(name));

    private string Read(string name) => File.ReadAllText(PathOf(name));

    private string[] Segments(string journal) => [.. Directory.GetFiles(PathOf(journal), "*.journal").Order(StringComparer.Ordinal)];

    /// <summary>The one segment with records; another may have been made ahead.</summary>
    private string Begun(string journal) => Segments(journal).Single(path => File.ReadAllBytes(path)[0] != 0);

    private JournalOptions Options(string name, JournalSync sync = JournalSync.Batch) =>
        new() { Directory = PathOf(name), SegmentBytes = SmallSegment, DiskCap = 1L << 30, Sync = sync };

    private void HoldWorker(Life life)
    {
        using var held = new ManualResetEventSlim();
        life.Hold = () =>
        {
            held.Set();
            _release.Wait();
        };
        life.Schedule("hold", wantsResult: false);
        held.Wait();
        life.Hold = null;
    }

    /// <summary>The journal as it would be found if the process were killed now.</summary>
    private string Kill(string journal)
    {
        string copy = $"copy{++_copies}";
        Directory.CreateDirectory(PathOf(copy));
        foreach (string path in Segments(journal))
            File.Copy(path, Path.Combine(PathOf(copy), Path.GetFileName(path)));
        return copy;
    }

    private string Interrupted(int tasks)
    {
        using var life = new Life(_root, Options("journal"));
        HoldWorker(life);
        for (int i = 0; i < tasks; i++)
            life.Append($"task {i}", "log");
        string after = Kill("journal");
        _release.Set();
        life.Abandon();
        return after;
    }

    private List<int> TaskPositions(string journal)
    {
        byte[] bytes = File.ReadAllBytes(Begun(journal));
        JournalFormat.ReadHeader(bytes, out int start, out _, out _, out _);
        var reader = new SegmentReader("", bytes, start);
        var positions = new List<int>();
        while (reader.TryNext())
        {
            if (reader.Kind == RecordKind.Task)
                positions.Add(reader.Position);
        }

        return positions;
    }

    private void NoteBegun(string journal, long offset)
    {
        int position = TaskPositions(journal)[^1];
        using FileStream file = File.OpenWrite(Begun(journal));
        file.Position = position + 8;
        file.Write(BitConverter.GetBytes(JournalFormat.BegunAt(offset)));
    }

    private void DamageAt(string journal, int position)
    {
        using FileStream file = File.Open(Begun(journal), FileMode.Open);
        file.Position = position;
        int value = file.ReadByte();
        file.Position = position;
        file.WriteByte((byte)(value ^ 0x55));
    }

    /// <summary>One process: a journal, a runtime, a lane and a client.</summary>
    private sealed class Life : IDisposable
    {
        private static readonly TaskFunction Function = new(1, default, "life.lua:1");

        public Life(string root, JournalOptions journal, AsyncOptions? options = null)
        {
            Root = root;
            Journal = TaskJournal.Open(journal);
            Runtime = new AsyncRuntime(options ?? new AsyncOptions { RetryDelay = TimeSpan.FromMilliseconds(1) }, Journal);
            Pool = Runtime.GetOrAddPool("plugin", 1, (_, _) => new SlowPath.DelegateExecutor(_ => Run));
            Lane = Runtime.CreateLane("lane");
            Client = Lane.CreateClient(Pool, "life.lua", identity: "identity"u8.ToArray());
        }

        public string Root { get; }

        public TaskJournal Journal { get; }

        public AsyncRuntime Runtime { get; }

        public AsyncPool Pool { get; }

        public AsyncLane Lane { get; }

        public AsyncClient Client { get; }

        public Action? Hold { get; set; }

        public Func<AsyncTask, string?>? Work { get; set; }

        public List<string> Ran { get; } = [];

        public List<string> Results { get; } = [];

        public List<string> Errors { get; } = [];

        public void Append(string text, string name) =>
            Client.SubmitAppend(Encoding.UTF8.GetBytes(text), Encoding.UTF8.GetBytes(Path.Combine(Root, name)));

        public void Schedule(string data, bool wantsResult) =>
            Client.SubmitSchedule(new ScheduleRequest { Function = Function, Data = Encoding.UTF8.GetBytes(data), WantsResult = wantsResult });

        public void ResubmitAll(RecoveredTaskHandler? look = null)
        {
            foreach (RecoveredClient left in Journal.Recovered)
            {
                Journal.Replay(left, (in RecoveredTask task) =>
                {
                    look?.Invoke(in task);
                    Assert.True(Client.Resubmit(in task, new TaskFunction(1, task.FunctionCode.ToArray(), task.FunctionSource)));
                });
            }
        }

        public List<string> Drain()
        {
            var collector = new Collector(this);
            Assert.Equal(0, Lane.Drain(ref collector, TimeSpan.FromSeconds(30)));
            return Errors;
        }

        public void DrainWell() => Assert.Empty(Drain());

        /// <summary>Ends without the care that a killed process would not have taken either.</summary>
        public void Abandon() => Runtime.Stop(TimeSpan.FromSeconds(30));

        public void Dispose()
        {
            Runtime.Dispose();
            Lane.Dispose();
            Journal.Dispose();
        }

        private string? Run(AsyncTask task)
        {
            string data = Text(task.Data);
            Ran.Add(data);
            Hold?.Invoke();
            return Work is { } work ? work(task) : data;
        }

        private readonly struct Collector(Life life) : IResultHandler
        {
            public void Deliver(AsyncTask task)
            {
                if (task.Error is { } error)
                    life.Errors.Add(error);
                else
                    life.Results.Add(Text(task.Result));
            }
        }
    }
}
