using Spillway.Net.Flows;
using Spillway.Net.Packets;

namespace Spillway.Net.Tcp;

// From a segment to an offset in its stream. Methods that may call the handler return false if the flow's reassembly ended in it.
public sealed partial class TcpReassembler<THandler>
{
    // A stream joined in the middle waits this long for an acknowledgment or an earlier segment.
    private const int TentativeSegments = 4;
    private const int TentativeBytes = 64 << 10;
    private const long TentativeNs = 1_000_000_000;

    // Segments in a row, each beginning where the last ended, that make a stream go on in another range of sequence numbers.
    private const int FarSegments = 4;

    private bool Receive(Flow flow, TcpConnection connection, ref TcpStream stream, ref PacketInfo info, ReadOnlySpan<byte> payload)
    {
        int wireLength = Math.Max(payload.Length, info.PayloadWireLength);
        uint sequence = info.TcpSequence;
        if (wireLength > 0)
            Statistics.Segments++;

        if ((info.TcpFlags & TcpFlags.Syn) != 0)
        {
            sequence++;
            if (!Synchronise(ref stream, sequence))
                return true;
            if (stream.Held is not null && !Pump(flow, connection))
                return false;
        }

        bool hasFin = (info.TcpFlags & TcpFlags.Fin) != 0;
        if (wireLength == 0 && !hasFin)
            return true;

        if (stream.Origin == TcpOrigin.Unknown && !Join(ref stream, sequence, wireLength))
            return true;

        long offset = stream.OffsetOf(sequence);
        if (stream.IsEnded)
        {
            if (offset + wireLength > stream.Next)
                Statistics.AfterEnd++;
            else
                Statistics.RetransmittedBytes += payload.Length;
            return true;
        }

        if (offset > Math.Max(stream.Next, stream.Acknowledged) + TcpSequence.Near || offset + wireLength < stream.Next - TcpSequence.Near)
        {
            return ReceiveFar(flow, connection, ref stream, ref info, sequence, payload, wireLength);
        }

        if (hasFin)
            NoteFin(ref stream, offset + wireLength);
        if (stream.Fin >= 0 && offset + wireLength > stream.Fin)
            return ReceiveBehindFin(flow, connection, ref stream, ref info, offset, payload, wireLength);
        return Place(flow, connection, ref stream, ref info, offset, payload, wireLength);
    }

    private bool Place(
        Flow flow,
        TcpConnection connection,
        ref TcpStream stream,
        ref PacketInfo info,
        long offset,
        ReadOnlySpan<byte> payload,
        int wireLength
    )
    {
        if (offset <= stream.Next && stream.Origin == TcpOrigin.Fixed)
        {
            bool waits = offset + wireLength > stream.Next && AcknowledgesUnseen(connection, in info);
            if (!waits)
                return Advance(flow, connection, ref stream, ref info, offset, payload, wireLength);
            int old = (int)(stream.Next - offset);
            Statistics.RetransmittedBytes += Math.Min(old, payload.Length);
            payload = payload[Math.Min(old, payload.Length)..];
            wireLength -= old;
            offset = stream.Next;
        }

        return wireLength == 0 || Hold(flow, connection, ref stream, ref info, offset, payload, wireLength);
    }

    /// <summary>A SYN fixes the origin unless bytes were delivered already. False if it contradicts them: its segment is dropped.</summary>
    private bool Synchronise(ref TcpStream stream, uint first)
    {
        if (stream.Origin == TcpOrigin.Fixed && stream.OriginSequence == first)
            return true;
        if (stream.Next > 0 && stream.Origin == TcpOrigin.Fixed || stream.IsEnded)
        {
            Statistics.OutOfWindow++;
            return false;
        }

        int shift = TcpSequence.Distance(stream.OriginSequence, first);
        bool precedes = stream.Origin == TcpOrigin.Tentative && shift >= 0 && shift <= FirstOffset(ref stream);
        if (precedes)
        {
            stream.Held?.Shift(shift);
            if (stream.Fin >= 0)
                stream.Fin -= shift;
        }
        else
        {
            ReturnHeld(ref stream);
            stream.Fin = -1;
        }

        stream.FixOrigin(first);
        return true;
    }

    /// <summary>The first segment of a stream whose SYN was not seen. False if it is not one to begin with.</summary>
    private static bool Join(ref TcpStream stream, uint sequence, int wireLength)
    {
        if (stream.HasHint)
        {
            int ahead = TcpSequence.Distance(stream.HintSequence, sequence);
            if (ahead == -1 && wireLength <= 1)
                return false; // keep-alive probe: its byte is not of the stream
            if (ahead is >= -TcpStream.TentativeRoom and <= TcpStream.TentativeRoom)
            {
                // What the receiver expected next comes first, even if this segment is a later one.
                stream.FixOrigin(ahead >= 0 ? stream.HintSequence : sequence);
                return true;
            }
        }

        stream.OriginSequence = sequence - TcpStream.TentativeRoom;
        stream.Origin = TcpOrigin.Tentative;
        return true;
    }

    /// <summary>
    /// Ends the wait of a stream joined in the middle: it begins with the first byte held, or where the receiver's acknowledgment says.
    /// </summary>
    private bool Settle(Flow flow, TcpConnection connection, ref TcpStream stream, bool fromA)
    {
        long first = FirstOffset(ref stream);
        if (stream.HasHint)
        {
            long expected = stream.OffsetOf(stream.HintSequence);
            if (expected >= 0 && expected < first)
                first = expected;
        }

        stream.Held?.Shift(first);
        if (stream.Fin >= 0)
            stream.Fin -= first;
        stream.FixOrigin(stream.OriginSequence + (uint)first);
        return Pump(flow, connection) && (!IsOver(in stream) || EndStream(flow, connection, ref stream, fromA));
    }

    private static long FirstOffset(ref TcpStream stream) =>
        Math.Min(stream.Held?.Head?.Offset ?? long.MaxValue, stream.Fin >= 0 ? stream.Fin : long.MaxValue);

    /// <summary>Takes an acknowledgment of what <paramref name="stream"/> sent.</summary>
    private bool Acknowledge(Flow flow, TcpConnection connection, ref TcpStream stream, bool fromA, uint acknowledgment)
    {
        // The first one stays while nothing of the stream has come: what was sent since then is missing.
        if (!stream.HasHint || stream.Origin != TcpOrigin.Unknown)
            stream.HintSequence = acknowledgment;
        stream.HasHint = true;
        if (stream.Origin != TcpOrigin.Fixed)
        {
            return stream.Origin == TcpOrigin.Unknown || Settle(flow, connection, ref stream, fromA);
        }

        long offset = stream.OffsetOf(acknowledgment);
        // An acknowledgment far beyond all that was seen would make every hole look lost.
        if (offset <= stream.Acknowledged || offset > Math.Max(stream.Next, stream.Acknowledged) + TcpSequence.Near)
            return true;
        stream.Acknowledged = offset;
        return stream.IsEnded || stream.Fin < 0 || AcknowledgeFin(flow, connection, ref stream, fromA);
    }

    /// <summary>A segment out of reach: dropped and remembered. When enough follow in a row the stream jumps there.</summary>
    private bool ReceiveFar(
        Flow flow,
        TcpConnection connection,
        ref TcpStream stream,
        ref PacketInfo info,
        uint sequence,
        ReadOnlySpan<byte> payload,
        int wireLength
    )
    {
        Statistics.OutOfWindow++;
        if (wireLength == 0 || stream.Fin >= 0 || stream.Origin != TcpOrigin.Fixed)
            return true;
        bool isNext = stream.Run > 0 && sequence == stream.FarSequence;
        stream.Run = isNext ? (byte)Math.Min(stream.Run + 1, FarSegments) : (byte)1;
        stream.FarSequence = sequence + (uint)wireLength;
        if (stream.Run < FarSegments)
            return true;

        // Whoever forges one segment can forge four. Where the receiver is seen, its acknowledgments decide.
        if (stream.HasHint && !TcpSequence.IsNear(stream.HintSequence, sequence))
            return true;

        stream.Run = 0;
        Statistics.Resynchronised++;
        if (!GiveUpAll(flow, connection, ref stream, info.FromA))
            return false;
        uint jump = sequence - (stream.OriginSequence + (uint)stream.Next);
        stream.Acknowledged = Math.Max(stream.Acknowledged, stream.Next);
        return (jump == 0 || Skip(flow, connection, ref stream, info.FromA, jump))
            && Advance(flow, connection, ref stream, ref info, stream.Next, payload, wireLength);
    }
}
