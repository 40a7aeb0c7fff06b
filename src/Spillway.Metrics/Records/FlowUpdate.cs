namespace Spillway.Metrics.Records;

/// <summary>What is told of a flow that goes on.</summary>
public enum FlowUpdateKind : byte
{
    /// <summary>It is new.</summary>
    Started,

    /// <summary>It has had packets since the last time, about a second ago.</summary>
    Updated,

    /// <summary>It lasts long: time for an interim report (<see cref="Net.Flows.FlowTableOptions.UpdateInterval"/>).</summary>
    Interim,
}

/// <summary>A flow as it stood at a moment.</summary>
public readonly record struct FlowUpdate(FlowUpdateKind Kind, FlowRecord Flow);

/// <summary>A flow among the highest of a bucket by a measure that a script defines.</summary>
/// <param name="BucketStartNs">Packet time of the bucket's start, nanoseconds since 1970 UTC.</param>
/// <param name="Tracker">Name of the list.</param>
/// <param name="Rank">1 is the highest.</param>
/// <param name="FlowId">The flow.</param>
/// <param name="Value">The measure.</param>
public sealed record TrackedFlowRecord(long BucketStartNs, string Tracker, int Rank, string FlowId, double Value);
