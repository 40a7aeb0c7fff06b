using System.Collections.Concurrent;
using Spillway.Async.Figures;

namespace Spillway.Async.Tests;

public sealed class FailureTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public void Executor_Throws_IsToldOnceAndTheWorkerGoesOn()
    {
        using var path = new SlowPath();
        path.Schedule(_ => throw new InvalidOperationException("broken onexecute"), data: "input");
        path.Schedule(_ => "alive");

        List<SlowPath.Delivery> deliveries = path.Drain();

        Assert.Equal(2, deliveries.Count);
        Assert.Contains("broken onexecute", deliveries[0].Error, StringComparison.Ordinal);
        Assert.Equal("input", deliveries[0].Data);
        Assert.Null(deliveries[0].Result);
        Assert.Equal("alive", deliveries[1].Result);
        AsyncStatistics statistics = path.Pool.GetStatistics();
        Assert.Equal((1, 1), (statistics.Failed, statistics.Succeeded));
        Assert.Contains("broken onexecute", statistics.LastError, StringComparison.Ordinal);
    }

    [Fact]
    public void Executor_FailsAfterSettingAResult_DeliversTheErrorAlone()
    {
        using var path = new SlowPath();
        path.Schedule(task =>
        {
            task.SetResult(1, "half"u8);
            task.Fail("test.lua:7: then it broke");
            return null;
        });

        SlowPath.Delivery delivery = Assert.Single(path.Drain());

        Assert.Equal("test.lua:7: then it broke", delivery.Error);
        Assert.Null(delivery.Result);
    }

    [Fact]
    public void ExecutorFactory_Throws_FailsTheTaskAndIsTriedAgain()
    {
        int calls = 0;
        SlowPath? path = null;
        using (path = new SlowPath(factory: (_, _) => ++calls == 1 ? throw new InvalidOperationException("no VM") : path!.NewExecutor()))
        {
            path.Schedule(_ => "first");
            path.Schedule(_ => "second");

            List<SlowPath.Delivery> deliveries = path.Drain();

            Assert.Contains("no VM", deliveries[0].Error, StringComparison.Ordinal);
            Assert.Equal("second", deliveries[1].Result);
        }
    }

    [Fact]
    public void FileOperation_Fails_LaterTasksGoOn()
    {
        using var path = new SlowPath();
        path.Copy("missing", "b");
        path.Append("fine", "c");

        Assert.NotNull(path.DrainError());
        Assert.Equal("fine", path.Read("c"));
    }

    [Fact]
    public void Schedule_WithRetries_IsRepeatedUntilItSucceeds()
    {
        using var path = new SlowPath();
        int runs = 0;
        path.Schedule(_ => ++runs < 3 ? throw new InvalidOperationException("not yet") : "at last", retries: 5);

        Assert.Equal("at last", Assert.Single(path.DrainWell()).Result);
        Assert.Equal(3, runs);
        Assert.Equal(2, path.Pool.GetStatistics().Retried);
    }

    [Fact]
    public void Schedule_RetriesUsedUp_FailsWithTheLastError()
    {
        using var path = new SlowPath();
        int runs = 0;
        path.Schedule(_ => throw new InvalidOperationException($"run {++runs} failed"), retries: 2);

        Assert.Contains("run 3 failed", path.DrainError(), StringComparison.Ordinal);
        Assert.Equal(3, runs);
    }

    [Fact]
    public void FullDisk_SpaceIsMadeMeanwhile_TheRetryCompletesTheAppendOnce()
    {
        using var path = new SlowPath(
            options: new AsyncOptions { FileRetries = AsyncOptions.MaxRetries, RetryDelay = TimeSpan.FromMilliseconds(1) }
        );
        using var disk = new SmallDisk(path.PathOf("disk"));
        path.FileWith("disk/log", "begin ");
        path.FileWith("disk/filler", new string('x', 30_000));
        string text = new('y', 50_000);
        path.Append(text, "disk/log");
        Assert.True(SpinWait.SpinUntil(() => path.Pool.GetStatistics().Retried > 0, Patience));
        File.Delete(path.PathOf("disk/filler"));

        path.DrainWell();

        Assert.Equal("begin " + text, path.Read("disk/log"));
    }

    [Fact]
    public void FullDisk_StaysFull_FailsAfterTheRetriesWithTheOldContent()
    {
        using var path = new SlowPath();
        using var disk = new SmallDisk(path.PathOf("disk"));
        path.FileWith("disk/log", "begin");
        path.FileWith("big", new string('y', 100_000));
        path.Append(new string('y', 100_000), "disk/log");
        path.Cat("big", "disk/log");
        path.Copy("big", "disk/log");

        List<SlowPath.Delivery> deliveries = path.Drain();

        Assert.Equal(3, deliveries.Count);
        Assert.All(deliveries, d => Assert.Contains("no space left on device", d.Error, StringComparison.Ordinal));
        Assert.All(deliveries.Take(2), d => Assert.Contains("taken back after", d.Error, StringComparison.Ordinal));
        Assert.Equal("begin", path.Read("disk/log"));
        Assert.Equal([path.PathOf("disk/log")], Directory.GetFiles(path.PathOf("disk")));
        Assert.InRange(path.Pool.GetStatistics().Retried, 1, 6); // the first waits for all, and each of the three would have had three
    }

    [Fact]
    public void FullDisk_ManyOperations_WaitOnceInAllAndAreReportedOnce()
    {
        var reports = new ConcurrentQueue<AsyncTrouble>();
        using var path = new SlowPath(options: new AsyncOptions { RetryDelay = TimeSpan.FromMilliseconds(1), OnTrouble = reports.Enqueue });
        using var disk = new SmallDisk(path.PathOf("disk"));
        path.FileWith("big", new string('y', 100_000));
        AsyncPool other = path.Runtime.GetOrAddPool("other plugin", 1, (_, _) => path.NewExecutor());
        AsyncClient client = path.Lane.CreateClient(other, "other.lua");
        for (int i = 0; i < 300; i++)
        {
            path.Copy("big", $"disk/new/{i}");
            path.Copy("big", $"elsewhere/{i}");
        }

        List<SlowPath.Delivery> failed = path.Drain();
        client.SubmitCopy(path.BytesOf("big"), path.BytesOf("disk/of another plugin"));
        path.Append("small", "disk/small");
        path.Drain();

        Assert.Equal(301, failed.Count);
        Assert.Equal(300, Directory.GetFiles(path.PathOf("elsewhere")).Length);
        Assert.Equal("small", path.Read("disk/small")); // what fits is written
        Assert.InRange(path.Pool.GetStatistics().Retried, 1, 6); // a machine that is busy spends the time in fewer
        Assert.Equal((1L, 0L), (path.Runtime.FullDisks, other.GetStatistics().Retried));
        Assert.InRange(path.Runtime.RefusedByFullDisks, 298, 300);
        string report = Assert.Single(reports).Message;
        Assert.Contains(" is full: ", report, StringComparison.Ordinal);
        Assert.Contains($"the disk of {path.PathOf("disk/new/")}", report, StringComparison.Ordinal);
    }

    [Fact]
    public void Timeout_ExecutorHeedsTheRequest_EndsAsTimedOut()
    {
        using var stop = new ManualResetEventSlim();
        long asked = 0;
        SlowPath? path = null;
        using (
            path = new SlowPath(
                factory: (_, _) =>
                {
                    SlowPath.DelegateExecutor executor = path!.NewExecutor();
                    executor.OnStopRequest = id =>
                    {
                        asked = id;
                        stop.Set();
                    };
                    return executor;
                }
            )
        )
        {
            long id = path.Schedule(
                _ => stop.Wait(Patience) ? throw new OperationCanceledException() : "never asked",
                timeout: TimeSpan.FromMilliseconds(30)
            );
            path.Schedule(_ => "next");

            List<SlowPath.Delivery> deliveries = path.Drain();

            Assert.Equal("timed out after 0.03 s", deliveries[0].Error);
            Assert.Equal(TaskOutcome.TimedOut, deliveries[0].Outcome);
            Assert.Equal("next", deliveries[1].Result);
            Assert.Equal(id, asked);
            Assert.Equal((1, 0), (path.Pool.GetStatistics().TimedOut, path.Pool.GetStatistics().AbandonedWorkers));
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Timeout_WorkerIsStuck_IsAbandonedAndReplaced(int workers)
    {
        var options = new AsyncOptions { StopGrace = TimeSpan.FromMilliseconds(20) };
        using var release = new ManualResetEventSlim();
        using var path = new SlowPath(workers, options);
        for (int i = 0; i < 2 * workers; i++)
        {
            path.Schedule(
                _ =>
                {
                    release.Wait();
                    return "too late";
                },
                data: "stuck",
                timeout: TimeSpan.FromMilliseconds(20)
            );
        }

        path.Schedule(_ => "behind");
        List<SlowPath.Delivery> deliveries = path.Drain();
        release.Set();

        Assert.Equal(2 * workers, deliveries.Count(d => d is { Error: "timed out after 0.02 s", Data: "stuck" }));
        Assert.Equal("behind", Assert.Single(deliveries, d => d.Error is null).Result);
        AsyncStatistics statistics = path.Pool.GetStatistics();
        Assert.Equal((2L * workers, workers), (statistics.AbandonedWorkers, statistics.Workers));
    }

    [Fact]
    public void ReplacementRate_SomeAtOnce_ThenOneInAnInterval()
    {
        var rate = new ReplacementRate(burst: 3, TimeSpan.FromSeconds(10));
        long second = System.Diagnostics.Stopwatch.Frequency;

        Assert.Equal([true, true, true, false], Enumerable.Range(0, 4).Select(_ => rate.TryTake(0)));
        Assert.False(rate.TryTake(9 * second));
        Assert.Equal([true, false], Enumerable.Range(0, 2).Select(_ => rate.TryTake(10 * second)));
        Assert.Equal([true, true, false], Enumerable.Range(0, 3).Select(_ => rate.TryTake(35 * second)));
        Assert.Equal([true, true, true, false], Enumerable.Range(0, 4).Select(_ => rate.TryTake(1000 * second)));

        rate.GiveBack(1000 * second);
        Assert.False(rate.TryTake(1001 * second));
        Assert.Equal([true, true, false], Enumerable.Range(0, 3).Select(_ => rate.TryTake(1010 * second)));
    }

    [Fact]
    public void Timeout_MoreWorkersStuckThanAreReplacedAtOnce_AllAreReplacedInTime()
    {
        var options = new AsyncOptions
        {
            StopGrace = TimeSpan.FromMilliseconds(10),
            ReplacementBurst = 1,
            ReplacementInterval = TimeSpan.FromMilliseconds(1),
        };
        using var release = new ManualResetEventSlim();
        using var path = new SlowPath(options: options);
        Stick(path, release, tasks: 4);
        path.Schedule(_ => "behind");

        List<SlowPath.Delivery> deliveries = path.Drain();
        AsyncStatistics stuck = path.Pool.GetStatistics();
        release.Set();

        Assert.Equal("behind", Assert.Single(deliveries, d => d.Error is null).Result);
        Assert.Equal((4, 4, 1, 0, 4), (stuck.AbandonedWorkers, stuck.StuckWorkers, stuck.Workers, stuck.MissingWorkers, stuck.TimedOut));
        Assert.True(SpinWait.SpinUntil(() => path.Pool.GetStatistics().StuckWorkers == 0, Patience));
    }

    [Fact]
    public void Timeout_NoneIsReplacedForNow_IsReported()
    {
        var reports = new ConcurrentQueue<AsyncTrouble>();
        var options = new AsyncOptions
        {
            StopGrace = TimeSpan.FromMilliseconds(10),
            ReplacementBurst = 1,
            ReplacementInterval = TimeSpan.FromHours(1),
            OnTrouble = reports.Enqueue,
        };
        using var release = new ManualResetEventSlim();
        using var path = new SlowPath(options: options);
        Stick(path, release, tasks: 2);

        Assert.True(SpinWait.SpinUntil(() => !reports.IsEmpty, Patience));
        release.Set();

        AsyncTrouble report = Assert.Single(reports);
        Assert.Equal("plugin", report.Plugin);
        Assert.Contains("2 workers were given up in tasks that do not end", report.Message, StringComparison.Ordinal);
        Assert.Equal((0, 1), (path.Pool.GetStatistics().Workers, path.Pool.GetStatistics().MissingWorkers));
    }

    private static void Stick(SlowPath path, ManualResetEventSlim release, int tasks)
    {
        for (int i = 0; i < tasks; i++)
        {
            path.Schedule(
                _ =>
                {
                    release.Wait();
                    return null;
                },
                timeout: TimeSpan.FromMilliseconds(10)
            );
        }
    }

    [Fact]
    public void Thread_TheSystemRefuses_IsAWorkerThatIsMissingForAWhile()
    {
        int refusals = 3;
        var reports = new ConcurrentQueue<AsyncTrouble>();
        var options = new AsyncOptions
        {
            ReplacementInterval = TimeSpan.FromMilliseconds(1),
            OnTrouble = reports.Enqueue,
            StartThread = thread =>
            {
                if (Interlocked.Decrement(ref refusals) >= 0)
#pragma warning disable CA2201 // what the runtime raises when the system refuses a thread
                    throw new OutOfMemoryException("Insufficient memory.");
#pragma warning restore CA2201
                thread.Start();
            },
        };
        using var path = new SlowPath(workers: 2, options: options);
        for (int i = 0; i < 10; i++)
            path.Schedule(_ => "done");

        Assert.Equal(10, path.DrainWell().Count);
        Assert.True(SpinWait.SpinUntil(() => path.Pool.GetStatistics() is { Workers: 2, MissingWorkers: 0 }, Patience));
        Assert.Equal(3, path.Pool.GetStatistics().StartFailures);
        Assert.Contains(reports, report => report.Message.Contains("the system refuses a thread", StringComparison.Ordinal));
    }

    [Fact]
    public void Timeout_Zero_IsWithoutLimit()
    {
        using var path = new SlowPath(
            options: new AsyncOptions { TaskTimeout = TimeSpan.FromMilliseconds(1), StopGrace = TimeSpan.FromMilliseconds(10) }
        );
        using var other = new ManualResetEventSlim();
        path.Schedule(_ => other.Wait(TimeSpan.FromMilliseconds(200)) ? "" : "ran 200 ms", timeout: TimeSpan.Zero);

        Assert.Equal("ran 200 ms", Assert.Single(path.DrainWell()).Result);
    }
}
