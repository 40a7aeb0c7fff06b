namespace Spillway.Async.Figures;

/// <summary>
/// The figures of pools that are no more, added up: the memory it takes does not depend on how many there were. Not thread-safe.
/// </summary>
public sealed class PoolTally
{
    private readonly LogHistogram _wait = new();
    private readonly LogHistogram _run = new();
    private AsyncStatistics? _sum;

    /// <summary>Pools that were added.</summary>
    public int Count { get; private set; }

    /// <summary>Adds the last figures of a pool.</summary>
    public void Add(AsyncStatistics pool)
    {
        ArgumentNullException.ThrowIfNull(pool);
        Count++;
        _wait.Add(pool.Wait);
        _run.Add(pool.Run);
        _sum = new AsyncStatistics
        {
            Plugin = "",
            Workers = 0,
            Busy = 0,
            OldestWaiting = null,
            Submitted = (_sum?.Submitted ?? 0) + pool.Submitted,
            Succeeded = (_sum?.Succeeded ?? 0) + pool.Succeeded,
            Failed = (_sum?.Failed ?? 0) + pool.Failed,
            TimedOut = (_sum?.TimedOut ?? 0) + pool.TimedOut,
            Cancelled = (_sum?.Cancelled ?? 0) + pool.Cancelled,
            Retried = (_sum?.Retried ?? 0) + pool.Retried,
            Dropped = (_sum?.Dropped ?? 0) + pool.Dropped,
            Spilled = (_sum?.Spilled ?? 0) + pool.Spilled,
            Pending = (_sum?.Pending ?? 0) + pool.Pending,
            AbandonedWorkers = (_sum?.AbandonedWorkers ?? 0) + pool.AbandonedWorkers,
            StuckWorkers = (_sum?.StuckWorkers ?? 0) + pool.StuckWorkers,
            StartFailures = (_sum?.StartFailures ?? 0) + pool.StartFailures,
            PriorityFailures = (_sum?.PriorityFailures ?? 0) + pool.PriorityFailures,
            Wait = _wait,
            Run = _run,
            LastError = pool.LastError ?? _sum?.LastError,
        };
    }

    /// <summary>All that was added; null if nothing was. Quantiles go on changing with what is added later.</summary>
    /// <param name="name">Takes the place of the plugin's name.</param>
    public AsyncStatistics? ToStatistics(string name) => _sum is { } sum ? sum with { Plugin = name } : null;
}
