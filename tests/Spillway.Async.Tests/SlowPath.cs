using System.Text;

namespace Spillway.Async.Tests;

/// <summary>A runtime with one lane, one pool and one client, whose scheduled tasks run C# delegates; and a directory for files.</summary>
internal sealed class SlowPath : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly TaskFunction Function = new(1, default, "test.lua:1");
    private readonly Dictionary<long, Func<AsyncTask, string?>> _work = [];
    private readonly Lock _lock = new();
    private long _nextCookie;

    public SlowPath(int workers = 1, AsyncOptions? options = null, TaskExecutorFactory? factory = null)
    {
        Runtime = new AsyncRuntime(options ?? new AsyncOptions { RetryDelay = TimeSpan.FromMilliseconds(1) });
        Pool = Runtime.GetOrAddPool("plugin", workers, factory ?? ((_, _) => NewExecutor()));
        Lane = Runtime.CreateLane("lane 0");
        Client = Lane.CreateClient(Pool, "test.lua");
        Root = Directory.CreateTempSubdirectory("spillway-async-").FullName;
    }

    public AsyncRuntime Runtime { get; }

    public AsyncPool Pool { get; }

    public TaskPort Lane { get; }

    public AsyncClient Client { get; }

    public string Root { get; }

    public List<Delivery> Deliveries { get; } = [];

    /// <summary>Called for each delivery, while it lasts.</summary>
    public Action<AsyncTask>? OnDelivery { get; set; }

    public DelegateExecutor NewExecutor() =>
        new(task =>
        {
            lock (_lock)
                return _work[task.Cookie];
        });

    public string PathOf(string name) => Path.Combine(Root, name);

    public byte[] BytesOf(string name) => Encoding.UTF8.GetBytes(PathOf(name));

    public string FileWith(string name, string content)
    {
        File.WriteAllText(PathOf(name), content);
        return PathOf(name);
    }

    public string Read(string name) => File.ReadAllText(PathOf(name));

    public void Copy(string from, string to) => Client.SubmitCopy(BytesOf(from), BytesOf(to));

    public void Cat(string from, string to) => Client.SubmitCat(BytesOf(from), BytesOf(to));

    public void Remove(string path) => Client.SubmitRemove(BytesOf(path));

    public void Append(string text, string to) => Client.SubmitAppend(Encoding.UTF8.GetBytes(text), BytesOf(to));

    public void WriteAt(string text, string to, long position) => Client.SubmitWriteAt(Encoding.UTF8.GetBytes(text), BytesOf(to), position);

    public long Schedule(
        Func<AsyncTask, string?> work,
        string data = "",
        string key = "",
        bool wantsResult = true,
        int retries = 0,
        TimeSpan? timeout = null
    )
    {
        long cookie = ++_nextCookie;
        lock (_lock)
            _work.Add(cookie, work);
        return Client.SubmitSchedule(
            new ScheduleRequest
            {
                Function = Function,
                Data = Encoding.UTF8.GetBytes(data),
                Key = Encoding.UTF8.GetBytes(key),
                Cookie = cookie,
                WantsResult = wantsResult,
                Retries = retries,
                Timeout = timeout,
            }
        );
    }

    /// <summary>What tasks with this cookie do.</summary>
    public void OnSchedule(long cookie, Func<AsyncTask, string?> work)
    {
        lock (_lock)
            _work.Add(cookie, work);
    }

    /// <summary>Runs until nothing is pending and returns what was delivered.</summary>
    public List<Delivery> Drain()
    {
        var collector = new Collector(this);
        Assert.Equal(0, Lane.Drain(ref collector, Patience));
        return Deliveries;
    }

    /// <summary>Takes what has come back, as between two packets.</summary>
    public bool TakeResults()
    {
        var collector = new Collector(this);
        Lane.DeliverResults(ref collector, Patience);
        return true;
    }

    /// <summary>Drains, and expects that nothing failed.</summary>
    public List<Delivery> DrainWell()
    {
        Assert.DoesNotContain(Drain(), d => d.Error is not null);
        return Deliveries;
    }

    /// <summary>Drains, and expects exactly one failure.</summary>
    public string DrainError() => Assert.Single(Drain()).Error ?? throw new InvalidOperationException("The task did not fail.");

    public void Dispose()
    {
        Runtime.Dispose();
        Lane.Dispose();
        Directory.Delete(Root, recursive: true);
    }

    internal sealed record Delivery(long Id, string Data, string? Result, string? Error, TaskOutcome Outcome);

    internal sealed class DelegateExecutor(Func<AsyncTask, Func<AsyncTask, string?>> find) : ITaskExecutor
    {
        public int Thread { get; } = Environment.CurrentManagedThreadId;

        public int DisposedOn { get; private set; }

        public Action<long>? OnStopRequest { get; set; }

        public void Execute(AsyncTask task)
        {
            if (find(task)(task) is { } result)
                task.SetResult(1, Encoding.UTF8.GetBytes(result));
        }

        public void RequestStop(long taskId) => OnStopRequest?.Invoke(taskId);

        public void Dispose() => DisposedOn = Environment.CurrentManagedThreadId;
    }

    private readonly struct Collector(SlowPath slowPath) : IResultHandler
    {
        public void Deliver(AsyncTask task)
        {
            slowPath.Deliveries.Add(
                new Delivery(
                    task.Id,
                    Encoding.UTF8.GetString(task.Data),
                    task.HasResult ? Encoding.UTF8.GetString(task.Result) : null,
                    task.Error,
                    task.Outcome
                )
            );
            slowPath.OnDelivery?.Invoke(task);
        }
    }
}
