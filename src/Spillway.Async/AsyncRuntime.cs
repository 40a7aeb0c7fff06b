using System.Diagnostics;
using Spillway.Async.Figures;
using Spillway.Async.Files;
using Spillway.Async.Journal;

namespace Spillway.Async;

/// <summary>
/// The slow path of one program: its pools of workers, one for each plugin, and the lanes that submit to them. All members may be
/// called on any thread.
/// </summary>
/// <remarks>
/// Order of a shutdown: every lane drains (<see cref="TaskPort.Drain{THandler}"/>), <see cref="Stop"/> cancels what is left and
/// joins the workers, every lane takes what came back cancelled and is disposed.
/// </remarks>
public sealed class AsyncRuntime : IDisposable
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, AsyncPool> _pools = new(StringComparer.Ordinal);
    private readonly List<AsyncPool> _ending = [];
    private readonly PoolTally _ended = new();
    private readonly PoolKeeper _keeper;
    private long _lastId;
    private long _resultWaits;
    private bool _stopped;

    /// <summary>Makes a runtime; no thread starts before the first pool is made.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    /// <param name="options">The limits.</param>
    /// <param name="journal">Keeps all tasks until they are over; disposed by who opened it, after the lanes. Null for none.</param>
    public AsyncRuntime(AsyncOptions options, TaskJournal? journal = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        Options = options;
        Journal = journal;
        Budget = new MemoryBudget(options.MemoryCap);
        ResultBudget = new MemoryBudget(options.MemoryCap);
        FileRoot = options.FilesRoot is null ? null : new FilesRoot(options.FilesRoot);
        Disks = new FullDisks(options);
        _keeper = new PoolKeeper();
    }

    /// <summary>The limits.</summary>
    public AsyncOptions Options { get; }

    /// <summary>Where tasks are kept until they are over; null if they are not.</summary>
    public TaskJournal? Journal { get; }

    /// <summary>Bytes that queued tasks hold in memory, at most a few hundred kilobytes too many.</summary>
    public long QueuedBytes => Budget.Held;

    /// <summary>The pools that there are.</summary>
    public IReadOnlyList<AsyncPool> Pools
    {
        get
        {
            lock (_lock)
                return [.. _pools.Values];
        }
    }

    /// <summary>What pools did that have ended (<see cref="TryEnd"/>), all together; null if none has.</summary>
    public AsyncStatistics? Ended
    {
        get
        {
            lock (_lock)
            {
                if (_ending.Count == 0)
                    return _ended.ToStatistics(NameOfEnded(_ended.Count));
                var tally = new PoolTally();
                if (_ended.ToStatistics("") is { } ended)
                    tally.Add(ended);
                foreach (AsyncPool pool in _ending)
                    tally.Add(pool.GetStatistics());
                return tally.ToStatistics(NameOfEnded(_ended.Count + _ending.Count));
            }
        }
    }

    /// <summary>The figures of all pools; the last are <see cref="Ended"/>, if there are any.</summary>
    public AsyncStatistics[] GetStatistics()
    {
        AsyncStatistics? ended = Ended;
        AsyncStatistics[] pools = [.. Pools.Select(pool => pool.GetStatistics())];
        return ended is null ? pools : [.. pools, ended];
    }

    /// <summary>Bytes of results that wait for their lanes, their records included; accurate to a few hundred kilobytes.</summary>
    public long ResultBytes => Math.Max(0, ResultBudget.Held);

    /// <summary>Times that a worker held back, since results took all the memory they may.</summary>
    public long ResultWaits => Volatile.Read(ref _resultWaits);

    /// <summary>Pools of which threads are still to leave after <see cref="TryEnd"/>.</summary>
    internal int EndingCount
    {
        get
        {
            lock (_lock)
                return _ending.Count;
        }
    }

    /// <summary>Whether lanes are not to wait for room any more; see <see cref="AsyncOptions.IsEnding"/>.</summary>
    internal bool IsEnding => Options.IsEnding?.Invoke() == true;

    internal MemoryBudget Budget { get; }

    internal MemoryBudget ResultBudget { get; }

    internal FilesRoot? FileRoot { get; }

    /// <summary>File systems that were full, or had errors, for longer than an operation waits: a report each.</summary>
    public long FullDisks => Disks.Count;

    /// <summary>File operations that failed at once on a file system that was known to be full.</summary>
    public long RefusedByFullDisks => Disks.Refused;

    internal FullDisks Disks { get; }

    /// <summary>Makes the slow-path end of a thread that runs scripts.</summary>
    public TaskPort CreateLane(string name) => new(this, name);

    /// <summary>The pool of a plugin, made if need be. Its threads start with its first task.</summary>
    /// <param name="plugin">A unique name; also names the threads.</param>
    /// <param name="workers">1 to <see cref="AsyncOptions.MaxWorkers"/>.</param>
    /// <param name="executors">Makes the executor of each worker that gets a scheduled task.</param>
    /// <exception cref="ArgumentOutOfRangeException">The number of workers is out of its range.</exception>
    /// <exception cref="IOException">The system refuses a thread.</exception>
    /// <exception cref="InvalidOperationException">The pool exists with another number of workers, or the runtime has stopped.</exception>
    public AsyncPool GetOrAddPool(string plugin, int workers, TaskExecutorFactory executors)
    {
        ArgumentException.ThrowIfNullOrEmpty(plugin);
        ArgumentNullException.ThrowIfNull(executors);
        if (workers is < 1 or > AsyncOptions.MaxWorkers)
        {
            throw new ArgumentOutOfRangeException(
                nameof(workers),
                workers,
                $"{plugin} asks for {workers} async workers, but 1 to {AsyncOptions.MaxWorkers} are possible"
            );
        }

        if (Options.InOrder)
            workers = 1;
        lock (_lock)
        {
            if (_stopped)
                throw new InvalidOperationException("The slow path has stopped.");
            if (!_pools.TryGetValue(plugin, out AsyncPool? pool))
            {
                _keeper.Start();
                pool = new AsyncPool(this, _keeper, plugin, workers, executors);
                _pools.Add(plugin, pool);
            }
            else if (pool.WorkerCount != workers)
            {
                throw new InvalidOperationException($"{plugin} already has {pool.WorkerCount} async workers and cannot have {workers}.");
            }

            return pool;
        }
    }

    /// <summary>
    /// Ends a pool whose plugin is gone: its threads leave, and its figures are added to <see cref="Ended"/>. Another pool may have its
    /// name from then on. False, and nothing is done, while it has clients that are not closed or tasks that are not over.
    /// </summary>
    public bool TryEnd(AsyncPool pool)
    {
        ArgumentNullException.ThrowIfNull(pool);
        lock (_lock)
        {
            if (_stopped || _pools.GetValueOrDefault(pool.Plugin) != pool || !pool.TryBeginEnd())
                return false;
            _pools.Remove(pool.Plugin);
            _ending.Add(pool);
        }

        _keeper.RequestStart(pool); // which sees to the end too
        return true;
    }

    /// <summary>
    /// Stops all workers: tasks that have not begun are cancelled, those that run are asked to stop and then waited for until
    /// <paramref name="timeout"/> is over, when their workers are abandoned. Every task comes back to its lane. Idempotent.
    /// </summary>
    /// <returns>Whether every worker has ended.</returns>
    public bool Stop(TimeSpan timeout)
    {
        lock (_lock)
            _stopped = true;
        _keeper.Dispose();
        AsyncPool[] pools;
        lock (_lock)
            pools = [.. _pools.Values, .. _ending];
        foreach (AsyncPool pool in pools)
            pool.BeginStop();

        bool all = true;
        long start = Stopwatch.GetTimestamp();
        foreach (AsyncPool pool in pools)
        {
            TimeSpan left = timeout - Stopwatch.GetElapsedTime(start);
            all &= pool.EndStop(left > TimeSpan.Zero ? left : TimeSpan.Zero);
        }

        return all;
    }

    /// <summary>Stops with the time that a task is given to stop.</summary>
    public void Dispose() => Stop(Options.StopGrace);

    /// <summary>The keeper: a pool that was to end has no threads any more.</summary>
    internal void NoteEnded(AsyncPool pool)
    {
        lock (_lock)
        {
            if (_ending.Remove(pool))
                _ended.Add(pool.GetStatistics());
        }
    }

    internal void CountResultWait() => Interlocked.Increment(ref _resultWaits);

    internal long ReserveIds(int count) => Interlocked.Add(ref _lastId, count);

    private static string NameOfEnded(int count) =>
        string.Create(null, $"{count} {(count == 1 ? "script that is" : "scripts that are")} gone");
}
