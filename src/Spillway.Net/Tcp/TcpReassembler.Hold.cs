using Spillway.Net.Flows;
using Spillway.Net.Packets;

namespace Spillway.Net.Tcp;

// What is held, how long, and who pays at the limits. Methods that may call the handler return false if the flow's reassembly ended in it.
public sealed partial class TcpReassembler<THandler>
{
    private readonly Stack<TcpReorderBuffer> _buffers = new();
    private TcpReorderBuffer? _oldestBuffer;
    private TcpReorderBuffer? _newestBuffer;

    private bool Hold(
        Flow flow,
        TcpConnection connection,
        ref TcpStream stream,
        ref PacketInfo info,
        long offset,
        ReadOnlySpan<byte> payload,
        int wireLength
    )
    {
        if (offset == stream.Next)
            Statistics.HeldForOpposite++;
        else
            Statistics.OutOfOrder++;
        uint sequence = stream.OriginSequence + (uint)offset;
        if (!MakeRoom(flow, connection, ref stream, info.FromA, sequence, payload.Length))
            return false;
        if (stream.IsEnded)
        {
            Statistics.AfterEnd++; // making room brought the stream to its end
            return true;
        }

        offset = stream.OffsetOf(sequence);
        bool isBehindFin = stream.Fin >= 0 && offset >= stream.Fin;
        if (offset <= stream.Next && stream.Origin == TcpOrigin.Fixed && !isBehindFin && !AcknowledgesUnseen(connection, in info))
        {
            // Making room gave up what it waited for: it is in order now.
            return Advance(flow, connection, ref stream, ref info, offset, payload, wireLength);
        }

        if (stream.Held is null)
            (info.FromA ? ref connection.Z : ref connection.A).HasSpoken = false;
        TcpReorderBuffer held = stream.Held ??= RentBuffer(flow, info.FromA);
        if (stream.Fin >= 0)
            held.Barrier = stream.Fin;
        bool isWhole = held.Insert(offset, payload, AcknowledgmentOf(in info));
        if (isWhole && wireLength > payload.Length)
            held.InsertMissing(offset + payload.Length, wireLength - payload.Length);
        if (held.Head is null)
            ReturnHeld(ref stream);
        if (stream.Origin == TcpOrigin.Tentative)
            stream.Run++;
        return true;
    }

    /// <summary>Gives up holes until <paramref name="bytes"/> more can be held, or the segment at <paramref name="sequence"/> is in order.
    /// The origin of offsets may change.</summary>
    private bool MakeRoom(Flow flow, TcpConnection connection, ref TcpStream stream, bool fromA, uint sequence, int bytes)
    {
        int capacity = (bytes + TcpSegmentPool.SmallBytes - 1) / TcpSegmentPool.SmallBytes * TcpSegmentPool.SmallBytes;
        while (
            stream.Held is { } held
            && (held.Bytes + capacity > _options.MaxBytesPerStream || held.Segments + 1 >= _options.MaxSegmentsPerStream)
        )
        {
            Statistics.GivenUpByLimit++;
            if (!GiveUpFirst(flow, connection, ref stream, fromA))
                return false;
            if (stream.OffsetOf(sequence) <= stream.Next)
                return true;
        }

        while (!_pool.HasRoomFor(capacity) && _oldestBuffer is { Flow: { } owner } oldest)
        {
            var ownerConnection = (TcpConnection)owner.Reassembly!;
            if (IsLive(owner, ownerConnection))
            {
                Statistics.GivenUpByLimit++;
                GiveUpFirst(owner, ownerConnection, ref oldest.FromA ? ref ownerConnection.A : ref ownerConnection.Z, oldest.FromA);
            }

            if (!IsLive(flow, connection))
                return false;
        }

        return true;
    }

    /// <summary>Looks at what a stream waits for, once per segment of its connection.</summary>
    private bool CheckHeld(Flow flow, TcpConnection connection, ref TcpStream stream, bool fromA)
    {
        TcpReorderBuffer held = stream.Held!;
        if (stream.Origin == TcpOrigin.Tentative)
        {
            bool waited = stream.Run >= TentativeSegments || held.Bytes >= TentativeBytes || _nowNs - held.HoleSinceNs >= TentativeNs;
            return !waited || Settle(flow, connection, ref stream, fromA);
        }

        if (stream.Next == stream.Fin)
        {
            if (_nowNs - held.Head!.Acknowledgment.ArrivedNs < _acknowledgedHoleNs)
                return true;
            DecideFin(ref stream);
            return Pump(flow, connection) && (!IsOver(in stream) || EndStream(flow, connection, ref stream, fromA));
        }

        if (held.Head!.Offset <= stream.Next)
        {
            return _nowNs - held.Head.Acknowledgment.ArrivedNs < _oppositeNs || StopWaiting(flow, connection, ref stream, fromA);
        }

        if (held.MarkAcknowledged < held.Head.Offset)
        {
            if (stream.Acknowledged >= held.Head.Offset)
            {
                held.MarkAcknowledged = stream.Acknowledged;
                held.MarkNs = _nowNs;
                held.MarkSegments = connection.Segments;
            }
            else if (!(connection.SeenA && connection.SeenZ) && _nowNs - held.HoleSinceNs >= _oneSidedHoleNs)
            {
                return GiveUpFirst(flow, connection, ref stream, fromA);
            }

            return true;
        }

        bool isOver =
            connection.Segments - held.MarkSegments >= _options.AcknowledgedHoleSegments || _nowNs - held.MarkNs >= _acknowledgedHoleNs;
        if (!isOver)
            return true;

        // All holes that the mark covers have waited as long: with many losses each would else wait for the one before it.
        // What was acknowledged behind the last byte held may still be on its way.
        stream.LostTo = Math.Max(stream.LostTo, Math.Min(held.MarkAcknowledged, held.Tail!.Offset));
        held.MarkAcknowledged = -1;
        return Pump(flow, connection);
    }

    /// <summary>
    /// Gives up what a stream waits for first, a hole, the other direction or a FIN's acknowledgment, and delivers what that leads to.
    /// </summary>
    private bool GiveUpFirst(Flow flow, TcpConnection connection, ref TcpStream stream, bool fromA)
    {
        if (stream.Origin == TcpOrigin.Tentative)
            return Settle(flow, connection, ref stream, fromA);
        if (stream.Fin >= 0 && stream.Held!.Head!.Offset >= stream.Fin)
            DecideFin(ref stream);
        if (stream.Held?.Head is not { } head)
            return true;
        if (head.Offset > stream.Next)
            stream.LostTo = Math.Max(stream.LostTo, head.Offset);
        else
            Excuse(ref fromA ? ref connection.Z : ref connection.A, in head.Acknowledgment);
        return Pump(flow, connection);
    }

    private bool GiveUpAll(Flow flow, TcpConnection connection, ref TcpStream stream, bool fromA)
    {
        while (stream.Held is not null)
        {
            if (!GiveUpFirst(flow, connection, ref stream, fromA))
                return false;
        }

        return true;
    }

    private TcpReorderBuffer RentBuffer(Flow flow, bool fromA)
    {
        if (!_buffers.TryPop(out TcpReorderBuffer? buffer))
            buffer = new TcpReorderBuffer(_pool, _options, Statistics);
        buffer.Flow = flow;
        buffer.FromA = fromA;
        buffer.HoleSinceNs = _nowNs;
        buffer.Older = _newestBuffer;
        buffer.Newer = null;
        if (_newestBuffer is null)
            _oldestBuffer = buffer;
        else
            _newestBuffer.Newer = buffer;
        _newestBuffer = buffer;
        _dueNs = Math.Min(_dueNs, _nowNs + _oppositeNs);
        return buffer;
    }

    private void ReturnHeld(ref TcpStream stream)
    {
        if (stream.Held is not { } buffer)
            return;
        stream.Held = null;
        if (buffer.Older is null)
            _oldestBuffer = buffer.Newer;
        else
            buffer.Older.Newer = buffer.Newer;
        if (buffer.Newer is null)
            _newestBuffer = buffer.Older;
        else
            buffer.Newer.Older = buffer.Older;
        buffer.Older = buffer.Newer = null;
        buffer.Clear();
        if (_buffers.Count < MaxPooledConnections)
            _buffers.Push(buffer);
    }
}
