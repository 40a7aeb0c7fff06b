using Spillway.Metrics.Traffic;

namespace Spillway.Metrics;

/// <summary>Limits and times of the metrics side. Immutable once in use.</summary>
public sealed record MetricOptions
{
    /// <summary>
    /// Length of a streaming window in packet time; windows are aligned to the top of the minute (or hour, or day). Default 60 s.
    /// </summary>
    public TimeSpan Window { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>
    /// Keys of one counter group in one window. A further key takes the place of the least (<see cref="Counters.CounterTable.EvictedKeys"/>
    /// counts them, <see cref="Counters.CounterTable.MaxShortfall"/> bounds the error); the group's totals stay exact.
    /// Default 100,000: about 20 MB for a group of the size of Hosts.
    /// </summary>
    public int MaxKeysPerGroup { get; init; } = 100_000;

    /// <summary>How traffic itself is counted; null (the default) counts only what scripts and observers add.</summary>
    public TrafficOptions? Traffic { get; init; }

    /// <summary>
    /// Leaves out of the groups about the engine what would differ in the next run over the same packets: times, memory, the machine.
    /// Default false.
    /// </summary>
    public bool IsReproducible { get; init; }

    /// <summary>
    /// Keys of one group whose totals over the whole run are kept for the summary; the least make room. The store has all. Default 50,000.
    /// </summary>
    public int MaxKeysPerRun { get; init; } = 50_000;

    /// <summary>Flows with tags that have not ended yet, per lane. Further flows go untagged, and are counted. Default 100,000.</summary>
    public int MaxTaggedFlows { get; init; } = 100_000;

    /// <summary>Alerts, and files, that are kept in memory for the summary, each. The store has all. Default 10,000.</summary>
    public int MaxListedRecords { get; init; } = 10_000;

    /// <summary>
    /// Requests of HTTP, questions of DNS and handshakes of TLS that are recorded in a run, of each kind and lane; further ones are counted
    /// and left out. Default 10,000,000.
    /// </summary>
    public int MaxTransactions { get; init; } = 10_000_000;

    /// <summary>
    /// How far packet time may step back before its window is closed and one at the earlier time is opened: the next file of the run
    /// may be older. Packets that are late by less go into the open window. Default 5 minutes.
    /// </summary>
    public TimeSpan MaxLateness { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// Windows and event batches that may wait for the writer, over all lanes. Default 64, and as many for the ends of windows.
    /// </summary>
    public int QueueCapacity { get; init; } = 64;

    /// <summary>
    /// Bytes of rows and events that may wait for the writer, over all lanes; one batch may go beyond, and the ends of windows may take as
    /// much again, so that they do not wait. Counters themselves do not count: a lane hands them over once a window.
    /// Default 12 MiB, two full batches of rows; 64 KiB to 64 GiB.
    /// </summary>
    public long QueueBytes { get; init; } = 12 << 20;

    /// <summary>
    /// What a full queue means. True (the default, for files): the lane waits, and nothing is lost. False (for live capture):
    /// what does not fit is dropped and counted, and the lane goes on.
    /// </summary>
    public bool WaitWhenQueueFull { get; init; } = true;

    /// <summary>Checks the ranges.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A value is out of range; the message names it.</exception>
    public MetricOptions Validate()
    {
        Check(Window.TotalSeconds, 1, 86_400, nameof(Window));
        Check(MaxKeysPerGroup, 1, 100_000_000, nameof(MaxKeysPerGroup));
        Check(MaxKeysPerRun, 0, 100_000_000, nameof(MaxKeysPerRun));
        Check(MaxTaggedFlows, 0, 10_000_000, nameof(MaxTaggedFlows));
        Check(MaxListedRecords, 0, 1_000_000, nameof(MaxListedRecords));
        Check(MaxTransactions, 0, int.MaxValue, nameof(MaxTransactions));
        Check(MaxLateness.TotalSeconds, 0, 1e9, nameof(MaxLateness));
        Check(QueueCapacity, 1, 1_000_000, nameof(QueueCapacity));
        Check(QueueBytes, 64 << 10, 64L << 30, nameof(QueueBytes));
        return this;
    }

    private static void Check(double value, double min, double max, string name)
    {
        if (!(value >= min && value <= max))
            throw new ArgumentOutOfRangeException(name, value, $"{name} must be between {min} and {max}.");
    }
}
