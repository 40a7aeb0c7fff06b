namespace Spillway.Net.Flows;

/// <summary>What few flows have, out of the way of the million that do not.</summary>
internal sealed class FlowExtras
{
    public object? MeterLabels;
    public FlowStorage? Storage;
    public FlowAttribute? Attributes;

    /// <summary>The last holes in what end A and end Z sent; null if there were none.</summary>
    public TcpHole[]? Holes;

    /// <summary>Upper halves of its counters; null if none is larger than 32 bits.</summary>
    public uint[]? UpperCounts;

    /// <summary>A SYN that contradicts the connection, until an answer shows whether a new one begins; null without one.</summary>
    public TcpPendingSyn? PendingSyn;

    /// <summary>The latest packet time before it went backwards.</summary>
    public long LatestNs;
}
