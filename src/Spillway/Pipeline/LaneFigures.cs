using Spillway.Net.Packets;

namespace Spillway.Pipeline;

/// <summary>
/// What a lane counts of its packets. Written by the lane's thread only; others may read torn sums for a progress display.
/// </summary>
internal sealed class LaneFigures
{
    /// <summary>Packets.</summary>
    public long Packets { get; set; }

    /// <summary>Bytes on the wire.</summary>
    public long Bytes { get; set; }

    /// <summary>The earliest packet time; null before the first packet.</summary>
    public long? FirstNs { get; private set; }

    /// <summary>
    /// The latest packet time, 0 before the first packet. Files of a run may overlap or be given in any order: it never goes back.
    /// </summary>
    public long LastNs { get; private set; }

    /// <summary>Packets of flows that live on another lane, where the kernel deals packets out.</summary>
    public long OnWrongLane { get; set; }

    /// <summary>Takes the time of a packet.</summary>
    public void Reach(long timestampNs)
    {
        if (FirstNs is not { } first)
        {
            FirstNs = LastNs = timestampNs;
            return;
        }

        if (timestampNs > LastNs)
            LastNs = timestampNs;
        else if (timestampNs < first)
            FirstNs = timestampNs;
    }

    /// <summary>Packets by what in them was not looked into.</summary>
    public OpaqueCounts Opaque { get; } = new();

    /// <summary>Adds another lane's.</summary>
    public void Add(LaneFigures other)
    {
        Packets += other.Packets;
        Bytes += other.Bytes;
        OnWrongLane += other.OnWrongLane;
        if (other.FirstNs is { } first)
        {
            Reach(first);
            Reach(other.LastNs);
        }

        Opaque.Add(other.Opaque);
        for (int i = 0; i < DecodeErrors.Length; i++)
            DecodeErrors[i] += other.DecodeErrors[i];
    }

    /// <summary>Packets that were not decoded to their end, by <see cref="DecodeError"/>.</summary>
    public long[] DecodeErrors { get; } = new long[Enum.GetValues<DecodeError>().Length];
}
