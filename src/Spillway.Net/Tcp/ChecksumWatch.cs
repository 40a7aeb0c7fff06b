using Spillway.Net.Packets;

namespace Spillway.Net.Tcp;

/// <summary>What a wrong checksum means.</summary>
public enum ChecksumPolicy
{
    /// <summary>The receiver does not take the packet, and neither do we, unless (almost) all checksums of its sender are wrong: then the
    /// capture was made before the network card filled them in.</summary>
    Auto,

    /// <summary>The packet is not taken.</summary>
    Check,

    /// <summary>Checksums are not looked at.</summary>
    Ignore,
}

/// <summary>
/// Decides which packets of a lane are left out of their connections since their checksum is wrong. A segment that its receiver drops must
/// not replace the one that it takes. Used by one thread.
/// </summary>
/// <remarks>
/// Two things make sound packets look wrong. A system that leaves checksums to its network card is captured before they are filled in: all
/// of this sender's packets are wrong, so senders are remembered with what they sent. A card or kernel that joins received segments leaves
/// unfinished checksums in them: once a frame longer than any link's has shown that, unfinished checksums say nothing.
/// </remarks>
public sealed class ChecksumWatch(ChecksumPolicy policy)
{
    /// <summary>
    /// A sender whose wrong checksums are more than this many times its right ones has them filled in behind the capture.
    /// </summary>
    public const int WrongPerRight = 9;

    // 4096 rows of four senders, 256 KiB. In a full row the one that has sent the fewest right checksums makes room: a flood of forged
    // addresses does not displace those that are known to be sound.
    private const int Rows = 4096;
    private const int Ways = 4;
    private const int MaxFrame = 1522;
    private const int MaxJumboFrame = 9300;

    private readonly Sender[] _senders = new Sender[Rows * Ways];
    private bool _joinsSegments;

    /// <summary>Packets with a wrong or unfinished checksum.</summary>
    public long Wrong { get; private set; }

    /// <summary>Of these, packets that were left out.</summary>
    public long Refused { get; private set; }

    /// <summary>Whether a packet is not to be taken.</summary>
    /// <param name="info">What <see cref="PacketDecoder"/> made of it.</param>
    /// <param name="data">Its captured bytes.</param>
    /// <param name="isReassembled">Whether it was put together from fragments. No card can fill in the checksum of those: a right one says
    /// nothing about the sender's other packets.</param>
    public bool Refuses(in PacketInfo info, ReadOnlySpan<byte> data, bool isReassembled = false)
    {
        if (policy == ChecksumPolicy.Ignore)
            return false;
        ChecksumResult result = PacketChecksum.Check(in info, data);
        if (result == ChecksumResult.Unknown)
            return false;
        ref Sender sender = ref Find(info.FromA ? info.Key.AddressA : info.Key.AddressZ);
        if (result == ChecksumResult.Right)
        {
            if (!isReassembled && sender.Right < uint.MaxValue)
                sender.Right++;
            return false;
        }

        Wrong++;
        bool isRefused =
            policy == ChecksumPolicy.Check || (!IsJoined(result, info.Protocol == 17, info.WireLength) && IsUsedAgainst(ref sender));
        if (isRefused)
            Refused++;
        return isRefused;
    }

    // In UDP an unfinished one is offload, too: a datagram takes no other's place in a stream, so that there is little to gain by forging
    // it.
    private bool IsJoined(ChecksumResult result, bool isUdp, int wireLength)
    {
        if (result == ChecksumResult.Unfinished && wireLength > MaxFrame)
            _joinsSegments = true;
        return (result == ChecksumResult.Unfinished && (isUdp || _joinsSegments)) || wireLength > MaxJumboFrame;
    }

    private static bool IsUsedAgainst(ref Sender sender)
    {
        if (sender.Wrong < uint.MaxValue)
            sender.Wrong++;
        return sender.Wrong <= (ulong)sender.Right * WrongPerRight;
    }

    private ref Sender Find(UInt128 address)
    {
        ulong tag = WireHash.Of((ulong)address, (ulong)(address >> 64)) | 1; // 0 is a free place
        Span<Sender> row = _senders.AsSpan((int)(tag >> 52) * Ways, Ways);
        int least = 0;
        for (int i = 0; i < Ways; i++)
        {
            if (row[i].Tag == tag)
                return ref row[i];
            if (row[i].Right < row[least].Right)
                least = i;
        }

        row[least] = new Sender { Tag = tag };
        return ref row[least];
    }

    private struct Sender
    {
        public ulong Tag;
        public uint Right;
        public uint Wrong;
    }
}
