using System.Numerics;
using Spillway.Net.Packets;

namespace Spillway.Net.Flows;

/// <summary>
/// What has happened in a flow, in the order in which each thing came first: a letter for each thing and direction, as in Zeek's
/// <c>history</c>. Sixteen bytes, since there is one for each flow; the flow's lane writes it.
/// </summary>
/// <remarks>
/// Of TCP and UDP only. Upper case is the client, lower case the server. <c>S</c> SYN, <c>H</c> SYN with ACK, <c>A</c> ACK and no more,
/// <c>D</c> payload, <c>F</c> FIN, <c>R</c> RST, <c>C</c> wrong checksum, <c>G</c> a hole in a stream that was read, <c>T</c> a segment
/// that was sent again, <c>W</c> closed window, <c>Q</c> SYN with FIN or RST, <c>I</c> FIN with RST. Each comes at most once
/// for each direction.
/// </remarks>
public struct FlowHistory : IEquatable<FlowHistory>
{
    /// <summary>Longest text: each letter for both directions.</summary>
    public const int MaxLength = 2 * Letters;

    private const int Letters = 12;

    // A place in the order takes 5 bits: so many fit. What comes later is known, but not in which order: it follows in the order below.
    private const int Places = 12;
    private const int PlaceBits = 5;

    private const TcpFlags Opening = TcpFlags.Syn | TcpFlags.Fin | TcpFlags.Rst;

    private ulong _order;
    private uint _seen;

    [Flags]
    private enum Event : uint
    {
        None = 0,
        Syn = 1,
        SynAck = 1 << 1,
        Mixed = 1 << 2,
        Inconsistent = 1 << 3,
        Checksum = 1 << 4,
        Retransmission = 1 << 5,
        ClosedWindow = 1 << 6,
        Data = 1 << 7,
        Ack = 1 << 8,
        Fin = 1 << 9,
        Rst = 1 << 10,
        Gap = 1 << 11,
    }

    // By the number of the bit.
    private static ReadOnlySpan<byte> LettersByEvent => "SHQICTWDAFRG"u8;

    /// <summary>Whether nothing has happened, or nothing that has a letter.</summary>
    public readonly bool IsEmpty => _seen == 0;

    /// <summary>Writes the letters.</summary>
    /// <param name="clientIsA">Whether end A is the client, whose letters are capital.</param>
    /// <param name="text">At least <see cref="MaxLength"/> bytes.</param>
    /// <returns>How many there are.</returns>
    public readonly int Format(bool clientIsA, Span<byte> text)
    {
        int length = 0;
        uint rest = _seen;
        for (int place = Math.Min(Places, BitOperations.PopCount(_seen)); place > 0; place--)
        {
            int code = (int)(_order >> (length * PlaceBits)) & ((1 << PlaceBits) - 1);
            rest &= ~(1u << code);
            text[length++] = LetterOf(code, clientIsA);
        }

        for (; rest != 0; rest &= rest - 1)
            text[length++] = LetterOf(BitOperations.TrailingZeroCount(rest), clientIsA);
        return length;
    }

    /// <summary>The letters as a text; empty if nothing has happened.</summary>
    public readonly string ToText(bool clientIsA)
    {
        Span<byte> text = stackalloc byte[MaxLength];
        return System.Text.Encoding.ASCII.GetString(text[..Format(clientIsA, text)]);
    }

    /// <inheritdoc/>
    public readonly bool Equals(FlowHistory other) => _order == other._order && _seen == other._seen;

    /// <inheritdoc/>
    public override readonly bool Equals(object? obj) => obj is FlowHistory other && Equals(other);

    /// <inheritdoc/>
    public override readonly int GetHashCode() => HashCode.Combine(_order, _seen);

    /// <summary>Whether two histories are the same.</summary>
    public static bool operator ==(FlowHistory left, FlowHistory right) => left.Equals(right);

    /// <summary>Whether two histories differ.</summary>
    public static bool operator !=(FlowHistory left, FlowHistory right) => !left.Equals(right);

    /// <summary>Takes a segment of TCP.</summary>
    /// <param name="info">The segment; one that is disregarded has a wrong checksum.</param>
    /// <param name="isRetransmitted">Whether all of it was sent before.</param>
    internal void TakeSegment(in PacketInfo info, bool isRetransmitted)
    {
        if (info.IsDisregarded)
        {
            Add(Event.Checksum, info.FromA);
            return;
        }

        TcpFlags flags = info.TcpFlags;
        Event events = info.PayloadWireLength > 0 ? Event.Data : Event.None;
        if ((flags & Opening) != 0)
            events |= OpeningOf(flags);
        else if (events == Event.None && (flags & TcpFlags.Ack) != 0)
            events = Event.Ack;
        if (isRetransmitted)
            events |= Event.Retransmission;
        if (info.TcpWindow == 0 && (flags & TcpFlags.Rst) == 0)
            events |= Event.ClosedWindow;
        Add(events, info.FromA);
    }

    /// <summary>Takes a datagram of UDP.</summary>
    internal void TakeDatagram(in PacketInfo info) =>
        Add(
            info.IsDisregarded ? Event.Checksum
                : info.PayloadWireLength > 0 ? Event.Data
                : Event.None,
            info.FromA
        );

    /// <summary>Takes a SYN that was set aside before.</summary>
    internal void TakeSyn(bool isSynAck, bool fromA) => Add(isSynAck ? Event.SynAck : Event.Syn, fromA);

    /// <summary>Takes a hole.</summary>
    internal void TakeGap(bool fromA) => Add(Event.Gap, fromA);

    private static Event OpeningOf(TcpFlags flags)
    {
        Event events = Event.None;
        if ((flags & TcpFlags.Syn) != 0)
            events =
                (flags & (TcpFlags.Fin | TcpFlags.Rst)) != 0 ? Event.Mixed
                : (flags & TcpFlags.Ack) != 0 ? Event.SynAck
                : Event.Syn;
        if ((flags & TcpFlags.Fin) != 0)
            events |= (flags & TcpFlags.Rst) != 0 ? Event.Fin | Event.Inconsistent : Event.Fin;
        return (flags & TcpFlags.Rst) != 0 ? events | Event.Rst : events;
    }

    private static byte LetterOf(int code, bool clientIsA)
    {
        byte letter = LettersByEvent[code % Letters];
        return code < Letters == clientIsA ? letter : (byte)(letter | 0x20);
    }

    // What end A does has the lower twelve bits, and the lower codes. Nearly all packets bring nothing new.
    private void Add(Event events, bool fromA)
    {
        uint news = ((uint)events << (fromA ? 0 : Letters)) & ~_seen;
        if (news != 0)
            AddNew(news);
    }

    private void AddNew(uint news)
    {
        for (int place = BitOperations.PopCount(_seen); news != 0; place++)
        {
            int code = BitOperations.TrailingZeroCount(news);
            if (place < Places)
                _order |= (ulong)code << (place * PlaceBits);
            _seen |= 1u << code;
            news &= news - 1;
        }
    }
}
