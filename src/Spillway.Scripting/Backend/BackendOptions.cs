namespace Spillway.Scripting.Backend;

/// <summary>Limits and clocks of the scripts behind the lanes. Immutable.</summary>
public sealed record BackendOptions
{
    /// <summary>
    /// Records of one kind (flows, alerts, resources, documents) that wait for the end of their window. At this number they are flushed at
    /// once, which is counted. Default 200,000.
    /// </summary>
    public int MaxWaitingRecords { get; init; } = 200_000;

    /// <summary>Characters of the texts of one kind that wait likewise. Default 64 Mi.</summary>
    public long MaxWaitingText { get; init; } = 64L << 20;

    /// <summary>
    /// Keys of a group that are remembered for <c>onnewkey</c>; when there are more, all are forgotten and become new again. Default
    /// 200,000.
    /// </summary>
    public int MaxSeenKeys { get; init; } = 200_000;

    /// <summary>Ticks of <c>onmetronome</c> by the wall clock, for live packets; false (the default) takes packet time.</summary>
    public bool TicksByWallClock { get; init; }

    /// <summary>
    /// How long a window waits for tasks that scripts began in the windows before it; zero for not at all. Then it is flushed without their
    /// results, which is counted. Default 10 s, 0 to a day. With <see cref="TicksByWallClock"/> no window waits.
    /// </summary>
    public TimeSpan CatchUpTime { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Every result of T.async comes back before the next packets are looked at: same input, same output.</summary>
    public bool Deterministic { get; init; }

    /// <summary>
    /// Scripts that came or went while the run goes on, whose files are gone and whose figures are shown under their names. The figures of
    /// older ones are added up. Default 100.
    /// </summary>
    public int MaxGoneScripts { get; init; } = 100;

    /// <summary>Checks the ranges.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A value is out of range.</exception>
    public BackendOptions Validate()
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(MaxWaitingRecords);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(MaxWaitingText);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(MaxSeenKeys);
        ArgumentOutOfRangeException.ThrowIfNegative(MaxGoneScripts);
        ArgumentOutOfRangeException.ThrowIfNegative(CatchUpTime.Ticks, nameof(CatchUpTime));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(CatchUpTime, TimeSpan.FromDays(1), nameof(CatchUpTime));
        return this;
    }
}

/// <summary>What the scripts behind the lanes have done to the stream. Written by their thread; elsewhere a recent value.</summary>
public sealed class BackendCounters
{
    /// <summary>Windows shown.</summary>
    public long Windows { get; internal set; }

    /// <summary>Windows that were flushed before all tasks of the windows before were done.</summary>
    public long WindowsBehind { get; internal set; }

    /// <summary>Keys that all scripts voted against: they were not stored.</summary>
    public long DroppedKeys { get; internal set; }

    /// <summary>Flows, alerts, resources and documents that all scripts voted against.</summary>
    public long DroppedRecords { get; internal set; }

    /// <summary>Times that records were flushed before their window's end, since too many waited.</summary>
    public long EarlyFlushes { get; internal set; }

    /// <summary>Script files that were loaded, loaded anew or unloaded while the run went on.</summary>
    public long Reloads { get; internal set; }

    /// <summary>Changes of script files that could not be taken.</summary>
    public long ReloadFailures { get; internal set; }

    /// <summary>Results of tasks whose script had been unloaded when they came.</summary>
    public long ResultsDropped { get; internal set; }

    /// <summary>Tasks that were not done when the run ended.</summary>
    public long TasksLeft { get; internal set; }
}
