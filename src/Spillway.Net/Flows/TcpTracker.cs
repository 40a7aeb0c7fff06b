using Spillway.Net.Packets;

namespace Spillway.Net.Flows;

/// <summary>
/// Follows TCP connections as far as the flow table needs it: which end is the client, state bits, set-up time, retransmissions,
/// and when a connection ends or its addresses and ports are used by a new one. It sees every segment, reassembled or not.
/// </summary>
internal static partial class TcpTracker
{
    // A segment that fills a hole this soon was overtaken on its way, not sent again: no sender notices a loss that fast.
    private const int ReorderMicroseconds = 3000;

    /// <summary>
    /// Decides which end is the client by the first segment: its SYN tells; without one the guess is end A, since Z has the lower port.
    /// </summary>
    public static void Orient(Flow flow, in PacketInfo info)
    {
        bool isSyn = (info.TcpFlags & TcpFlags.Syn) != 0;
        bool isSynAck = isSyn && (info.TcpFlags & TcpFlags.Ack) != 0;
        flow.ClientIsA = !isSyn || info.FromA != isSynAck;
        flow.State &= ~(FlowState.AEndServer | FlowState.ZEndServer);
        flow.State |= flow.ClientIsA ? FlowState.ZEndServer : FlowState.AEndServer;
    }

    /// <summary>Takes one segment into account. False if it is a RST that nobody would obey.</summary>
    public static bool Update(Flow flow, in PacketInfo info)
    {
        ref TcpEndpoint sender = ref info.FromA ? ref flow.EndA : ref flow.EndZ;
        ref TcpEndpoint receiver = ref info.FromA ? ref flow.EndZ : ref flow.EndA;
        TcpFlags flags = info.TcpFlags;
        sender.Flags |= flags;
        if ((flags & TcpFlags.Rst) != 0)
        {
            if (!IsCredibleReset(in sender, in receiver, in info))
                return false;
            flow.State |= FlowState.SeenRst;
            flow.IsClosed = true;
            sender.SentRst = true;
            return true;
        }

        if ((flags & TcpFlags.Syn) != 0)
            UpdateSyn(flow, ref sender, in info);
        UpdateSequence(flow, ref sender, in receiver, in info);
        if ((flags & TcpFlags.Ack) != 0)
        {
            if (receiver.IsDisputed)
                ResolveDispute(flow, ref receiver, in info);
            if ((flags & TcpFlags.Syn) == 0)
                CompleteHandshake(flow, in receiver, in info);
            sender.Acknowledged = info.TcpAcknowledgment;
            sender.HasAcknowledged = true;
        }

        if ((flags & TcpFlags.Fin) != 0)
        {
            sender.SentFin = true;
            flow.State |= FlowState.SeenFin;
            flow.IsClosed |= receiver.SentFin;
        }

        return true;
    }

    public static FlowTimeout TimeoutOf(Flow flow)
    {
        if (flow.IsClosed)
            return FlowTimeout.TcpClosed;
        bool isOpening = (flow.State & (FlowState.SeenSyn | FlowState.SeenSynAck)) != 0 && (flow.State & FlowState.SeenSynAckAck) == 0;
        if (isOpening && flow.PayloadAZ == 0 && flow.PayloadZA == 0)
            return FlowTimeout.TcpOpening;

        // Nobody answers, or one end is through: there is no telling that the connection still stands.
        bool isEstablished = flow.PacketsAZ > 0 && flow.PacketsZA > 0 && (flow.State & FlowState.SeenFin) == 0;
        return isEstablished ? FlowTimeout.TcpEstablished : FlowTimeout.Other;
    }

    private static void UpdateSyn(Flow flow, ref TcpEndpoint sender, in PacketInfo info)
    {
        bool isFirst = (flow.State & (FlowState.SeenSyn | FlowState.SeenSynAck)) == 0;
        // Segments captured before the SYN may have led to a guess. Once bytes were given out under it, it stays.
        if (isFirst && flow.PayloadAZ == 0 && flow.PayloadZA == 0)
            Orient(flow, in info);

        if ((info.TcpFlags & TcpFlags.Ack) != 0)
        {
            flow.State |= FlowState.SeenSynAck;
            sender.SentSynAck = true;
        }
        else
        {
            flow.State |= FlowState.SeenSyn;
            flow.SynMicroseconds = Microseconds(flow, in info);
        }

        bool isKnown = sender.HasIsn && sender.Isn == info.TcpSequence;
        sender.IsDisputed |= sender.HasIsn && !isKnown;
        sender.Isn = info.TcpSequence;
        sender.HasIsn = true;
        if (isKnown)
            return;

        // A SYN tells where numbers begin, whatever was made of earlier segments. A SYN that opens again revives what a forged RST had
        // closed.
        sender.HasNext = sender.HasNext && TcpSequence.Distance(info.TcpSequence, sender.Next) is > 0 and <= TcpSequence.Near;
        sender.SentFin = sender.SentFin && sender.HasNext;
        flow.IsClosed = sender.SentRst = false;
    }

    private static void UpdateSequence(Flow flow, ref TcpEndpoint sender, in TcpEndpoint receiver, in PacketInfo info)
    {
        uint length = (uint)info.PayloadWireLength + Bit(info.TcpFlags, TcpFlags.Syn) + Bit(info.TcpFlags, TcpFlags.Fin);
        uint end = info.TcpSequence + length;
        if (!sender.HasNext)
        {
            sender.Next = end;
            sender.HasNext = true;
            return;
        }

        if (length == 0)
            return;
        int progress = TcpSequence.Distance(sender.Next, end);
        if (progress is > 0 and <= TcpSequence.Near)
        {
            if (TcpSequence.Distance(sender.Next, info.TcpSequence) > 0)
            {
                sender.HasHole = true;
                flow.HoleOf(info.FromA) = new TcpHole(sender.Next, Microseconds(flow, in info));
            }

            sender.Next = end;
            // New data from the end that had sent a RST: it was forged. Data of the other end may just have been under way.
            if (info.PayloadWireLength > 0 && sender.SentRst && !(sender.SentFin && receiver.SentFin))
                flow.IsClosed = sender.SentRst = false;
        }
        else if (progress is <= 0 and >= -TcpSequence.Near)
        {
            if (!IsRetransmission(flow, in sender, in info))
                return;
            flow.Retransmissions++;
            if (!info.FromA)
                flow.RetransmissionsZA++;
        }
        else if (receiver.HasAcknowledged && TcpSequence.IsNear(receiver.Acknowledged, info.TcpSequence))
        {
            sender.Next = end; // the receiver agrees: much was lost, or the number before was wrong
        }
    }

    private static bool IsRetransmission(Flow flow, in TcpEndpoint sender, in PacketInfo info)
    {
        bool isProbe =
            info.PayloadWireLength <= 1 && info.TcpSequence == sender.Next - 1 && (info.TcpFlags & (TcpFlags.Syn | TcpFlags.Fin)) == 0;
        if (isProbe)
            return false; // keep-alive (RFC 9293, section 3.8.4)
        if (!sender.HasHole)
            return true;
        TcpHole hole = flow.HoleOf(info.FromA);
        bool fillsHole = TcpSequence.Distance(hole.Start, info.TcpSequence) >= 0;
        return !fillsHole || Microseconds(flow, in info) - hole.Microseconds > ReorderMicroseconds;
    }

    private static void CompleteHandshake(Flow flow, in TcpEndpoint receiver, in PacketInfo info)
    {
        if (!receiver.SentSynAck || (flow.State & FlowState.SeenSynAckAck) != 0)
            return;
        if (TcpSequence.Distance(receiver.Isn, info.TcpAcknowledgment) is <= 0 or > TcpSequence.Near)
            return;
        flow.State |= FlowState.SeenSynAckAck;
        if ((flow.State & FlowState.SeenSyn) == 0)
            return;
        int elapsed = (int)(Microseconds(flow, in info) - flow.SynMicroseconds);
        if (elapsed >= 0)
            flow.SetupRttMicroseconds = Math.Max(1, elapsed); // 0 would say "unknown"
    }

    /// <summary>A RST counts if its sequence number is near what the sender sent, or if it acknowledges what the other end sent
    /// (RFC 9293, section 3.10.7.3: how a SYN is refused). One far outside is an attempt to end our view, not the connection.</summary>
    private static bool IsCredibleReset(in TcpEndpoint sender, in TcpEndpoint receiver, in PacketInfo info)
    {
        if (sender.HasNext)
            return TcpSequence.IsNear(sender.Next, info.TcpSequence);
        if (receiver.HasAcknowledged)
            return TcpSequence.IsNear(receiver.Acknowledged, info.TcpSequence);
        if ((info.TcpFlags & TcpFlags.Ack) != 0 && receiver.HasNext)
            return TcpSequence.IsNear(receiver.Next, info.TcpAcknowledgment);
        return true; // nothing to hold it against
    }

    // Microseconds since the flow began, modulo 2^32 (71 minutes): only differences of neighbouring events are taken.
    private static uint Microseconds(Flow flow, in PacketInfo info) => (uint)((info.TimestampNs - flow.FirstNs) / 1000);

    private static uint Bit(TcpFlags flags, TcpFlags bit) => (flags & bit) != 0 ? 1u : 0u;
}
