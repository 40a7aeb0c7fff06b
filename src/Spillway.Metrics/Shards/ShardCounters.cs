namespace Spillway.Metrics.Shards;

/// <summary>What a shard did not keep, and why. Written by its lane; reading them from elsewhere gives a recent value.</summary>
public sealed class ShardCounters
{
    /// <summary>Updates, alerts and resources for a GUID that nobody defined.</summary>
    public long UnknownGroup { get; internal set; }

    /// <summary>Updates for a meter that the group does not have.</summary>
    public long UnknownMeter { get; internal set; }

    /// <summary>Samples that are NaN or infinite.</summary>
    public long IgnoredValues { get; internal set; }

    /// <summary>Updates with an empty key.</summary>
    public long EmptyKeys { get; internal set; }

    /// <summary>Updates whose key was cut to 255 bytes.</summary>
    public long TruncatedKeys { get; internal set; }

    /// <summary>Keys that had to make room for others in a full group of a window: what they had is in the group's totals only.</summary>
    public long EvictedKeys { get; internal set; }

    /// <summary>Messages, labels and names that were cut.</summary>
    public long TruncatedTexts { get; internal set; }

    /// <summary>Tags beyond 63 bytes of a flow.</summary>
    public long DroppedTags { get; internal set; }

    /// <summary>Tags for which the table of tagged flows had no room.</summary>
    public long RefusedTags { get; internal set; }

    /// <summary>Tags of flows that never ended, or had ended before.</summary>
    public long LateTags { get; internal set; }

    /// <summary>Steps of packet time back over more than the allowed lateness.</summary>
    public long BackwardSteps { get; internal set; }

    /// <summary>Transactions beyond the most that are recorded of a kind.</summary>
    public long TransactionsLeftOut { get; internal set; }

    /// <summary>Adds those of another shard.</summary>
    public void Add(ShardCounters other)
    {
        ArgumentNullException.ThrowIfNull(other);
        UnknownGroup += other.UnknownGroup;
        UnknownMeter += other.UnknownMeter;
        IgnoredValues += other.IgnoredValues;
        EmptyKeys += other.EmptyKeys;
        TruncatedKeys += other.TruncatedKeys;
        EvictedKeys += other.EvictedKeys;
        TruncatedTexts += other.TruncatedTexts;
        DroppedTags += other.DroppedTags;
        RefusedTags += other.RefusedTags;
        LateTags += other.LateTags;
        BackwardSteps += other.BackwardSteps;
        TransactionsLeftOut += other.TransactionsLeftOut;
    }
}
