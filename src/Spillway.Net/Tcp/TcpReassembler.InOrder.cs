using Spillway.Net.Flows;
using Spillway.Net.Packets;

namespace Spillway.Net.Tcp;

// Connections that need no state here, nearly all of them: each byte so far came in order, from the SYN on, and no end has come. Then a
// stream begins at TcpEndpoint.Origin and stands at the payload that the flow has counted. Whatever breaks that begins a TcpConnection.
public sealed partial class TcpReassembler<THandler>
{
    /// <summary>
    /// Takes a segment if all is in order with it and was before. False if it needs a <see cref="TcpConnection"/>, and then nothing has
    /// changed.
    /// </summary>
    private bool TakeInOrder(Flow flow, in PacketInfo info, ReadOnlySpan<byte> payload)
    {
        ref TcpEndpoint sender = ref info.FromA ? ref flow.EndA : ref flow.EndZ;
        TcpFlags flags = info.TcpFlags;
        int length = Math.Max(info.PayloadWireLength, payload.Length);
        if ((flags & (TcpFlags.Syn | TcpFlags.Fin | TcpFlags.Rst)) != 0)
        {
            // A RST carries no stream data. Bytes in a SYN, or behind a second SYN that contradicts the first, are not worth a way of their
            // own.
            if (length > 0 || (flags & (TcpFlags.Fin | TcpFlags.Rst)) == TcpFlags.Fin)
                return false;
            if ((flags & TcpFlags.Rst) != 0)
                return true;
            if (sender.HasOrigin && sender.Origin != info.TcpSequence + 1)
                return false;
            // An answer to a SYN that was not seen: it is on its way, or this direction alone is captured.
            if ((flags & TcpFlags.Ack) != 0 && ExpectsUnseen && !(info.FromA ? flow.EndZ : flow.EndA).HasNext)
                return false;
        }

        if ((flags & TcpFlags.Ack) != 0 && AcknowledgesUnseen(flow, !info.FromA, info.TcpAcknowledgment))
            return false;
        return length == 0 || DeliverInOrder(flow, ref sender, in info, payload);
    }

    /// <summary>Whether an end acknowledges more than the other has sent in order.</summary>
    private static bool AcknowledgesUnseen(Flow flow, bool senderIsA, uint acknowledgment)
    {
        ref readonly TcpEndpoint sender = ref senderIsA ? ref flow.EndA : ref flow.EndZ;
        if (sender.HasOrigin)
            return TcpSequence.Distance(sender.Origin + (uint)(senderIsA ? flow.PayloadAZ : flow.PayloadZA), acknowledgment) > 0;
        return sender.HasIsn && acknowledgment != sender.Isn + 1;
    }

    private bool DeliverInOrder(Flow flow, ref TcpEndpoint sender, in PacketInfo info, ReadOnlySpan<byte> payload)
    {
        // The flow has counted this segment already.
        long offset = (info.FromA ? flow.PayloadAZ : flow.PayloadZA) - payload.Length;
        uint origin = sender.HasOrigin ? sender.Origin : sender.Isn + 1;
        bool isNext = payload.Length == info.PayloadWireLength && info.TcpSequence == origin + (uint)offset;
        if (!isNext || !(sender.HasOrigin || (sender.HasIsn && offset == 0)))
            return false;

        // What this acknowledges is where the other stream begins, if its beginning is missing: to be kept.
        ref readonly TcpEndpoint opposite = ref info.FromA ? ref flow.EndZ : ref flow.EndA;
        if (!opposite.HasOrigin && !opposite.HasIsn && ExpectsUnseen)
            return false;
        if (offset == 0)
        {
            if (!HasBegun(flow))
                Statistics.Connections++;
            sender.Origin = origin;
            sender.HasOrigin = true;
        }

        Statistics.Segments++;
        Statistics.BytesDelivered += payload.Length;
        _handler.OnData(flow, flow.DirectionOf(info.FromA), offset, AcknowledgedInOrder(flow, in info), payload);
        if (!flow.WantsReassembly)
            Release(flow);
        return true;
    }

    /// <summary>
    /// The offset that a segment acknowledges in the other direction, where all is in order and nothing unseen is acknowledged.
    /// </summary>
    private static long AcknowledgedInOrder(Flow flow, in PacketInfo info)
    {
        if ((info.TcpFlags & TcpFlags.Ack) == 0)
            return -1;
        ref readonly TcpEndpoint opposite = ref info.FromA ? ref flow.EndZ : ref flow.EndA;
        if (!opposite.HasOrigin)
            return opposite.HasIsn ? 0 : -1;
        long delivered = info.FromA ? flow.PayloadZA : flow.PayloadAZ;
        return Math.Max(-1, delivered + TcpSequence.Distance(opposite.Origin + (uint)delivered, info.TcpAcknowledgment));
    }

    private static bool HasBegun(Flow flow) => flow.EndA.HasOrigin || flow.EndZ.HasOrigin;
}
