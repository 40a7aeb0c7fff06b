using Spillway.Net.Flows;
using Spillway.Net.Packets;

namespace Spillway.Net.Tcp;

// Where a stream ends. Anybody can forge a FIN, or bytes in its place: the receiver's acknowledgment shows which of the two it has taken.
// Methods that may call the handler return false if the flow's reassembly ended in it.
public sealed partial class TcpReassembler<THandler>
{
    /// <summary>
    /// Whether all was given out up to a FIN that the receiver has taken, and nothing that was sent at its number says otherwise.
    /// </summary>
    private static bool IsOver(ref readonly TcpStream stream) => stream.IsFinAcknowledged && !(stream.Held?.Covers(stream.Fin) ?? false);

    /// <summary>The first FIN counts, unless bytes beyond it are held or acknowledged: then it is not this connection's.</summary>
    private static void NoteFin(ref TcpStream stream, long offset)
    {
        if (stream.Fin >= 0 || offset < stream.Next || offset < (stream.Held?.Tail?.End ?? 0))
            return;
        if (stream.Origin == TcpOrigin.Fixed && offset + 1 < stream.Acknowledged)
            return;
        stream.Fin = offset;
        if (stream.Held is { } held)
            held.Barrier = offset;
    }

    /// <summary>The receiver has acknowledged more of a stream with a FIN.</summary>
    private bool AcknowledgeFin(Flow flow, TcpConnection connection, ref TcpStream stream, bool fromA)
    {
        if (stream.IsFinAcknowledged)
        {
            // One byte alone at its number takes the same acknowledgment: the next one tells.
            bool isOneByte = stream.Held is { } held && held.Covers(stream.Fin) && !held.Covers(stream.Fin + 1);
            return isOneByte || EndStream(flow, connection, ref stream, fromA);
        }

        if (stream.Acknowledged <= stream.Fin + 1)
            return true;
        // The receiver has more: that FIN was forged, or its sender went on behind it.
        if (stream.Next == stream.Fin && stream.Held is { Head: { } head } behind && head.Offset == stream.Fin + 1)
            TakeOutFin(ref stream, behind);
        stream.Fin = -1;
        return stream.Held is null || Pump(flow, connection);
    }

    /// <summary>A FIN has taken a number, and bytes go on behind it: there is no byte at its number.</summary>
    private static void TakeOutFin(ref TcpStream stream, TcpReorderBuffer behind)
    {
        behind.Shift(1);
        stream.OriginSequence++;
        stream.Acknowledged--;
        stream.LostTo = Math.Min(stream.LostTo, stream.Next);
        stream.ExcusedTo = Math.Min(stream.ExcusedTo, stream.Next);
    }

    /// <summary>Bytes at the number of a FIN or behind it: held until the receiver shows which of the two it has taken.</summary>
    private bool ReceiveBehindFin(
        Flow flow,
        TcpConnection connection,
        ref TcpStream stream,
        ref PacketInfo info,
        long offset,
        ReadOnlySpan<byte> payload,
        int wireLength
    )
    {
        Statistics.AfterEnd++;
        int before = (int)Math.Max(0, stream.Fin - offset);
        if (before > 0)
        {
            if (!Place(flow, connection, ref stream, ref info, offset, payload[..Math.Min(before, payload.Length)], before))
                return false;
            if (stream.IsEnded || stream.Origin != TcpOrigin.Fixed)
                return true;
            offset += before;
            wireLength -= before;
            payload = payload[Math.Min(before, payload.Length)..];
        }

        return wireLength == 0 || Hold(flow, connection, ref stream, ref info, offset, payload, wireLength);
    }

    /// <summary>The flow is over, or the receiver has had its time. Bytes at the very number of a FIN speak against it, unless the receiver
    /// has taken it; bytes further on alone are no part of the stream.</summary>
    private void DecideFin(ref TcpStream stream)
    {
        if (stream.Fin < 0 || stream.Held is not { Tail: { } last } held || last.End <= stream.Fin)
            return;
        if (stream.Acknowledged != stream.Fin + 1 && held.Covers(stream.Fin))
            stream.Fin = -1;
        else
            held.CutBehindBarrier();
        if (held.Head is null)
            ReturnHeld(ref stream);
    }

    /// <summary>Before its first byte, a stream follows what the flow table has learned of its first number.</summary>
    private void FollowIsn(ref TcpStream stream, in TcpEndpoint sender)
    {
        if (sender.HasIsn && !sender.IsDisputed && stream.OriginSequence != sender.Isn + 1)
            Synchronise(ref stream, sender.Isn + 1);
    }
}
