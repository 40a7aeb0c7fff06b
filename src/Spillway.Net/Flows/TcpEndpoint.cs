using Spillway.Net.Packets;

namespace Spillway.Net.Flows;

/// <summary>What the flow table knows of one end of a TCP connection: 20 bytes, since there are two for each flow.</summary>
internal struct TcpEndpoint
{
    /// <summary>Initial sequence number, if <see cref="HasIsn"/>.</summary>
    public uint Isn;

    /// <summary>One past the highest sequence number sent, if <see cref="HasNext"/>.</summary>
    public uint Next;

    /// <summary>Last acknowledgment sent, if <see cref="HasAcknowledged"/>.</summary>
    public uint Acknowledged;

    /// <summary>Sequence number of the stream's first byte, once bytes were given out in order, if <see cref="HasOrigin"/>.</summary>
    public uint Origin;

    /// <summary>All control bits that this end has set so far.</summary>
    public TcpFlags Flags;

    private Marks _marks;

    [Flags]
    private enum Marks : ushort
    {
        None = 0,
        Isn = 1,
        Next = 2,
        Acknowledged = 4,
        Hole = 8,
        SynAck = 16,
        Fin = 32,
        Rst = 64,
        Origin = 128,
        Disputed = 256,
    }

    public bool HasIsn
    {
        readonly get => Has(Marks.Isn);
        set => Set(Marks.Isn, value);
    }

    public bool HasNext
    {
        readonly get => Has(Marks.Next);
        set => Set(Marks.Next, value);
    }

    public bool HasAcknowledged
    {
        readonly get => Has(Marks.Acknowledged);
        set => Set(Marks.Acknowledged, value);
    }

    /// <summary>There is a last hole in what this end sent: <see cref="Flow.HoleOf"/>.</summary>
    public bool HasHole
    {
        readonly get => Has(Marks.Hole);
        set => Set(Marks.Hole, value);
    }

    public bool SentSynAck
    {
        readonly get => Has(Marks.SynAck);
        set => Set(Marks.SynAck, value);
    }

    public bool SentFin
    {
        readonly get => Has(Marks.Fin);
        set => Set(Marks.Fin, value);
    }

    public bool SentRst
    {
        readonly get => Has(Marks.Rst);
        set => Set(Marks.Rst, value);
    }

    public bool HasOrigin
    {
        readonly get => Has(Marks.Origin);
        set => Set(Marks.Origin, value);
    }

    /// <summary>
    /// This end has sent SYNs with different numbers, and none of them was acknowledged yet: <see cref="Isn"/> is the last one's.
    /// </summary>
    public bool IsDisputed
    {
        readonly get => Has(Marks.Disputed);
        set => Set(Marks.Disputed, value);
    }

    private readonly bool Has(Marks mark) => (_marks & mark) != 0;

    private void Set(Marks mark, bool value) => _marks = value ? _marks | mark : _marks & ~mark;
}

/// <summary>The last hole in what one end sent: where it begins, and when it appeared.</summary>
internal record struct TcpHole(uint Start, uint Microseconds);
