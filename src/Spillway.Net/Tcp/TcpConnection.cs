using Spillway.Net.Flows;

namespace Spillway.Net.Tcp;

/// <summary>How sure a stream is where its offsets begin.</summary>
internal enum TcpOrigin : byte
{
    /// <summary>Nothing was seen of the stream.</summary>
    Unknown,

    /// <summary>Joined in the middle: what came is held for a moment, since an earlier segment may have been overtaken.</summary>
    Tentative,

    /// <summary>The SYN, an acknowledgment or the first bytes delivered have fixed it.</summary>
    Fixed,
}

/// <summary>What a segment says of the other direction: its sender had received all bytes before a sequence number.</summary>
/// <param name="IsKnown">False if the segment acknowledges nothing.</param>
/// <param name="Number">The number.</param>
/// <param name="ArrivedNs">Packet time of the segment.</param>
internal readonly record struct TcpAcknowledgment(bool IsKnown, uint Number, long ArrivedNs)
{
    public bool SaysTheSame(in TcpAcknowledgment other) => IsKnown == other.IsKnown && Number == other.Number;
}

/// <summary>
/// The reassembler's state of one connection. Pooled; there may be a million of them, so what only disorder needs is elsewhere.
/// </summary>
internal sealed class TcpConnection
{
    /// <summary>
    /// In <see cref="Flow.Reassembly"/> once nothing is to be reassembled any more: a connection is never taken up twice.
    /// </summary>
    public static readonly object Released = new();

    // Fields: streams are used in place.
    public TcpStream A = new();
    public TcpStream Z = new();

    /// <summary>Segments of both directions so far, modulo 2^32.</summary>
    public uint Segments;
    public bool SeenA;
    public bool SeenZ;
    public bool IsEnding;

    public void Reset()
    {
        A = new TcpStream();
        Z = new TcpStream();
        Segments = 0;
        SeenA = SeenZ = IsEnding = false;
    }
}

/// <summary>One direction of a connection: maps 32-bit sequence numbers to 64-bit offsets, and knows the next one to deliver.</summary>
internal struct TcpStream
{
    /// <summary>Room for segments that turn out to precede the first one seen, while the origin is tentative.</summary>
    public const int TentativeRoom = 1 << 20;

    /// <summary>Offset of the next byte to deliver.</summary>
    public long Next;

    /// <summary>Offset up to which the receiver has acknowledged; meaningful with a fixed origin.</summary>
    public long Acknowledged;

    /// <summary>Holes before this offset are given up: the receiver has the bytes, and the capture had its time to bring them.</summary>
    public long LostTo;

    /// <summary>The other direction does not wait for bytes before this offset any more.</summary>
    public long ExcusedTo;

    /// <summary>Offset of the FIN; -1 if none was seen.</summary>
    public long Fin;

    /// <summary>What is held; null when nothing is missing.</summary>
    public TcpReorderBuffer? Held;

    /// <summary>Sequence number of offset 0.</summary>
    public uint OriginSequence;

    /// <summary>
    /// The receiver's last acknowledgment as it came (the first, while nothing of the stream has come), if <see cref="HasHint"/>: tells
    /// where a stream joined in the middle begins.
    /// </summary>
    public uint HintSequence;

    /// <summary>Where the next segment of another range of sequence numbers would begin.</summary>
    public uint FarSequence;

    /// <summary>
    /// With a tentative origin the segments held; with a fixed one, how many in a row lay in another range of sequence numbers.
    /// </summary>
    public byte Run;
    public bool HasHint;
    public bool IsEnded;

    /// <summary>A segment of this direction has come since the other one began to wait for it.</summary>
    public bool HasSpoken;

    /// <summary>Was waited for in vain: nothing waits for this direction until something of it comes.</summary>
    public bool IsSilent;
    public TcpOrigin Origin;

    public TcpStream() => Fin = -1;

    /// <summary>
    /// All bytes up to the FIN were delivered, and the receiver has acknowledged it, or a byte that was sent at its number.
    /// </summary>
    public readonly bool IsFinAcknowledged => Fin >= 0 && Fin == Next && Acknowledged == Fin + 1;

    public readonly long OffsetOf(uint sequence)
    {
        long reference = Math.Max(Next, Acknowledged);
        return reference + TcpSequence.Distance(OriginSequence + (uint)reference, sequence);
    }

    public void FixOrigin(uint sequence)
    {
        OriginSequence = sequence;
        Next = 0;
        LostTo = ExcusedTo = 0;
        Acknowledged = 0;
        Run = 0;
        Origin = TcpOrigin.Fixed;
        if (!HasHint)
            return;
        int acknowledged = TcpSequence.Distance(sequence, HintSequence);
        if (acknowledged is > 0 and <= TcpSequence.Near)
            Acknowledged = acknowledged;
    }
}
