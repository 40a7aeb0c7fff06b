using Spillway.Tests.Shared;

namespace Spillway.Async.Tests;

public sealed class LoadTests
{
    private static readonly TaskFunction Echo = new(1, default, "load.lua:1");

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void ManyLanes_HundredThousandTasks_NoneIsLostOrDoubled(int workers)
    {
        const int Lanes = 3;
        const int TasksPerLane = 100_000 / Lanes;
        using var runtime = new AsyncRuntime(new AsyncOptions());
        AsyncPool pool = runtime.GetOrAddPool("load", workers, (_, _) => new EchoExecutor());
        var lanes = new Background<LaneReport>[Lanes];
        for (int lane = 0; lane < Lanes; lane++)
        {
            int seed = lane;
            lanes[lane] = new Background<LaneReport>(() => SubmitAndTake(runtime, pool, TasksPerLane, seed));
        }

        var ids = new HashSet<long>();
        foreach (Background<LaneReport> lane in lanes)
        {
            LaneReport report = lane.Join();
            Assert.Equal((0, 0), (report.Wrong, report.LeaseReferences));
            Assert.All(report.Ids, id => Assert.True(ids.Add(id), $"task {id} was delivered twice"));
        }

        Assert.Equal(pool.GetStatistics().Submitted, ids.Count + lanes.Sum(lane => lane.Join().Silent));
        Assert.Equal(Lanes * TasksPerLane, pool.GetStatistics().Succeeded);
    }

    [Fact]
    public void SubmitAndDeliver_SteadyState_AllocatesNothingOnTheLane()
    {
        using var runtime = new AsyncRuntime(new AsyncOptions());
        TaskPort lane = runtime.CreateLane("lane");
        AsyncClient client = lane.CreateClient(runtime.GetOrAddPool("load", 1, (_, _) => new EchoExecutor()), "load.lua");
        var sink = default(Sink);
        SubmitBatch(client, lane, ref sink, 2000);

        long allocated = Allocations.InSteadyState(
            () =>
            {
                for (int batch = 0; batch < 10; batch++)
                    SubmitBatch(client, lane, ref sink, 1000);
            },
            out int rounds
        );

        Assert.Equal(0, allocated);
        Assert.Equal(2000 + (rounds * 10_000), sink.Delivered);
    }

    [Fact]
    public void QueuedBytes_AfterEverythingRan_AreGivenBack()
    {
        using var path = new SlowPath();
        using var release = new ManualResetEventSlim();
        path.Schedule(_ =>
        {
            release.Wait();
            return null;
        });
        for (int i = 0; i < 100; i++)
            path.Append(new string('x', 100_000), "file");
        Assert.True(path.Runtime.QueuedBytes >= 10_000_000);
        release.Set();

        path.DrainWell();
        path.Runtime.Dispose();
        path.Lane.Dispose();

        Assert.Equal(0, path.Runtime.QueuedBytes);
    }

    private static void SubmitBatch(AsyncClient client, TaskPort lane, ref Sink sink, int count)
    {
        for (int i = 0; i < count; i++)
            client.SubmitSchedule(
                new ScheduleRequest
                {
                    Function = Echo,
                    Data = "data"u8,
                    WantsResult = true,
                }
            );
        while (lane.Pending > 0)
        {
            if (lane.HasResults)
                lane.DeliverResults(ref sink, TimeSpan.FromSeconds(1));
        }
    }

    private static LaneReport SubmitAndTake(AsyncRuntime runtime, AsyncPool pool, int count, int seed)
    {
        using TaskPort lane = runtime.CreateLane($"lane {seed}");
        AsyncClient client = lane.CreateClient(pool, "load.lua");
        var random = new Random(seed);
        var lease = new Lease();
        var checker = new Checker([]);
        int silent = 0;
        byte[] data = new byte[64];
        for (int i = 0; i < count; i++)
        {
            client.CurrentLease = random.Next(2) == 0 ? lease : null;
            Span<byte> bytes = data.AsSpan(0, random.Next(8, 64));
            random.NextBytes(bytes);
            bool wanted = random.Next(3) > 0;
            silent += wanted ? 0 : 1;
            client.SubmitSchedule(
                new ScheduleRequest
                {
                    Function = Echo,
                    Data = bytes,
                    Key = bytes[..(random.Next(2) * 2)],
                    Cookie = Checksum(bytes),
                    WantsResult = wanted,
                }
            );
            client.CurrentLease = null;
            if (random.Next(4) == 0 && lane.HasResults)
                lane.DeliverResults(ref checker, TimeSpan.FromMilliseconds(1));
        }

        lane.Drain(ref checker, TimeSpan.FromSeconds(60));
        return new LaneReport(checker.Ids, checker.Wrong, silent, lease.References + (int)lane.Pending);
    }

    private static long Checksum(ReadOnlySpan<byte> bytes)
    {
        long sum = bytes.Length;
        foreach (byte b in bytes)
            sum = unchecked((sum * 31) + b);
        return sum;
    }

    private sealed record LaneReport(List<long> Ids, int Wrong, int Silent, int LeaseReferences);

    private struct Sink : IResultHandler
    {
        public int Delivered { get; private set; }

        public void Deliver(AsyncTask task) => Delivered++;
    }

    private struct Checker(List<long> ids) : IResultHandler
    {
        public List<long> Ids { get; } = ids;

        public int Wrong { get; private set; }

        public void Deliver(AsyncTask task)
        {
            Ids.Add(task.Id);
            if (task.Error is not null || !task.HasResult || Checksum(task.Data) != task.Cookie || !task.Result.SequenceEqual(task.Data))
                Wrong++;
        }
    }

    private sealed class Lease : ITaskLease
    {
        public int References { get; private set; }

        public void AddReference() => References++;

        public void Release() => References--;
    }

    private sealed class EchoExecutor : ITaskExecutor
    {
        public void Execute(AsyncTask task) => task.SetResult(1, task.Data);

        public void RequestStop(long taskId) { }

        public void Dispose() { }
    }
}
