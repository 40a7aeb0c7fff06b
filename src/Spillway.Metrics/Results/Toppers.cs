namespace Spillway.Metrics.Results;

/// <summary>The largest keys of one counter group over the whole run, by one of its meters.</summary>
public sealed record CounterToppers
{
    /// <summary>Canonical GUID of the group.</summary>
    public required string GroupGuid { get; init; }

    /// <summary>Title of the group.</summary>
    public required string GroupName { get; init; }

    /// <summary>True for a group that traffic itself feeds, false for those that only scripts and observers' events feed.</summary>
    public bool IsFedByTraffic { get; init; }

    /// <summary>Meter id.</summary>
    public required int MeterId { get; init; }

    /// <summary>Name of the meter.</summary>
    public required string MeterName { get; init; }

    /// <summary>Unit of the totals: a rate's total has no longer a "per second". May be empty.</summary>
    public required string Units { get; init; }

    /// <summary>Number of keys that have a value.</summary>
    public required int KeyCount { get; init; }

    /// <summary>Value of the group's totals, if there is one.</summary>
    public double? Total { get; init; }

    /// <summary>The keys, largest first.</summary>
    public required IReadOnlyList<CounterTopper> Keys { get; init; }
}

/// <summary>One key among the largest.</summary>
/// <param name="Key">The key as text; see <see cref="Records.WireText"/>.</param>
/// <param name="Label">Display label, or empty.</param>
/// <param name="Value">Sum over the run for counters and rates; last, mean, largest or smallest sample for the other types.</param>
public sealed record CounterTopper(string Key, string Label, double Value);
