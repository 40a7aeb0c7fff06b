namespace Spillway.Net.Packets;

// Tunnels: GRE and others straight over IP, and what those over UDP carry. The flow of the tunnel itself is set already; what cannot be
// looked into stays its payload.
internal ref partial struct PacketWalk
{
    private const ushort EtherTypeErspan = 0x88be;
    private const ushort EtherTypeErspan3 = 0x22eb;
    private const ushort EtherTypeWccp = 0x883e;

    // RFC 2784 and 2890 (version 0); RFC 2637 (version 1, PPTP).
    private Step Gre()
    {
        const ushort hasChecksum = 0x8000;
        const ushort hasRouting = 0x4000;
        const ushort hasKey = 0x2000;
        const ushort hasSequence = 0x1000;
        const ushort hasAcknowledgment = 0x0080;
        if (Available < 4)
            return Fail(DecodeError.Truncated);
        ushort flags = UInt16(_offset);
        ushort type = UInt16(_offset + 2);
        int version = flags & 7;
        if (version > 1)
            return Fail(DecodeError.BadVersion);

        int length = 4;
        if ((flags & (hasChecksum | hasRouting)) != 0)
            length += 4;
        if ((flags & hasKey) != 0)
            length += 4;
        if ((flags & hasSequence) != 0)
            length += 4;
        if (version == 1 && (flags & hasAcknowledgment) != 0)
            length += 4;
        if (length > Available)
            return Fail(DecodeError.Truncated);
        if ((flags & hasRouting) != 0)
            return Leaf(ProtocolId.Gre); // source routes of RFC 1701, which nobody uses

        if (version == 1 || type == EtherTypePpp)
            return type != EtherTypePpp ? Leaf(ProtocolId.Gre)
                : Available == length ? Leaf(ProtocolId.Gre)
                : Ppp(ProtocolId.Gre, length);
        if (type is EtherTypeErspan or EtherTypeErspan3)
            return Erspan(length, type, hasHeader: type == EtherTypeErspan3 || (flags & hasSequence) != 0);
        if (type == EtherTypeWccp)
            return Wccp(length);
        _etherType = type;
        return Take(ProtocolId.Gre, length) ? Step.EtherType : Step.Done;
    }

    // Version 1 carries IPv4; version 2 has a redirect header of 4 bytes before it, whose first bits are none of an IPv4 header.
    private Step Wccp(int length)
    {
        if (Available > length && _data[_offset + length] >> 4 != 4)
            length += 4;
        if (length > Available)
            return Fail(DecodeError.Truncated);
        return Take(ProtocolId.Gre, length) ? Step.Ipv4 : Step.Done;
    }

    // ERSPAN type I has no header of its own, II has 8 bytes, III has 12 and perhaps 8 more.
    private Step Erspan(int length, ushort type, bool hasHeader)
    {
        int header =
            !hasHeader ? 0
            : type == EtherTypeErspan ? 8
            : 12;
        if (length + header > Available)
            return Fail(DecodeError.Truncated);
        if (header == 12 && (_data[_offset + length + 11] & 1) != 0)
            header += 8;
        if (length + header > Available)
            return Fail(DecodeError.Truncated);
        return Take(ProtocolId.Gre, length + header) ? Step.Ethernet : Step.Done;
    }

    // RFC 3378: version 3 in the upper bits; the rest is reserved.
    private Step EtherIp()
    {
        const int header = 2;
        if (Available < header)
            return Fail(DecodeError.Truncated);
        if (_data[_offset] >> 4 != 3)
            return Fail(DecodeError.BadVersion);
        return Take(ProtocolId.EtherIp, header) ? Step.Ethernet : Step.Done;
    }
}
