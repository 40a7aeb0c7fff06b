using Spillway.Net.Packets;

namespace Spillway.Net.Flows;

// What a SYN means for a flow that is there already. One packet that anybody can forge must neither end our view of a connection nor move
// it to other numbers; a connection that really begins anew is answered by its other end.
internal static partial class TcpTracker
{
    /// <summary>Decides whether a segment belongs to the connection of <paramref name="flow"/>. Call it for segments with SYN, and for all
    /// of a flow that has a <see cref="TcpPendingSyn"/>.</summary>
    public static TcpSynVerdict Judge(Flow flow, in PacketInfo info)
    {
        if (flow.PendingSyn is { } pending)
        {
            if (IsObeyed(flow, pending, in info))
            {
                Obey(flow, pending);
                return TcpSynVerdict.Belongs;
            }

            if (IsAnswered(flow, pending, in info))
                return TcpSynVerdict.BeginsAnother;
            if (pending.FromA == info.FromA && pending.Sequence == info.TcpSequence && (info.TcpFlags & TcpFlags.Syn) != 0)
                return TcpSynVerdict.Doubtful;
        }

        return (info.TcpFlags & TcpFlags.Syn) != 0 ? JudgeSyn(flow, in info) : TcpSynVerdict.Belongs;
    }

    private static TcpSynVerdict JudgeSyn(Flow flow, in PacketInfo info)
    {
        ref TcpEndpoint sender = ref info.FromA ? ref flow.EndA : ref flow.EndZ;
        ref TcpEndpoint receiver = ref info.FromA ? ref flow.EndZ : ref flow.EndA;
        if (sender.HasIsn && sender.Isn == info.TcpSequence)
            return TcpSynVerdict.Belongs; // retransmitted

        bool hasSentData = (info.FromA ? flow.PayloadAZ : flow.PayloadZA) > 0;
        bool isSynAck = (info.TcpFlags & TcpFlags.Ack) != 0;
        bool answersKnownSyn = isSynAck && receiver.HasIsn && info.TcpAcknowledgment == receiver.Isn + 1;
        if (isSynAck)
        {
            // An answer to the SYN we know belongs here, even after a RST (which then was none that the ends obeyed).
            if (flow.IsClosed && !answersKnownSyn)
                return TcpSynVerdict.BeginsAnother;
        }
        else
        {
            // The answers to this SYN were captured first, perhaps up to their end: the other direction comes late.
            bool isLate =
                !sender.HasNext
                && receiver.HasAcknowledged
                && TcpSequence.Distance(info.TcpSequence, receiver.Acknowledged) is > 0 and <= TcpSequence.Near;
            if (isLate)
                return TcpSynVerdict.Belongs;
            if (flow.IsClosed || sender.SentFin || receiver.SentFin)
                return TcpSynVerdict.BeginsAnother;
            bool isAcknowledged = receiver.HasAcknowledged && receiver.Acknowledged == info.TcpSequence + 1;
            if (isAcknowledged && !hasSentData)
                return TcpSynVerdict.Belongs; // its SYN-ACK was captured first
        }

        if (!sender.HasNext)
            return TcpSynVerdict.Belongs; // simultaneous open, or the other direction was not captured
        if (!sender.HasIsn && TcpSequence.Distance(info.TcpSequence, sender.Next) is > 0 and <= TcpSequence.Near)
            return TcpSynVerdict.Belongs; // overtaken
        if (receiver.HasAcknowledged && TcpSequence.IsNear(receiver.Acknowledged, sender.Next))
            return TcpSynVerdict.Doubtful;
        if (!isSynAck && !TcpSequence.IsNear(sender.Next, info.TcpSequence))
            return TcpSynVerdict.BeginsAnother;
        return hasSentData && !answersKnownSyn ? TcpSynVerdict.Doubtful : TcpSynVerdict.Belongs;
    }

    /// <summary>
    /// A SYN-ACK that names the SYN's number is an answer. What else would be one must not fit the old connection as well.
    /// </summary>
    private static bool IsAnswered(Flow flow, TcpPendingSyn pending, in PacketInfo info)
    {
        ref TcpEndpoint sender = ref pending.FromA ? ref flow.EndA : ref flow.EndZ;
        uint first = pending.Sequence + 1;
        bool isSyn = (info.TcpFlags & TcpFlags.Syn) != 0;
        if (pending.FromA == info.FromA)
            return !isSyn && info.TcpSequence == first && !Fits(flow, in sender, first);
        if ((info.TcpFlags & TcpFlags.Ack) == 0 || (info.TcpFlags & TcpFlags.Rst) != 0 || info.TcpAcknowledgment != first)
            return false;
        return isSyn || !Fits(flow, in sender, first);
    }

    /// <summary>
    /// Whether the client goes on with the numbers of a second SYN-ACK, before any byte of the first one's: the connection is the same.
    /// </summary>
    private static bool IsObeyed(Flow flow, TcpPendingSyn pending, in PacketInfo info)
    {
        const TcpFlags flags = TcpFlags.Syn | TcpFlags.Rst | TcpFlags.Ack;
        bool acknowledges =
            pending.IsSynAck
            && pending.FromA != info.FromA
            && (info.TcpFlags & flags) == TcpFlags.Ack
            && info.TcpAcknowledgment == pending.Sequence + 1;
        ref readonly TcpEndpoint client = ref info.FromA ? ref flow.EndA : ref flow.EndZ;
        return acknowledges && (info.FromA ? flow.PayloadZA : flow.PayloadAZ) == 0 && Fits(flow, in client, info.TcpSequence);
    }

    private static void Obey(Flow flow, TcpPendingSyn pending)
    {
        ref TcpEndpoint server = ref pending.FromA ? ref flow.EndA : ref flow.EndZ;
        server.Isn = pending.Sequence;
        server.Next = pending.Sequence + 1;
        server.HasIsn = server.HasNext = true;
        server.IsDisputed = false;
        FoldPending(flow);
    }

    // Without an answer of the other end a number that is only a little ahead is the old connection's next one, or a loss away from it.
    private static bool Fits(Flow flow, in TcpEndpoint sender, uint sequence)
    {
        const int window = 1 << 15;
        bool isOneSided = flow.PacketsAZ == 0 || flow.PacketsZA == 0;
        int near = isOneSided ? window : TcpSequence.Near;
        return TcpSequence.Distance(sender.Next, sequence) >= -near && TcpSequence.Distance(sender.Next, sequence) <= near;
    }

    /// <summary>Keeps a doubtful SYN out of the flow until it is known which connection it belongs to.</summary>
    public static void SetAside(Flow flow, in PacketInfo info)
    {
        TcpPendingSyn pending = flow.PendingSyn ??= new TcpPendingSyn();
        if (pending.Packets == 0 || pending.FromA != info.FromA || pending.Sequence != info.TcpSequence)
        {
            Count(flow, pending);
            pending.Begin(in info);
        }

        pending.Packets++;
        pending.Bytes += info.WireLength;
    }

    /// <summary>Counts a SYN that nobody answered in the flow in which it was sent.</summary>
    public static void FoldPending(Flow flow)
    {
        if (flow.PendingSyn is not { } pending)
            return;
        flow.PendingSyn = null;
        Count(flow, pending);
    }

    /// <summary>Begins a flow with the SYN that was set aside in the flow before it.</summary>
    public static void Adopt(Flow flow, TcpPendingSyn pending)
    {
        Count(flow, pending);
        flow.Events.TakeSyn(pending.IsSynAck, pending.FromA);
        ref TcpEndpoint sender = ref pending.FromA ? ref flow.EndA : ref flow.EndZ;
        sender.Isn = pending.Sequence;
        sender.Next = pending.Sequence + 1;
        sender.HasIsn = sender.HasNext = true;
        sender.SentSynAck = pending.IsSynAck;
        flow.State |= pending.IsSynAck ? FlowState.SeenSynAck : FlowState.SeenSyn;
        flow.ClientIsA = pending.FromA != pending.IsSynAck;
        flow.State =
            (flow.State & ~(FlowState.AEndServer | FlowState.ZEndServer)) | (flow.ClientIsA ? FlowState.ZEndServer : FlowState.AEndServer);
    }

    private static void Count(Flow flow, TcpPendingSyn pending)
    {
        if (pending.FromA)
        {
            flow.PacketsAZ += pending.Packets;
            flow.BytesAZ += pending.Bytes;
        }
        else
        {
            flow.PacketsZA += pending.Packets;
            flow.BytesZA += pending.Bytes;
        }
    }

    // The other end knows which of the SYNs it has got. Once bytes were sent, what it acknowledges may be one of them.
    private static void ResolveDispute(Flow flow, ref TcpEndpoint receiver, in PacketInfo info)
    {
        receiver.IsDisputed = false;
        if ((info.FromA ? flow.PayloadZA : flow.PayloadAZ) > 0)
            return;
        receiver.Isn = info.TcpAcknowledgment - 1;
        receiver.Next = info.TcpAcknowledgment;
        receiver.HasNext = true;
    }
}

/// <summary>What a segment with SYN, or one that may answer it, is to a flow.</summary>
internal enum TcpSynVerdict
{
    /// <summary>It belongs to the connection.</summary>
    Belongs,

    /// <summary>It contradicts the connection; only an answer to it would show that it is not forged.</summary>
    Doubtful,

    /// <summary>A new connection uses the addresses and ports.</summary>
    BeginsAnother,
}

/// <summary>A SYN that contradicts an open connection, with its repetitions: counted where it belongs once that is known.</summary>
internal sealed class TcpPendingSyn
{
    public bool FromA { get; private set; }
    public bool IsSynAck { get; private set; }
    public uint Sequence { get; private set; }
    public long TimestampNs { get; private set; }
    public int Packets { get; set; }
    public long Bytes { get; set; }

    public void Begin(in PacketInfo info)
    {
        FromA = info.FromA;
        IsSynAck = (info.TcpFlags & TcpFlags.Ack) != 0;
        Sequence = info.TcpSequence;
        TimestampNs = info.TimestampNs;
        Packets = 0;
        Bytes = 0;
    }
}
