using Spillway.Net.Packets;

namespace Spillway.Pipeline;

/// <summary>What a lane counts of its packets. Written by the lane's thread only; others may read torn sums for a progress display.</summary>
internal sealed class LaneFigures
{
    /// <summary>Packets.</summary>
    public long Packets { get; set; }

    /// <summary>Bytes on the wire.</summary>
    public long Bytes { get; set; }

    /// <summary>Packet time of the first packet; null before it.</summary>
    public long? FirstNs { get; set; }

    /// <summary>Packet time of the last packet.</summary>
    public long LastNs { get; set; }

    /// <summary>Packets that were not decoded to their end, by <see cref="DecodeError"/>.</summary>
    public long[] DecodeErrors { get; } = new long[Enum.GetValues<DecodeError>().Length];
}
