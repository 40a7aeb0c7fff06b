using Spillway.Net.Flows;
using Spillway.Net.Packets;

namespace Spillway.Net.Tcp;

// The order between the two directions. A segment that acknowledges bytes was sent after they had been received, so they are given out
// before it.
// Methods that may call the handler return false if the flow's reassembly ended in it.
public sealed partial class TcpReassembler<THandler>
{
    // After so many connections in a row whose other direction never came, only one is captured: nothing waits for it until a connection
    // shows both.
    private const int MaxSilentInRow = 8;

    // How often what waits is looked at, in parts of the time it may wait.
    private const int LooksPerWait = 8;

    // What a packet may cost where very many streams wait: it pays for a look at so many of them.
    private const int LooksPerPacket = 2;

    private readonly List<TcpReorderBuffer> _due = [];
    private long _dueNs = long.MaxValue;
    private int _unpaidPackets;
    private int _silentInRow;

    /// <summary>Whether a direction that was never seen is worth waiting for.</summary>
    private bool ExpectsUnseen => _silentInRow < MaxSilentInRow;

    /// <summary>
    /// Ends waits that have lasted too long in connections of which no segment has come since. Called for every packet, or when time passes
    /// without any; usually one comparison.
    /// </summary>
    /// <param name="nowNs">Packet time.</param>
    public void Expire(long nowNs)
    {
        if (nowNs >= _dueNs && --_unpaidPackets < 0)
            ExpireWaiting(nowNs);
    }

    private void ExpireWaiting(long nowNs)
    {
        _nowNs = nowNs;
        for (TcpReorderBuffer? buffer = _oldestBuffer; buffer is not null; buffer = buffer.Newer)
        {
            if (buffer.Head is not null)
                _due.Add(buffer);
        }

        _unpaidPackets = _due.Count / LooksPerPacket;

        foreach (TcpReorderBuffer buffer in _due)
        {
            // Callbacks for those before it may have ended its flow.
            if (buffer.Flow is not { Reassembly: TcpConnection connection } flow || !IsLive(flow, connection))
                continue;
            ref TcpStream stream = ref buffer.FromA ? ref connection.A : ref connection.Z;
            while (ReferenceEquals(stream.Held, buffer))
            {
                TcpSegment? head = buffer.Head;
                if (!CheckHeld(flow, connection, ref stream, buffer.FromA) || ReferenceEquals(head, buffer.Head))
                    break;
            }
        }

        _due.Clear();
        _dueNs = _oldestBuffer is null ? long.MaxValue : nowNs + (_oppositeNs / LooksPerWait);
    }

    private void NoteSeen(TcpConnection connection, in PacketInfo info)
    {
        ref TcpStream stream = ref info.FromA ? ref connection.A : ref connection.Z;
        stream.HasSpoken = true;
        stream.IsSilent = false;
        if (info.FromA ? connection.SeenA : connection.SeenZ)
            return;
        connection.SeenA |= info.FromA;
        connection.SeenZ |= !info.FromA;
        if (connection.SeenA && connection.SeenZ)
            _silentInRow = 0;
    }

    private static TcpAcknowledgment AcknowledgmentOf(in PacketInfo info) =>
        new((info.TcpFlags & TcpFlags.Ack) != 0, info.TcpAcknowledgment, info.TimestampNs);

    /// <summary>The offset in a stream that an acknowledgment stands for; -1 if it is none that its receiver can have meant.</summary>
    private static long OffsetOf(ref TcpStream acknowledged, in TcpAcknowledgment acknowledgment)
    {
        if (!acknowledgment.IsKnown || acknowledged.Origin == TcpOrigin.Tentative)
            return -1;

        // Of a stream that has not come yet the first acknowledgment says where it begins.
        long offset =
            acknowledged.Origin == TcpOrigin.Fixed ? acknowledged.OffsetOf(acknowledgment.Number)
            : acknowledged.HasHint ? TcpSequence.Distance(acknowledged.HintSequence, acknowledgment.Number)
            : -1;
        return offset < 0 || offset > Math.Max(acknowledged.Next, acknowledged.Acknowledged) + TcpSequence.Near ? -1 : offset;
    }

    /// <summary>Whether a segment was sent after bytes of the other direction that may still come.</summary>
    private bool AcknowledgesUnseen(TcpConnection connection, in PacketInfo info)
    {
        if ((info.TcpFlags & TcpFlags.Ack) == 0)
            return false;
        bool isSeen = info.FromA ? connection.SeenZ : connection.SeenA;
        return (isSeen || ExpectsUnseen) && Precedes(in info.FromA ? ref connection.Z : ref connection.A, isSeen, info.TcpAcknowledgment);
    }

    /// <summary>
    /// Whether a stream has still to give out bytes before a sequence number. One far beyond all that was seen is nothing to wait for.
    /// </summary>
    private static bool Precedes(ref readonly TcpStream stream, bool isSeen, uint acknowledgment)
    {
        if (stream.IsEnded || stream.IsSilent)
            return false;
        if (stream.Origin != TcpOrigin.Fixed)
            return stream.Origin == TcpOrigin.Unknown && !isSeen;
        return TcpSequence.Distance(stream.OriginSequence + (uint)Math.Max(stream.Next, stream.ExcusedTo), acknowledgment)
            is > 0
                and <= TcpSequence.Near;
    }

    private static bool Waits(ref readonly TcpStream opposite, bool isSeen, TcpSegment head) =>
        head.Acknowledgment.IsKnown && Precedes(in opposite, isSeen, head.Acknowledgment.Number);

    /// <summary>
    /// Gives out what both streams hold, as far as nothing is missing before it: what one gives out may be what the other waits for.
    /// </summary>
    private bool Pump(Flow flow, TcpConnection connection)
    {
        long before;
        do
        {
            before = connection.A.Next + connection.Z.Next;
            if (connection.A.Held is not null && !Drain(flow, connection, ref connection.A, fromA: true))
                return false;
            if (connection.Z.Held is not null && !Drain(flow, connection, ref connection.Z, fromA: false))
                return false;
        } while (connection.A.Next + connection.Z.Next != before);
        return true;
    }

    private bool Drain(Flow flow, TcpConnection connection, ref TcpStream stream, bool fromA)
    {
        if (stream.Origin != TcpOrigin.Fixed)
            return true;
        ref TcpStream opposite = ref fromA ? ref connection.Z : ref connection.A;
        bool isSeen = fromA ? connection.SeenZ : connection.SeenA;
        while (stream.Held?.Head is { } head && stream.Next != stream.Fin)
        {
            if (head.Offset > stream.Next)
            {
                long held = stream.Fin >= 0 ? Math.Min(head.Offset, stream.Fin) : head.Offset;
                long lost = Math.Min(held, Math.Max(stream.LostTo, stream.ExcusedTo)) - stream.Next;
                if (lost <= 0)
                    return true;
                if (!Skip(flow, connection, ref stream, fromA, lost))
                    return false;
            }
            else if (Waits(in opposite, isSeen, head))
            {
                return true;
            }
            else if (!DeliverHead(flow, connection, ref stream, fromA))
            {
                return false;
            }
        }

        return !IsOver(in stream) || EndStream(flow, connection, ref stream, fromA);
    }

    /// <summary>
    /// Bytes that were acknowledged are not waited for any more: told as a gap if later ones are held, otherwise taken when they come.
    /// </summary>
    private static void Excuse(ref TcpStream stream, in TcpAcknowledgment acknowledgment)
    {
        if (stream.Origin != TcpOrigin.Fixed)
            stream.IsSilent = true;
        else if (Precedes(in stream, isSeen: true, acknowledgment.Number))
            stream.ExcusedTo = stream.OffsetOf(acknowledgment.Number);
    }

    /// <summary>Ends a stream's wait for the other direction.</summary>
    private bool StopWaiting(Flow flow, TcpConnection connection, ref TcpStream stream, bool fromA)
    {
        ref TcpStream opposite = ref fromA ? ref connection.Z : ref connection.A;
        Statistics.OppositeNotSeen++;
        opposite.IsSilent = !opposite.HasSpoken;
        Excuse(ref opposite, in stream.Held!.Head!.Acknowledgment);
        return Pump(flow, connection);
    }

    /// <summary>At the end of a connection: gives out all that is held.</summary>
    private bool GiveUpAll(Flow flow, TcpConnection connection)
    {
        bool clientIsA = flow.ClientIsA;
        if (connection.A.Origin == TcpOrigin.Tentative && !Settle(flow, connection, ref connection.A, fromA: true))
            return false;
        if (connection.Z.Origin == TcpOrigin.Tentative && !Settle(flow, connection, ref connection.Z, fromA: false))
            return false;
        while (connection.A.Held is not null || connection.Z.Held is not null)
        {
            // Holes first: behind one there may be what the other stream waits for.
            bool fromA =
                HasHole(in clientIsA ? ref connection.A : ref connection.Z) ? clientIsA
                : HasHole(in clientIsA ? ref connection.Z : ref connection.A) ? !clientIsA
                : connection.A.Held is not null;
            if (!GiveUpFirst(flow, connection, ref fromA ? ref connection.A : ref connection.Z, fromA))
                return false;
        }

        return true;
    }

    private static bool HasHole(ref readonly TcpStream stream) => stream.Held?.Head is { } head && head.Offset > stream.Next;
}
