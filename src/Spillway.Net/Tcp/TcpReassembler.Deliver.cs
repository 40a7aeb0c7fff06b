using Spillway.Net.Flows;
using Spillway.Net.Packets;

namespace Spillway.Net.Tcp;

// What the handler is told. Each method returns false if the flow's reassembly ended in a callback; then nothing may be touched any more.
public sealed partial class TcpReassembler<THandler>
{
    /// <summary>
    /// Delivers a segment that begins at or before the stream's position and need not wait, and all held segments that it leads to. Where
    /// both have bytes, the held ones came first and are delivered.
    /// </summary>
    /// <param name="wireLength">Length of the segment on the wire; what the snap length cut off is told as a gap.</param>
    private bool Advance(
        Flow flow,
        TcpConnection connection,
        ref TcpStream stream,
        ref PacketInfo info,
        long offset,
        ReadOnlySpan<byte> data,
        int wireLength
    )
    {
        TcpAcknowledgment acknowledgment = AcknowledgmentOf(in info);
        bool isLive =
            stream.Held is null && offset == stream.Next && data.Length == wireLength
                ? data.IsEmpty || Deliver(flow, connection, ref stream, info.FromA, data, in acknowledgment)
                : Merge(flow, connection, ref stream, info.FromA, offset, data, wireLength, in acknowledgment);
        return isLive && (!IsOver(in stream) || EndStream(flow, connection, ref stream, info.FromA));
    }

    private bool Merge(
        Flow flow,
        TcpConnection connection,
        ref TcpStream stream,
        bool fromA,
        long offset,
        ReadOnlySpan<byte> data,
        int wireLength,
        in TcpAcknowledgment acknowledgment
    )
    {
        long end = offset + wireLength;
        if (offset < stream.Next)
        {
            int old = (int)Math.Min(stream.Next - offset, data.Length);
            Statistics.RetransmittedBytes += old;
            data = data[old..];
            offset += old;
        }

        // Up to what is held, if that is further on.
        long free = (stream.Held?.Head?.Offset ?? long.MaxValue) - stream.Next;
        int direct = (int)Math.Min(free, data.Length);
        if (direct > 0)
        {
            if (!Deliver(flow, connection, ref stream, fromA, data[..direct], in acknowledgment))
                return false;
            data = data[direct..];
            offset += direct;
        }

        if (!data.IsEmpty)
        {
            TcpReorderBuffer held = stream.Held!;
            bool isWhole = held.Insert(offset, data, in acknowledgment);
            if (isWhole && end > offset + data.Length)
                held.InsertMissing(offset + data.Length, (int)(end - offset) - data.Length);
        }
        else
        {
            long missing = Math.Min(end, stream.Held?.Head?.Offset ?? long.MaxValue) - stream.Next;
            if (missing > 0 && !Skip(flow, connection, ref stream, fromA, missing))
                return false;
        }

        return Pump(flow, connection);
    }

    private bool Deliver(
        Flow flow,
        TcpConnection connection,
        ref TcpStream stream,
        bool fromA,
        ReadOnlySpan<byte> data,
        in TcpAcknowledgment acknowledgment
    )
    {
        long offset = stream.Next;
        long acknowledged = OffsetOf(ref fromA ? ref connection.Z : ref connection.A, in acknowledgment);
        stream.Next += data.Length;
        stream.Run = 0;
        Statistics.BytesDelivered += data.Length;
        _handler.OnData(flow, flow.DirectionOf(fromA), offset, acknowledged, data);
        return IsLive(flow, connection);
    }

    private bool DeliverHead(Flow flow, TcpConnection connection, ref TcpStream stream, bool fromA)
    {
        TcpReorderBuffer held = stream.Held!;
        TcpSegment head = held.TakeHead();
        held.HoleSinceNs = held.Head is { IsMissing: false } next ? next.Acknowledgment.ArrivedNs : _nowNs;
        if (held.Head is null)
            ReturnHeld(ref stream);
        bool isLive = head.IsMissing
            ? Skip(flow, connection, ref stream, fromA, head.Length)
            : Deliver(flow, connection, ref stream, fromA, head.Data, in head.Acknowledgment);
        _pool.Return(head);
        return isLive;
    }

    /// <summary>Tells a gap and goes on behind it.</summary>
    private bool Skip(Flow flow, TcpConnection connection, ref TcpStream stream, bool fromA, long length)
    {
        long offset = stream.Next;
        stream.Next += length;
        Statistics.Gaps++;
        Statistics.GapBytes += length;
        flow.State |= FlowState.Incomplete;
        _handler.OnGap(flow, flow.DirectionOf(fromA), offset, length);
        return IsLive(flow, connection);
    }

    private bool EndStream(Flow flow, TcpConnection connection, ref TcpStream stream, bool fromA)
    {
        if (stream.IsEnded)
            return true;
        stream.IsEnded = true;
        ReturnHeld(ref stream);
        _handler.OnEnd(flow, flow.DirectionOf(fromA));
        return IsLive(flow, connection);
    }

    /// <summary>Ends a stream with its flow: what is known to be missing at its end, then the end.</summary>
    private bool Finish(Flow flow, TcpConnection connection, ref TcpStream stream, bool fromA)
    {
        if (stream.IsEnded)
            return true;

        // Acknowledged bytes that were not seen are lost. One byte may be a FIN that was not seen, since it takes a number too. Of a
        // direction that is not captured nothing is lost.
        bool isSeen = fromA ? connection.SeenA : connection.SeenZ;
        long known =
            stream.Fin >= 0 ? stream.Fin
            : isSeen && stream.Acknowledged > stream.Next + 1 ? stream.Acknowledged
            : stream.Next;
        if (known > stream.Next && !Skip(flow, connection, ref stream, fromA, known - stream.Next))
            return false;
        return EndStream(flow, connection, ref stream, fromA);
    }
}
