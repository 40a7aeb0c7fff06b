using Spillway.Net.Flows;

namespace Spillway.Net.Tcp;

/// <summary>Hears that bytes of a stream came twice, and differ. Spans are borrowed until the call returns.</summary>
/// <param name="flow">The flow.</param>
/// <param name="fromA">Whether end A is the sender.</param>
/// <param name="offset">Where in the stream they stand.</param>
/// <param name="first">Those that came first, which stay.</param>
/// <param name="later">As many that came later.</param>
public delegate void TcpConflictHandler(Flow flow, bool fromA, long offset, ReadOnlySpan<byte> first, ReadOnlySpan<byte> later);

/// <summary>Counters of one reassembler, kept by its lane's thread: read from another thread they may be a moment old.</summary>
public sealed class TcpReassemblyStatistics
{
    /// <summary>Hears of each conflict that is counted; null if nobody does. On the lane's thread.</summary>
    public TcpConflictHandler? OnConflict { get; set; }

    /// <summary>Connections taken up.</summary>
    public long Connections { get; internal set; }

    /// <summary>Segments with payload.</summary>
    public long Segments { get; internal set; }

    /// <summary>Bytes given to the handler.</summary>
    public long BytesDelivered { get; internal set; }

    /// <summary>Segments that had to be held because something before them was missing.</summary>
    public long OutOfOrder { get; internal set; }

    /// <summary>
    /// Segments in order that had to be held because their sender had received bytes of the other direction that were not seen yet.
    /// </summary>
    public long HeldForOpposite { get; internal set; }

    /// <summary>Times such a wait ended because the other direction's bytes did not come in time.</summary>
    public long OppositeNotSeen { get; internal set; }

    /// <summary>Bytes that came again: before the stream's position, or already held.</summary>
    public long RetransmittedBytes { get; internal set; }

    /// <summary>Segments that overlap held bytes.</summary>
    public long Overlaps { get; internal set; }

    /// <summary>Of these, segments whose bytes differ from those held. The first bytes are kept.</summary>
    public long ConflictingOverlaps { get; internal set; }

    /// <summary>Gaps told to the handler.</summary>
    public long Gaps { get; internal set; }

    /// <summary>Bytes in these gaps.</summary>
    public long GapBytes { get; internal set; }

    /// <summary>Holes given up because a memory or segment limit was reached.</summary>
    public long GivenUpByLimit { get; internal set; }

    /// <summary>Bytes dropped because no buffer could be had; a gap stands for them.</summary>
    public long DroppedByLimit { get; internal set; }

    /// <summary>Segments dropped because their sequence number is out of reach of the stream.</summary>
    public long OutOfWindow { get; internal set; }

    /// <summary>Times a stream went on in another range of sequence numbers because segments of it kept coming.</summary>
    public long Resynchronised { get; internal set; }

    /// <summary>Segments with payload beyond the end of their stream.</summary>
    public long AfterEnd { get; internal set; }

    /// <summary>Bytes of buffers held now.</summary>
    public long MemoryInUse { get; internal set; }

    /// <summary>Greatest number of bytes of buffers held at a time.</summary>
    public long MemoryPeak { get; internal set; }

    /// <summary>Adds another lane's. Peaks are added too: the sum is what there may have been at a time at most.</summary>
    public void Add(TcpReassemblyStatistics other)
    {
        ArgumentNullException.ThrowIfNull(other);
        Connections += other.Connections;
        Segments += other.Segments;
        BytesDelivered += other.BytesDelivered;
        OutOfOrder += other.OutOfOrder;
        RetransmittedBytes += other.RetransmittedBytes;
        Overlaps += other.Overlaps;
        ConflictingOverlaps += other.ConflictingOverlaps;
        Gaps += other.Gaps;
        GapBytes += other.GapBytes;
        GivenUpByLimit += other.GivenUpByLimit;
        DroppedByLimit += other.DroppedByLimit;
        OutOfWindow += other.OutOfWindow;
        Resynchronised += other.Resynchronised;
        AfterEnd += other.AfterEnd;
        MemoryInUse += other.MemoryInUse;
        MemoryPeak += other.MemoryPeak;
    }
}
