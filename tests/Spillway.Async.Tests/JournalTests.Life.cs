using System.Text;
using Spillway.Async.Journal;

namespace Spillway.Async.Tests;

/// <content>What the tests share: a process that lives and is killed, and looks into its journal.</content>
public sealed partial class JournalTests
{
    private static string Text(ReadOnlySpan<byte> bytes) => Encoding.UTF8.GetString(bytes);

    private string PathOf(string name) => Path.Combine(_root, name);

    private byte[] Bytes(string name) => Encoding.UTF8.GetBytes(PathOf(name));

    private string Read(string name) => File.ReadAllText(PathOf(name));

    private string[] Segments(string journal) => [.. Directory.GetFiles(PathOf(journal), "*.journal").Order(StringComparer.Ordinal)];

    /// <summary>The one segment with records; another may have been made ahead.</summary>
    private string Begun(string journal) => Segments(journal).Single(path => File.ReadAllBytes(path)[0] != 0);

    private JournalOptions Options(string name, JournalSync sync = JournalSync.Batch) =>
        new()
        {
            Directory = PathOf(name),
            SegmentBytes = SmallSegment,
            DiskCap = 1L << 30,
            Sync = sync,
        };

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

    /// <summary>Gives a file to another user, which only root can.</summary>
    private static void Give(string path)
    {
        if (Environment.UserName != "root")
            Assert.Skip("to give files away needs root");
        using var chown = System.Diagnostics.Process.Start("chown", ["65534", path]);
        chown.WaitForExit();
        Assert.Equal(0, chown.ExitCode);
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
        JournalFormat.ReadHeader(bytes, out SegmentHeader header);
        var reader = new SegmentReader("", bytes, header.End);
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

        public TaskPort Lane { get; }

        public AsyncClient Client { get; }

        public Action? Hold { get; set; }

        public Func<AsyncTask, string?>? Work { get; set; }

        public List<string> Ran { get; } = [];

        public List<string> Results { get; } = [];

        public List<string> Errors { get; } = [];

        public void Append(string text, string name) =>
            Client.SubmitAppend(Encoding.UTF8.GetBytes(text), Encoding.UTF8.GetBytes(Path.Combine(Root, name)));

        public void Schedule(string data, bool wantsResult) =>
            Client.SubmitSchedule(
                new ScheduleRequest
                {
                    Function = Function,
                    Data = Encoding.UTF8.GetBytes(data),
                    WantsResult = wantsResult,
                }
            );

        public void ResubmitAll(RecoveredTaskHandler? look = null)
        {
            foreach (RecoveredClient left in Journal.Recovered)
            {
                Journal.Replay(
                    left,
                    (in RecoveredTask task) =>
                    {
                        look?.Invoke(in task);
                        Assert.True(Client.Resubmit(in task, new TaskFunction(1, task.FunctionCode.ToArray(), task.FunctionSource)));
                    }
                );
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
