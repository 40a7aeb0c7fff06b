using System.Globalization;

namespace Spillway.Async.Tests;

public sealed class ShutdownTests
{
    [Fact]
    public void Drain_TimeIsUp_SaysHowManyAreLeft()
    {
        using var path = new SlowPath();
        using var release = new ManualResetEventSlim();
        path.Schedule(_ => release.Wait(TimeSpan.FromSeconds(20)) ? "done" : null);
        path.Schedule(_ => "behind");
        var nobody = default(Ignore);

        Assert.Equal(2, path.Lane.Drain(ref nobody, TimeSpan.FromMilliseconds(20)));
        release.Set();

        Assert.Equal(2, path.DrainWell().Count);
    }

    [Fact]
    public void Drain_NothingSubmitted_ReturnsAtOnce()
    {
        using var path = new SlowPath();

        Assert.Empty(path.Drain());
        Assert.Equal(LaneState.Idle, path.Lane.WaitForResults(Timeout.InfiniteTimeSpan));
    }

    [Fact]
    public void WaitForResults_ResultArrivesLater_WakesTheLane()
    {
        using var path = new SlowPath();
        using var release = new ManualResetEventSlim();
        path.Schedule(_ =>
        {
            release.Wait();
            return "done";
        });
        Assert.Equal(LaneState.TimedOut, path.Lane.WaitForResults(TimeSpan.FromMilliseconds(1)));
        release.Set();

        Assert.Equal(LaneState.HasResult, path.Lane.WaitForResults(Timeout.InfiniteTimeSpan));
        Assert.True(path.Lane.HasResults);
        Assert.Single(path.DrainWell());
    }

    [Fact]
    public void Stop_TasksQueued_ComeBackCancelledInOrder()
    {
        using var path = new SlowPath(workers: 3);
        using var entered = new CountdownEvent(3);
        using var release = new ManualResetEventSlim();
        for (int i = 0; i < 3; i++)
        {
            path.Schedule(_ =>
            {
                entered.Signal();
                release.Wait();
                return "finished";
            });
        }

        entered.Wait();
        for (int i = 0; i < 50; i++)
            path.Schedule(_ => "never", data: i.ToString(CultureInfo.InvariantCulture), key: $"{i % 3}");
        var stop = new Background<bool>(() => path.Runtime.Stop(TimeSpan.FromSeconds(30)));
        SpinWait.SpinUntil(() => path.Pool.IsStopping);
        release.Set();
        Assert.True(stop.Join());

        List<SlowPath.Delivery> deliveries = path.Drain();

        Assert.Equal(3, deliveries.Count(d => d.Result == "finished"));
        SlowPath.Delivery[] cancelled = [.. deliveries.Where(d => d.Outcome == TaskOutcome.Cancelled)];
        Assert.Equal(Enumerable.Range(0, 50).Select(i => $"{i}"), cancelled.Select(d => d.Data));
        Assert.Equal(50, path.Pool.GetStatistics().Cancelled);
    }

    [Fact]
    public void Stop_WorkerIsStuck_IsAbandonedAndItsTaskComesBack()
    {
        using var path = new SlowPath();
        using var entered = new ManualResetEventSlim();
        using var release = new ManualResetEventSlim();
        path.Schedule(_ =>
        {
            entered.Set();
            release.Wait();
            return "too late";
        });
        path.Schedule(_ => "never");
        entered.Wait();

        Assert.False(path.Runtime.Stop(TimeSpan.FromMilliseconds(20)));
        List<SlowPath.Delivery> deliveries = path.Drain();
        release.Set();

        Assert.Equal(
            ["stopped, since the slow path has stopped", "cancelled, since the slow path has stopped"],
            deliveries.Select(d => d.Error)
        );
    }

    [Fact]
    public void Submit_AfterStop_ComesBackCancelled()
    {
        using var path = new SlowPath();
        path.Append("x", "before");
        path.DrainWell();
        path.Runtime.Stop(TimeSpan.Zero);
        path.Append("x", "after");

        Assert.Equal(TaskOutcome.Cancelled, Assert.Single(path.Drain()).Outcome);
        Assert.False(File.Exists(path.PathOf("after")));
    }

    [Fact]
    public void Stop_WhileALaneSubmits_LosesNoTask()
    {
        using var path = new SlowPath(workers: 2);
        using var go = new ManualResetEventSlim();
        var stop = new Background<bool>(() =>
        {
            go.Wait();
            return path.Runtime.Stop(TimeSpan.FromSeconds(30));
        });
        const int Count = 5000;
        for (int i = 0; i < Count; i++)
        {
            path.Schedule(_ => "ran");
            if (i == Count / 2)
                go.Set();
        }

        Assert.True(stop.Join());

        Assert.Equal(Count, path.Drain().Select(d => d.Id).Distinct().Count());
    }

    [Fact]
    public void Dispose_TasksPending_EndsWithoutThem()
    {
        var path = new SlowPath();
        for (int i = 0; i < 1000; i++)
            path.Append("x", "file");

        path.Dispose();

        Assert.Equal(0, path.Client.Pending);
        Assert.Equal(0, path.Runtime.QueuedBytes);
    }

    private readonly struct Ignore : IResultHandler
    {
        public void Deliver(AsyncTask task) { }
    }
}
