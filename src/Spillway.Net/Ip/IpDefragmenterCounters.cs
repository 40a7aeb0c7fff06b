namespace Spillway.Net.Ip;

/// <summary>What an <see cref="IpDefragmenter"/> has done so far.</summary>
public record struct IpDefragmenterCounters
{
    /// <summary>Fragments received.</summary>
    public long Fragments;

    /// <summary>Datagrams completed.</summary>
    public long Reassembled;

    /// <summary>Datagrams given up because pieces were missing when their time was over, or at the end of input.</summary>
    public long TimedOut;

    /// <summary>Fragments that were there already, byte for byte.</summary>
    public long Duplicates;

    /// <summary>Fragments that overlap others. IPv4: the bytes that came first stay. IPv6: the datagram is discarded (RFC 5722).</summary>
    public long Overlaps;

    /// <summary>Datagrams dropped because a limit was reached.</summary>
    public long DroppedByLimit;

    /// <summary>Fragments with impossible lengths or offsets, or that contradict the datagram's end.</summary>
    public long Malformed;

    /// <summary>Fragments that were not captured whole (snap length).</summary>
    public long CutBySnapLength;

    /// <summary>Adds what another has done.</summary>
    public void Add(IpDefragmenterCounters other)
    {
        Fragments += other.Fragments;
        Reassembled += other.Reassembled;
        TimedOut += other.TimedOut;
        Duplicates += other.Duplicates;
        Overlaps += other.Overlaps;
        DroppedByLimit += other.DroppedByLimit;
        Malformed += other.Malformed;
        CutBySnapLength += other.CutBySnapLength;
    }
}
