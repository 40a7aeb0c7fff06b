using Spillway.Metrics.Records;

namespace Spillway.Metrics.Results;

/// <summary>What a run has gathered, for its summary. Immutable.</summary>
public sealed record RunResults
{
    /// <summary>Where everything is kept; null if nothing is.</summary>
    public string? StoreLocation { get; init; }

    /// <summary>The run's id in the store.</summary>
    public long RunId { get; init; }

    /// <summary>Flows that ended.</summary>
    public long FlowCount { get; init; }

    /// <summary>Files.</summary>
    public long FileCount { get; init; }

    /// <summary>Bytes of all files.</summary>
    public long FileBytes { get; init; }

    /// <summary>The first files, up to <see cref="MetricOptions.MaxListedRecords"/>.</summary>
    public IReadOnlyList<FileRecord> Files { get; init; } = [];

    /// <summary>All files, from memory or from the store; read anew at each enumeration.</summary>
    public IEnumerable<FileRecord> AllFiles { get; init; } = [];

    /// <summary>Alerts.</summary>
    public long AlertCount { get; init; }

    /// <summary>The first alerts, up to <see cref="MetricOptions.MaxListedRecords"/>.</summary>
    public IReadOnlyList<AlertRecord> Alerts { get; init; } = [];

    /// <summary>Resources.</summary>
    public long ResourceCount { get; init; }

    /// <summary>Largest keys per group and meter.</summary>
    public IReadOnlyList<CounterToppers> Toppers { get; init; } = [];

    /// <summary>Keys that had to make room for others in a full group of a window.</summary>
    public long KeysEvicted { get; init; }

    /// <summary>Keys left out of <see cref="Toppers"/> for want of room, counted once per window.</summary>
    public long KeysLeftOut { get; init; }

    /// <summary>Rows that the store could not keep.</summary>
    public long LostRows { get; init; }

    /// <summary>Rows of the store, of this run or earlier ones, that made room.</summary>
    public long RemovedRows { get; init; }

    /// <summary>What the user should know about the store although nothing failed, a line; null if nothing.</summary>
    public string? StoreNotice { get; init; }

    /// <summary>Windows and batches dropped because the queue was full.</summary>
    public long DroppedBatches { get; init; }

    /// <summary>The first thing that went wrong with the store, a line for the user; null if nothing did.</summary>
    public string? StoreFault { get; init; }
}
