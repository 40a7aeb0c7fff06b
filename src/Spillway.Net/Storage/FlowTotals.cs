using System.Runtime.InteropServices;
using Spillway.Net.Packets;

namespace Spillway.Net.Storage;

/// <summary>What is stored of one flow. Its bytes are what stands in an index, so the order of the fields is part of the format.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct FlowTotals
{
    /// <summary>The flow; the key of no flow stands for all packets without one.</summary>
    public FlowKey Key;

    /// <summary>Earliest packet time, nanoseconds since 1970 UTC.</summary>
    public long FirstNs;

    /// <summary>Latest packet time.</summary>
    public long LastNs;

    /// <summary>Packets.</summary>
    public long Packets;

    /// <summary>Their stored bytes.</summary>
    public long CapturedBytes;

    /// <summary>Their bytes on the wire.</summary>
    public long WireBytes;

    /// <summary>The totals of one packet.</summary>
    public static FlowTotals Of(in FlowKey key, long timestampNs, int captured, int wireLength) =>
        new()
        {
            Key = key,
            FirstNs = timestampNs,
            LastNs = timestampNs,
            Packets = 1,
            CapturedBytes = captured,
            WireBytes = wireLength,
        };

    /// <summary>Adds what is known of the same flow from elsewhere.</summary>
    public void Add(in FlowTotals other)
    {
        FirstNs = Math.Min(FirstNs, other.FirstNs);
        LastNs = Math.Max(LastNs, other.LastNs);
        Packets += other.Packets;
        CapturedBytes += other.CapturedBytes;
        WireBytes += other.WireBytes;
    }
}
