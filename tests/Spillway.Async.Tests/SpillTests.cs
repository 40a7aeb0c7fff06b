using System.Globalization;
using System.Text;
using Spillway.Async.Figures;
using Spillway.Async.Spill;

namespace Spillway.Async.Tests;

public sealed class SpillTests : IDisposable
{
    private const int SmallCap = 64 << 10;

    private readonly string _directory = Directory.CreateTempSubdirectory("spillway-spill-").FullName;
    private readonly ManualResetEventSlim _release = new();

    public void Dispose()
    {
        _release.Set();
        Directory.Delete(_directory, true);
        _release.Dispose();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void MemoryShort_TasksSpillAndComeBackInOrder(int workers)
    {
        using var path = new SlowPath(workers, Small());
        HoldWorkers(path, workers);
        var expected = new StringBuilder();
        for (int i = 0; i < 5000; i++)
        {
            path.Append($"{i},", "log");
            expected.Append(CultureInfo.InvariantCulture, $"{i},");
        }

        Assert.True(SpinWait.SpinUntil(() => path.Pool.GetStatistics().Spilled > 4000, TimeSpan.FromSeconds(30)));
        Assert.Empty(Directory.GetFiles(_directory));
        _release.Set();

        path.DrainWell();

        Assert.Equal(expected.ToString(), path.Read("log"));
        Assert.Equal(0, path.Client.Dropped);
    }

    [Fact]
    public void MemoryShort_WhileWorkersRun_NothingIsLostOrSwapped()
    {
        using var path = new SlowPath(options: Small());
        int next = 0;
        bool swapped = false;
        Func<AsyncTask, string?> work = task =>
        {
            swapped |= int.Parse(Encoding.UTF8.GetString(task.Data), CultureInfo.InvariantCulture) != next++;
            return null;
        };
        for (int i = 0; i < 100_000; i++)
        {
            path.Schedule(work, data: i.ToString(CultureInfo.InvariantCulture));
            if (i % 1000 == 0)
                Assert.InRange(path.Runtime.QueuedBytes, 0, 2 * SmallCap);
        }

        path.DrainWell();

        Assert.Equal((100_000, false), (next, swapped));
    }

    [Fact]
    public void SpilledTask_KeepsEverythingItWasGiven()
    {
        using var path = new SlowPath(options: Small());
        HoldWorkers(path, 1);
        var lease = new Lease();
        for (int i = 0; i < 300; i++)
            path.Append(new string('x', 1000), "filler");
        path.Client.CurrentLease = lease;
        var function = new TaskFunction(1, default, "spill.lua:9");
        path.OnSchedule(
            77,
            task =>
                $"{Encoding.UTF8.GetString(task.Data)} {Encoding.UTF8.GetString(task.Upvalues)} {Encoding.UTF8.GetString(task.Key)} "
                + $"{task.DataKind} {task.Name} {task.Cookie} {task.Function == function} {task.Retries} {task.TimeoutTicks > 0}"
        );
        path.Client.SubmitSchedule(
            new ScheduleRequest
            {
                Function = function,
                Data = "data"u8,
                Upvalues = "upvalues"u8,
                Key = "key"u8,
                DataKind = 3,
                Name = "name",
                Cookie = 77,
                WantsResult = true,
                Retries = 2,
            }
        );
        path.WriteAt("at", "position", 3);
        path.Client.CurrentLease = null;
        Assert.True(SpinWait.SpinUntil(() => path.Pool.GetStatistics().Spilled > 100, TimeSpan.FromSeconds(30)));
        Assert.Equal(2, lease.References);
        _release.Set();

        path.DrainWell();

        Assert.Equal("data upvalues key 3 name 77 True 2 True", Assert.Single(path.Deliveries).Result);
        Assert.Equal("\0\0\0at", path.Read("position"));
        Assert.Equal(0, lease.References);
    }

    [Fact]
    public void MemoryAndDiskFull_PolicyDrop_DropsAndCountsAndGoesOn()
    {
        using var path = new SlowPath(options: Small() with { DiskCap = 100_000, LoadPolicy = AsyncLoadPolicy.Drop });
        HoldWorkers(path, 1);
        long accepted = 0;
        for (int i = 0; i < 5000; i++)
        {
            if (path.Client.SubmitAppend("x"u8, path.BytesOf("log")) != 0)
                accepted++;
        }

        AsyncStatistics statistics = path.Pool.GetStatistics();
        Assert.Equal(5000 - accepted, statistics.Dropped);
        Assert.InRange(accepted, 1, 4999);
        _release.Set();

        path.DrainWell();

        Assert.Equal(accepted, new FileInfo(path.PathOf("log")).Length);
    }

    [Fact]
    public void MemoryAndDiskFull_PolicyWait_LosesNothing()
    {
        using var path = new SlowPath(options: Small() with { DiskCap = 100_000 });
        HoldWorkers(path, 1);
        var releaser = new Background<bool>(() =>
        {
            SpinWait.SpinUntil(() => path.Lane.Waits > 0);
            _release.Set();
            return true;
        });
        for (int i = 0; i < 5000; i++)
            path.Append("x", "log");
        releaser.Join();

        path.DrainWell();

        Assert.Equal(5000, new FileInfo(path.PathOf("log")).Length);
    }

    [Fact]
    public void SpillDirectoryUnusable_TasksWaitInMemoryInOrder()
    {
        File.WriteAllText(Path.Combine(_directory, "file"), "");
        using var path = new SlowPath(options: Small() with { SpillDirectory = Path.Combine(_directory, "file", "below") });
        HoldWorkers(path, 1);
        for (int i = 0; i < 170; i++)
            path.Append($"{i},", "log");
        Assert.True(SpinWait.SpinUntil(() => path.Pool.GetStatistics().LastError is not null, TimeSpan.FromSeconds(30)));
        Assert.StartsWith("tasks cannot be put on disk: ", path.Pool.GetStatistics().LastError, StringComparison.Ordinal);
        _release.Set();

        path.DrainWell();

        Assert.Equal(string.Concat(Enumerable.Range(0, 170).Select(i => $"{i},")), path.Read("log"));
    }

    [Fact]
    public void SpillDirectoryFillsUp_TheRestWaitsInMemory_NothingIsLostOrSwapped()
    {
        using var disk = new SmallDisk(Path.Combine(_directory, "disk"), kilobytes: 1024);
        using var path = new SlowPath(options: Small() with { SpillDirectory = Path.Combine(_directory, "disk") });
        HoldWorkers(path, 1);
        var releaser = new Background<bool>(() =>
        {
            SpinWait.SpinUntil(() => path.Lane.Waits > 0);
            _release.Set();
            return true;
        });
        var expected = new System.Text.StringBuilder();
        for (int i = 0; i < 3000; i++)
        {
            string line = $"{i} {new string('x', 1000)}\n";
            expected.Append(line);
            path.Append(line, "log");
        }

        releaser.Join();
        path.DrainWell();

        Assert.True(path.Pool.GetStatistics().Spilled > 100);
        Assert.Contains("No space left on device", path.Pool.SpillTrouble, StringComparison.OrdinalIgnoreCase);
        Assert.Equal(expected.ToString(), path.Read("log"));
    }

    [Fact]
    public void Stop_WithTasksSpilled_CancelsEachOfThem()
    {
        using var path = new SlowPath(options: Small());
        HoldWorkers(path, 1);
        for (int i = 0; i < 3000; i++)
            path.Append("x", "log");
        Assert.True(SpinWait.SpinUntil(() => path.Pool.GetStatistics().Spilled > 1000, TimeSpan.FromSeconds(30)));
        var stop = new Background<bool>(() => path.Runtime.Stop(TimeSpan.FromSeconds(30)));
        SpinWait.SpinUntil(() => path.Pool.IsStopping);
        _release.Set();
        Assert.True(stop.Join());

        Assert.Equal(3000, path.Drain().Count(d => d.Outcome == TaskOutcome.Cancelled));
        Assert.Equal(Enumerable.Range(0, 3000), path.Deliveries.Select(d => (int)(d.Id - path.Deliveries[0].Id)));
    }

    [Fact]
    public void OtherPoolHoldsAllMemory_SpilledTasksStillComeBack()
    {
        using var path = new SlowPath(options: Small());
        AsyncClient greedy = path.Lane.CreateClient(path.Runtime.GetOrAddPool("greedy", 1, (_, _) => path.NewExecutor()), "greedy.lua");
        path.OnSchedule(
            -1,
            _ =>
            {
                _release.Wait();
                return null;
            }
        );
        greedy.SubmitSchedule(
            new ScheduleRequest
            {
                Function = new TaskFunction(1, default, "greedy.lua:1"),
                Data = new byte[SmallCap],
                Cookie = -1,
            }
        );
        for (int i = 0; i < 1000; i++)
            path.Append("x", "log");

        Assert.True(SpinWait.SpinUntil(() => path.TakeResults() && path.Pool.GetStatistics().Succeeded == 1000, TimeSpan.FromSeconds(30)));
        _release.Set();
        path.DrainWell();
    }

    [Fact]
    public void SpillFile_CannotBeRead_ItsTasksEndWithAnErrorAndTheirLeasesAreReleased()
    {
        var reports = new System.Collections.Concurrent.ConcurrentQueue<AsyncTrouble>();
        using var path = new SlowPath(options: Small() with { OnTrouble = reports.Enqueue });
        HoldWorkers(path, 1);
        var lease = new Lease();
        path.Client.CurrentLease = lease;
        for (int i = 0; i < 3000; i++)
            path.Schedule(_ => "done", data: new string('d', 1000));
        path.Client.CurrentLease = null;
        int held = lease.References;
        SpilledFiles.Truncate(_directory);
        _release.Set();

        List<SlowPath.Delivery> deliveries = path.Drain();

        Assert.Equal((3000, 3000, 0), (held, deliveries.Count, lease.References));
        Assert.Contains(
            deliveries,
            d => d.Error is { } error && error.StartsWith("lost, since the file of tasks in " + _directory, StringComparison.Ordinal)
        );
        Assert.Equal(deliveries.Count(d => d.Error is not null), path.Pool.GetStatistics().Failed);
        Assert.Contains(reports, report => report.Message.Contains("check that disk", StringComparison.Ordinal));
        Assert.Equal(0, path.Client.Pending);
    }

    [Fact]
    public void SpillFile_RandomRecords_ComeBackInOrder()
    {
        int seed = Random.Shared.Next();
        var random = new Random(seed);
        using var file = new SpillFile(_directory, new Lock());
        var expected = new Queue<byte[]>();
        for (int i = 0; i < 3000; i++)
        {
            if (random.Next(5) < 3)
            {
                byte[] record = new byte[random.Next(50) == 0 ? random.Next(600_000) : random.Next(2000)];
                random.NextBytes(record);
                expected.Enqueue(record);
                file.Append(record);
            }
            else if (expected.TryDequeue(out byte[]? record))
            {
                Assert.True(record.AsSpan().SequenceEqual(file.Read()), $"seed {seed}, step {i}");
            }

            Assert.Equal(expected.Count, file.Count);
        }

        while (expected.TryDequeue(out byte[]? record))
            Assert.True(record.AsSpan().SequenceEqual(file.Read()), $"seed {seed}");
    }

    [Fact]
    public void SpillFile_MoreThanASegment_GivesReadSegmentsBack()
    {
        using var file = new SpillFile(_directory, new Lock());
        byte[] record = new byte[1 << 20];
        for (int i = 0; i < 150; i++)
        {
            record[0] = (byte)i;
            file.Append(record);
        }

        long most = file.Bytes;
        for (int i = 0; i < 150; i++)
            Assert.Equal((byte)i, file.Read()[0]);

        Assert.InRange(most, 150L << 20, 151L << 20);
        Assert.InRange(file.Bytes, 0, 70 << 20);
    }

    [Fact]
    public void SpillFile_WrittenAndReadAtTheSameTime_KeepsOrder()
    {
        const int Records = 200_000;
        var gate = new Lock();
        using var file = new SpillFile(_directory, gate);
        var writer = new Background<bool>(() =>
        {
            byte[] record = new byte[400];
            for (int i = 0; i < Records; i++)
            {
                BitConverter.TryWriteBytes(record, i);
                lock (gate)
                    file.Append(record.AsSpan(0, 4 + (i % 397)));
            }

            return true;
        });
        for (int i = 0; i < Records; i++)
        {
            SpinWait.SpinUntil(() => file.Count > 0);
            ReadOnlySpan<byte> record = file.Read();
            Assert.Equal((i, 4 + (i % 397)), (BitConverter.ToInt32(record), record.Length));
        }

        writer.Join();
        Assert.Equal(0, file.Count);
    }

    [Fact]
    public void ResultsThatNobodyTakes_StopTheWorkers_AndAllComeOnceTheyAreTaken()
    {
        const int Tasks = 20_000;
        const int Cap = 1 << 20;
        using var path = new SlowPath(options: Small() with { MemoryCap = Cap });
        string result = new('r', 1000);
        path.OnSchedule(-5, _ => result);
        for (int i = 0; i < Tasks; i++)
            path.Client.SubmitSchedule(
                new ScheduleRequest
                {
                    Function = new TaskFunction(1, default, "test.lua:1"),
                    Cookie = -5,
                    WantsResult = true,
                }
            );
        Assert.InRange(path.Runtime.QueuedBytes, 0, Cap + (Cap / 64));

        Assert.True(SpinWait.SpinUntil(() => path.Runtime.ResultWaits > 0, TimeSpan.FromSeconds(30)));
        Assert.InRange(path.Runtime.ResultBytes, Cap, Cap + (Cap / 16));
        Assert.InRange(path.Pool.GetStatistics().Succeeded, 1, Tasks / 2);

        long most = 0;
        path.OnDelivery = _ => most = Math.Max(most, path.Runtime.QueuedBytes + path.Runtime.ResultBytes);
        path.DrainWell();

        Assert.Equal(Tasks, path.Deliveries.Count);
        Assert.InRange(most, 1, 2 * Cap);
    }

    [Fact]
    public void LaneWaitsForRoom_WhileResultsFillTheMemory_NeitherWaitsForTheOther()
    {
        using var path = new SlowPath(options: Small() with { DiskCap = 0 });
        string result = new('r', 5000);
        path.OnSchedule(-5, _ => result);
        for (int i = 0; i < 2000; i++)
            path.Client.SubmitSchedule(
                new ScheduleRequest
                {
                    Function = new TaskFunction(1, default, "test.lua:1"),
                    Data = new byte[500],
                    Cookie = -5,
                    WantsResult = true,
                }
            );

        path.DrainWell();

        Assert.True(path.Lane.Waits > 0);
        Assert.Equal(2000, path.Deliveries.Count);
    }

    private AsyncOptions Small() =>
        new()
        {
            MemoryCap = SmallCap,
            SpillDirectory = _directory,
            RetryDelay = TimeSpan.FromMilliseconds(1),
        };

    private void HoldWorkers(SlowPath path, int workers)
    {
        using var held = new CountdownEvent(workers);
        for (int i = 0; i < workers; i++)
        {
            path.Schedule(
                _ =>
                {
                    held.Signal();
                    _release.Wait();
                    return null;
                },
                wantsResult: false
            );
        }

        held.Wait();
    }

    private sealed class Lease : ITaskLease
    {
        public int References { get; private set; }

        public void AddReference() => References++;

        public void Release() => References--;
    }
}
