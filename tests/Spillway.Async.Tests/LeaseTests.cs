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

    [Fact]
    public void Copy_OfAFileThatOnlyItNeeds_IsTheFileItself_WithTheModeOfACopy()
    {
        string source = _path.FileWith("source", "content");
        File.SetUnixFileMode(source, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        _path.FileWith("other", "another");
        _path.Copy("other", "usual");
        _lease.Path = source;
        DuringCallback(() => _path.Copy("source", "deep/er/copy"));

        _path.DrainWell();

        Assert.False(File.Exists(source));
        Assert.Equal("content", _path.Read("deep/er/copy"));
        Assert.Equal(File.GetUnixFileMode(_path.PathOf("usual")), File.GetUnixFileMode(_path.PathOf("deep/er/copy")));
        Assert.Equal(0, _lease.References);
    }

    [Fact]
    public void Copy_OverAFile_OfAFileThatOnlyItNeeds_KeepsTheModeOfTheOldOne()
    {
        string source = _path.FileWith("source", "new");
        const UnixFileMode Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherExecute;
        File.SetUnixFileMode(_path.FileWith("target", "old and longer"), Mode);
        _lease.Path = source;
        DuringCallback(() => _path.Copy("source", "target"));

        _path.DrainWell();

        Assert.False(File.Exists(source));
        Assert.Equal("new", _path.Read("target"));
        Assert.Equal(Mode, File.GetUnixFileMode(_path.PathOf("target")));
    }

    [Fact]
    public void Copy_OfAFileThatOthersNeed_OrOfAnother_LeavesIt()
    {
        _lease.Path = _path.FileWith("source", "content");
        _path.FileWith("another", "more");
        DuringCallback(() =>
        {
            _path.Copy("source", "one");
            _path.Schedule(_ => null);
            _path.Copy("another", "two");
        });

        _path.DrainWell();

        Assert.Equal("content", _path.Read("source"));
        Assert.Equal("more", _path.Read("another"));
        Assert.Equal("content", _path.Read("one"));
    }

    [Fact]
    public void Copy_OntoADirectory_OfAFileThatOnlyItNeeds_FailsAndLeavesIt()
    {
        _lease.Path = _path.FileWith("source", "content");
        Directory.CreateDirectory(_path.PathOf("target"));
        DuringCallback(() => _path.Copy("source", "target"));

        Assert.Contains("directory", _path.DrainError(), StringComparison.Ordinal);
        Assert.Equal("content", _path.Read("source"));
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

        /// <summary>The file that it keeps; null for none.</summary>
        public string? Path { get; set; }

        public bool MayTake(ReadOnlySpan<byte> path) =>
            References == 1 && Path is not null && path.SequenceEqual(System.Text.Encoding.UTF8.GetBytes(Path));

        public void AddReference()
        {
            References++;
            Added++;
        }

        public void Release() => References--;
    }
}
