namespace Spillway.Async.Figures;

/// <summary>A pool's figures at one moment. Durations are in nanoseconds.</summary>
public sealed record AsyncStatistics
{
    /// <summary>The plugin.</summary>
    public required string Plugin { get; init; }

    /// <summary>Threads the pool has now; 0 before its first task.</summary>
    public required int Workers { get; init; }

    /// <summary>Workers that are at a task now.</summary>
    public required int Busy { get; init; }

    /// <summary>How long the oldest task that could start has been waiting; null if none waits. Approximate.</summary>
    public required TimeSpan? OldestWaiting { get; init; }

    /// <summary>Tasks submitted.</summary>
    public required long Submitted { get; init; }

    /// <summary>Tasks whose work ended, well or not; cancelled ones are not among them.</summary>
    public long Completed => Succeeded + Failed + TimedOut;

    /// <summary>Tasks that ended well.</summary>
    public required long Succeeded { get; init; }

    /// <summary>How many of them went by a ring: see <see cref="Rings.TaskRing"/>.</summary>
    public long SucceededInRings { get; init; }

    /// <summary>Tasks that failed.</summary>
    public required long Failed { get; init; }

    /// <summary>Tasks stopped because of their time.</summary>
    public required long TimedOut { get; init; }

    /// <summary>Tasks never begun, because the pool stopped first.</summary>
    public required long Cancelled { get; init; }

    /// <summary>Repeats after failures.</summary>
    public required long Retried { get; init; }

    /// <summary>Tasks refused because memory and disk were full.</summary>
    public required long Dropped { get; init; }

    /// <summary>Tasks that were on disk for a while because memory was short.</summary>
    public required long Spilled { get; init; }

    /// <summary>Tasks submitted and not completed by their lanes.</summary>
    public required long Pending { get; init; }

    /// <summary>Tasks submitted whose work has not ended.</summary>
    public long Queued => Math.Max(0, Submitted - Completed - Cancelled);

    /// <summary>Workers given up because their task did not stop.</summary>
    public required long AbandonedWorkers { get; init; }

    /// <summary>How many of them have not ended yet: threads that still take memory.</summary>
    public long StuckWorkers { get; init; }

    /// <summary>Workers the pool is short of now, since they are replaced within a rate, or the system refuses threads.</summary>
    public int MissingWorkers { get; init; }

    /// <summary>Times that the system refused a thread.</summary>
    public long StartFailures { get; init; }

    /// <summary>Workers whose scheduling priority could not be lowered.</summary>
    public required long PriorityFailures { get; init; }

    /// <summary>Time from submission to start.</summary>
    public required LogHistogram Wait { get; init; }

    /// <summary>Time from start to end.</summary>
    public required LogHistogram Run { get; init; }

    /// <summary>The last failure's message, or null.</summary>
    public required string? LastError { get; init; }
}
