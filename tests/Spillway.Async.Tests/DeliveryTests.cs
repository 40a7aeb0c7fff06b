using System.Text;

namespace Spillway.Async.Tests;

/// <summary>A handler may take the results that follow within one delivery.</summary>
public sealed class DeliveryTests : IDisposable
{
    private readonly SlowPath _path = new();

    public void Dispose() => _path.Dispose();

    [Fact]
    public void TryTakeFollowing_SuccessesOfOneClient_AreOneDelivery()
    {
        ScheduleAndRun(["a", "b", "c"]);

        Assert.Equal(["abc"], Deliver(TimeSpan.FromSeconds(30)));
        _path.Drain(); // the task that has told of the others may still be on its way home
        Assert.Equal(0, _path.Lane.Pending);
    }

    [Fact]
    public void TryTakeFollowing_NoTimeLeft_IsRefused()
    {
        ScheduleAndRun(["a", "b"]);

        Assert.Equal(["a"], Deliver(TimeSpan.Zero));
        Assert.Equal(["b"], Deliver(TimeSpan.Zero));
    }

    [Fact]
    public void TryTakeFollowing_Failure_BeginsADeliveryOfItsOwn()
    {
        ScheduleAndRun(["a", "b", null, "c"]);

        Assert.Equal(["ab", "(failed)c"], Deliver(TimeSpan.FromSeconds(30)));
    }

    [Fact]
    public void TryTakeFollowing_OtherClient_BeginsADeliveryOfItsOwn()
    {
        AsyncClient other = _path.Lane.CreateClient(_path.Pool, "other.lua");
        _path.Schedule(_ => "a");
        _path.OnSchedule(1000, _ => "b");
        other.SubmitSchedule(
            new ScheduleRequest
            {
                Function = new TaskFunction(1, default, "other.lua:1"),
                Cookie = 1000,
                WantsResult = true,
            }
        );
        ScheduleAndRun(["c"]);

        Assert.Equal(["a", "b", "c"], Deliver(TimeSpan.FromSeconds(30)));
    }

    [Fact]
    public void TryTakeFollowing_Lease_IsThatOfTheTaskAtHand()
    {
        var lease = new LeaseTests.CountingLease();
        _path.Client.CurrentLease = lease;
        _path.Schedule(_ => "a");
        _path.Client.CurrentLease = null;
        ScheduleAndRun(["b"]);
        var leases = new List<ITaskLease?>();
        var collector = new Collector(_path, [], _ => leases.Add(_path.Client.CurrentLease));

        Assert.Equal(2, _path.Lane.DeliverResults(ref collector, TimeSpan.FromSeconds(30)));

        Assert.Equal([lease, null], leases);
        Assert.Equal(0, lease.References);
    }

    [Fact]
    public void TryTakeFollowing_OutsideADelivery_IsAnError() =>
        Assert.Throws<InvalidOperationException>(() => _path.Lane.TryTakeFollowing(out _));

    /// <summary>Returns when all results wait: the pool has one worker, which has sent them home when it begins the last task.</summary>
    private void ScheduleAndRun(string?[] results)
    {
        foreach (string? result in results)
            _path.Schedule(_ => result ?? throw new InvalidOperationException("on purpose"));
        using var ran = new ManualResetEventSlim();
        _path.Schedule(_ =>
        {
            ran.Set();
            return null;
        });
        Assert.True(ran.Wait(TimeSpan.FromSeconds(30)));
    }

    private List<string> Deliver(TimeSpan budget)
    {
        var entered = new List<string>();
        var collector = new Collector(_path, entered, _ => { });
        _path.Lane.DeliverResults(ref collector, budget);
        return entered;
    }

    private readonly struct Collector(SlowPath path, List<string> entered, Action<AsyncTask> look) : IResultHandler
    {
        public void Deliver(AsyncTask task)
        {
            var text = new StringBuilder();
            AsyncTask? next = task;
            do
            {
                look(next);
                text.Append(next.Error is null ? Encoding.UTF8.GetString(next.Result) : "(failed)");
            } while (path.Lane.TryTakeFollowing(out next));
            entered.Add(text.ToString());
        }
    }
}
