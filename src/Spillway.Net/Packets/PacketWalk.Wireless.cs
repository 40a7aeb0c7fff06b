using System.Buffers.Binary;

namespace Spillway.Net.Packets;

// IEEE 802.11 data frames. Radio header, 802.11 header and LLC together are the link layer that scripts see as Ethernet.
internal ref partial struct PacketWalk
{
    // https://www.radiotap.org: version, pad, length, presence words, fields; little-endian throughout.
    private Step Radiotap()
    {
        if (Available < 8)
            return Fail(DecodeError.Truncated);
        if (_data[0] != 0)
            return Fail(DecodeError.BadVersion);
        int length = BinaryPrimitives.ReadUInt16LittleEndian(_data[2..]);
        if (length < 8)
            return Fail(DecodeError.BadLength);
        if (length > _end)
            return Fail(DecodeError.Truncated);

        // A frame check sequence at the end may stay: IP says where its datagram ends.
        const byte headerIsPadded = 0x20;
        return Ieee80211(length, (RadiotapFlags(_data[..length]) & headerIsPadded) != 0);
    }

    private static byte RadiotapFlags(ReadOnlySpan<byte> header)
    {
        const uint timestampPresent = 1;
        const uint flagsPresent = 2;
        const uint moreWords = 0x80000000;
        uint present = BinaryPrimitives.ReadUInt32LittleEndian(header[4..]);
        if ((present & flagsPresent) == 0)
            return 0;
        int at = 8;
        for (uint word = present; (word & moreWords) != 0 && at + 4 <= header.Length; at += 4)
            word = BinaryPrimitives.ReadUInt32LittleEndian(header[at..]);
        if ((present & timestampPresent) != 0)
            at = ((at + 7) & ~7) + 8;
        return at < header.Length ? header[at] : (byte)0;
    }

    private Step Ieee80211(int start, bool padded = false)
    {
        const int threeAddresses = 24;
        const int addressLength = 6;
        if (_end - start < 2)
            return Fail(DecodeError.Truncated);
        byte control = _data[start];
        byte flags = _data[start + 1];
        bool isData = (control & 0x0c) == 0x08;
        bool hasNoData = (control & 0x40) != 0;
        bool isEncrypted = (flags & 0x40) != 0;
        if (!isData || hasNoData || isEncrypted)
        {
            // Management, control, or nothing that can be read.
            Opaque(
                OpaqueKind.Wireless,
                (ulong)(control >> 2 & 3) << 4 | (isData && hasNoData ? 0x20u : 0) | (isData && !hasNoData ? 0x40u : 0)
            );
            return Leaf(ProtocolId.Ethernet);
        }

        int header = threeAddresses;
        if ((flags & 0x03) == 0x03) // between access points
            header += addressLength;
        bool aggregate = false;
        if ((control & 0x80) != 0)
        {
            if (_end - start < header + 2)
                return Fail(DecodeError.Truncated);
            aggregate = (_data[start + header] & 0x80) != 0;
            header += 2;
            if ((flags & 0x80) != 0) // high-throughput control
                header += 4;
        }

        if (padded)
            header = (header + 3) & ~3;
        if (aggregate)
            header += (2 * addressLength) + 2; // only the first of the aggregated frames
        int fragment = _end - start >= threeAddresses ? _data[start + 22] & 0x0f : 0;
        if (_end - start < header)
            return Fail(DecodeError.Truncated);
        return fragment != 0 ? Leaf(ProtocolId.Ethernet) : LogicalLinkControl(0, start + header);
    }
}
