namespace Spillway.Metrics.Stores;

/// <summary>
/// How long and how much a store keeps. Immutable. The defaults keep everything: what a capture told stays until somebody removes it.
/// </summary>
public sealed record SqliteStoreOptions
{
    /// <summary>Smallest <see cref="MaxBytes"/>: what is removed while a run writes needs room itself.</summary>
    public const long LeastBytes = 16L << 20;

    /// <summary>
    /// How long records and counters are kept; null for ever. The age of a record is the time from its packet to the end of its run, and
    /// from there (on the wall clock) to now: an old capture that is read today is new.
    /// </summary>
    public TimeSpan? MaxAge { get; init; }

    /// <summary>
    /// Most bytes of the file; null for no limit. The oldest records of the oldest run make room. The log beside it comes on top.
    /// </summary>
    public long? MaxBytes { get; init; }

    /// <summary>
    /// Whether the oldest records make room when the disk is full. For that a little of the disk is held in reserve: what is removed while
    /// nothing is free needs room itself.
    /// </summary>
    public bool DropsOldestWhenFull { get; init; }

    /// <summary>How long a writer waits for another process that writes, in milliseconds, before its rows are lost and counted.</summary>
    public int BusyTimeoutMs { get; init; } = 30_000;
}
