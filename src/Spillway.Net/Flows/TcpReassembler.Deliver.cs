namespace Spillway.Net.Flows;

// What the handler is told. Each method returns false if the flow's reassembly ended in a callback; then nothing may be touched any more.
public sealed partial class TcpReassembler<THandler>
{
    /// <summary>
    /// Delivers a segment that begins at or before the stream's position, and all held segments that it leads to. Where both have bytes, the held
    /// ones came first and are delivered.
    /// </summary>
    /// <param name="wireLength">Length of the segment on the wire; what the snap length cut off is told as a gap.</param>
    private bool Advance(Flow flow, TcpConnection connection, ref TcpStream stream, bool fromA, long offset, ReadOnlySpan<byte> data, int wireLength)
    {
        bool isLive = stream.Held is null && offset == stream.Next && data.Length == wireLength
            ? data.IsEmpty || Deliver(flow, connection, ref stream, fromA, data)
            : Merge(flow, connection, ref stream, fromA, offset, data, wireLength);
        return isLive && (stream.Fin != stream.Next || EndStream(flow, connection, ref stream, fromA));
    }

    /// <summary>Delivers what is held at the stream's position, if anything.</summary>
    private bool Advance(Flow flow, TcpConnection connection, ref TcpStream stream, bool fromA) =>
        Advance(flow, connection, ref stream, fromA, stream.Next, default, 0);

    private bool Merge(Flow flow, TcpConnection connection, ref TcpStream stream, bool fromA, long offset, ReadOnlySpan<byte> data, int wireLength)
    {
        long dataEnd = offset + data.Length;
        long wireEnd = offset + wireLength;
        if (offset < stream.Next) Statistics.RetransmittedBytes += Math.Min(stream.Next, dataEnd) - offset;
        bool overlaps = false;
        bool conflicts = false;
        while (true)
        {
            TcpSegment? head = stream.Held?.Head;
            if (head is not null && head.Offset == stream.Next)
            {
                if (dataEnd > head.Offset)
                {
                    int common = (int)Math.Min(dataEnd - head.Offset, head.Length);
                    overlaps = true;
                    conflicts |= TcpReorderBuffer.Differs(head, head.Offset, data.Slice((int)(head.Offset - offset), common));
                    Statistics.RetransmittedBytes += common;
                }

                if (!DeliverHead(flow, connection, ref stream, fromA)) return false;
                continue;
            }

            long limit = head?.Offset ?? long.MaxValue;
            if (stream.Next < dataEnd)
            {
                long end = Math.Min(dataEnd, limit);
                if (!Deliver(flow, connection, ref stream, fromA, data[(int)(stream.Next - offset)..(int)(end - offset)])) return false;
            }
            else if (stream.Next < wireEnd)
            {
                if (!Skip(flow, connection, ref stream, fromA, Math.Min(wireEnd, limit) - stream.Next)) return false;
            }
            else
            {
                break;
            }
        }

        if (overlaps) Statistics.Overlaps++;
        if (conflicts) Statistics.ConflictingOverlaps++;
        return true;
    }

    private bool Deliver(Flow flow, TcpConnection connection, ref TcpStream stream, bool fromA, ReadOnlySpan<byte> data)
    {
        long offset = stream.Next;
        stream.Next += data.Length;
        stream.Run = 0;
        Statistics.BytesDelivered += data.Length;
        _handler.OnData(flow, flow.DirectionOf(fromA), offset, data);
        return IsLive(flow, connection);
    }

    private bool DeliverHead(Flow flow, TcpConnection connection, ref TcpStream stream, bool fromA)
    {
        TcpReorderBuffer held = stream.Held!;
        TcpSegment head = held.TakeHead();
        held.HoleSinceNs = _nowNs;
        if (held.Head is null) ReturnHeld(ref stream);
        bool isLive = head.IsMissing
            ? Skip(flow, connection, ref stream, fromA, head.Length)
            : Deliver(flow, connection, ref stream, fromA, head.Data);
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
        if (stream.IsEnded) return true;
        stream.IsEnded = true;
        ReturnHeld(ref stream);
        _handler.OnEnd(flow, flow.DirectionOf(fromA));
        return IsLive(flow, connection);
    }

    /// <summary>Ends a stream with its flow: all that is held, then what is known to be missing behind it, then the end.</summary>
    private bool Finish(Flow flow, TcpConnection connection, ref TcpStream stream, bool fromA)
    {
        if (stream.IsEnded) return true;
        if (stream.Origin == TcpOrigin.Tentative && !Settle(flow, connection, ref stream, fromA)) return false;
        if (stream.IsEnded) return true;
        if (!GiveUpAll(flow, connection, ref stream, fromA)) return false;

        // Acknowledged bytes that were not seen are lost. One byte may be a FIN that was not seen, since it takes a number too.
        long known = stream.Fin >= 0 ? stream.Fin : stream.Acknowledged > stream.Next + 1 ? stream.Acknowledged : stream.Next;
        if (known > stream.Next && !Skip(flow, connection, ref stream, fromA, known - stream.Next)) return false;
        return EndStream(flow, connection, ref stream, fromA);
    }
}
