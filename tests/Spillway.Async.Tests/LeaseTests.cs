namespace Spillway.Async.Tests;

public sealed class LeaseTests : IDisposable
{
    private readonly SlowPath _path = new();
    private readonly CountingLease _lease = new();

    public void Dispose() => _path.Dispose();

    [Fact]
    public void Lease_TasksOfACallback_HoldItUntilTheirResultsAreDelivered()
    {
        var held = new List<int>();
        _path.OnDelivery = _ => held.Add(_lease.References);
        DuringCallback(() =>
        {
            _path.Schedule(_ => "one");
            _path.Schedule(_ => null);
            _path.Append("x", "file");
            _path.Schedule(_ => "two");
        });
        Assert.Equal(4, _lease.References);

        _path.DrainWell();

        Assert.Equal(0, _lease.References);
        Assert.Equal([4, 1], held);
    }

    [Fact]
    public void Lease_TaskSubmittedFromAResult_InheritsIt()
    {
        int generation = 0;
        var held = new List<int>();
        _path.OnDelivery = _ =>
        {
            held.Add(_lease.References);
            if (++generation < 4)
                _path.Schedule(_ => "next");
        };
        DuringCallback(() => _path.Schedule(_ => "first"));

        _path.DrainWell();

        Assert.Equal([1, 1, 1, 1], held);
        Assert.Equal(0, _lease.References);
        Assert.Equal(4, _lease.Added);
    }

    [Fact]
    public void Lease_TaskSubmittedOutside_HoldsNone()
    {
        DuringCallback(() => _path.Schedule(_ => "with"));
        _path.Schedule(_ => "without");

        _path.DrainWell();

        Assert.Equal(1, _lease.Added);
        Assert.Null(_path.Client.CurrentLease);
    }

    [Fact]
    public void Lease_TaskFails_IsReleasedAfterTheFailureWasTold()
    {
        _path.OnDelivery = _ => Assert.Equal(1, _lease.References);
        DuringCallback(() => _path.Schedule(_ => throw new InvalidOperationException("bad")));

        Assert.Contains("bad", _path.DrainError(), StringComparison.Ordinal);
        Assert.Equal(0, _lease.References);
    }

    [Fact]
    public void Lease_RuntimeStoppedWithTasksQueued_IsReleased()
    {
        using var entered = new ManualResetEventSlim();
        using var release = new ManualResetEventSlim();
        DuringCallback(() =>
        {
            _path.Schedule(_ =>
            {
                entered.Set();
                release.Wait();
                return "late";
            });
            for (int i = 0; i < 10; i++)
                _path.Append("x", "file");
        });
        entered.Wait();
        var stop = new Background<bool>(() => _path.Runtime.Stop(TimeSpan.FromSeconds(30)));
        SpinWait.SpinUntil(() => _path.Pool.IsStopping);
        release.Set();
        Assert.True(stop.Join());

        _path.Drain();

        Assert.Equal(0, _lease.References);
        Assert.Equal(10, _path.Deliveries.Count(d => d.Outcome == TaskOutcome.Cancelled));
        Assert.False(File.Exists(_path.PathOf("file")));
    }

    private void DuringCallback(Action callback)
    {
        _path.Client.CurrentLease = _lease;
        callback();
        _path.Client.CurrentLease = null;
    }

    internal sealed class CountingLease : ITaskLease
    {
        public int References { get; private set; }

        public int Added { get; private set; }

        public void AddReference()
        {
            References++;
            Added++;
        }

        public void Release() => References--;
    }
}
