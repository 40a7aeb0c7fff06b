namespace Spillway.Net.Packets;

// Tunnels: GRE, and those over UDP. The flow of the tunnel itself is set already; what cannot be looked into stays its payload.
internal ref partial struct PacketWalk
{
    private const ushort VxlanPort = 4789;
    private const ushort GenevePort = 6081;
    private const ushort GtpUserPort = 2152;
    private const ushort TeredoPort = 3544;
    private const ushort EtherTypeErspan = 0x88be;
    private const ushort EtherTypeErspan3 = 0x22eb;

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
            return type != EtherTypePpp ? Leaf(ProtocolId.Gre) : Available == length ? Leaf(ProtocolId.Gre) : Ppp(ProtocolId.Gre, length);
        if (type is EtherTypeErspan or EtherTypeErspan3)
            return Erspan(length, type, hasHeader: type == EtherTypeErspan3 || (flags & hasSequence) != 0);
        _etherType = type;
        return Take(ProtocolId.Gre, length) ? Step.EtherType : Step.Done;
    }

    // ERSPAN type I has no header of its own, II has 8 bytes, III has 12 and perhaps 8 more.
    private Step Erspan(int length, ushort type, bool hasHeader)
    {
        int header = !hasHeader ? 0 : type == EtherTypeErspan ? 8 : 12;
        if (length + header > Available)
            return Fail(DecodeError.Truncated);
        if (header == 12 && (_data[_offset + length + 11] & 1) != 0)
            header += 8;
        if (length + header > Available)
            return Fail(DecodeError.Truncated);
        return Take(ProtocolId.Gre, length + header) ? Step.Ethernet : Step.Done;
    }

    private Step UdpTunnel()
    {
        ushort source = UInt16(_offset - UdpHeader);
        ushort destination = UInt16(_offset - UdpHeader + 2);

        // One look at each port for the traffic that is no tunnel.
        ushort known = IsTunnelPort(destination) ? destination : IsTunnelPort(source) ? source : (ushort)0;
        return known switch
        {
            VxlanPort => Vxlan(),
            GenevePort => Geneve(),
            GtpUserPort => GtpUser(),
            TeredoPort => Teredo(),
            _ => Step.Done,
        };
    }

    private static bool IsTunnelPort(ushort port) => port is VxlanPort or GenevePort or GtpUserPort or TeredoPort;

    // RFC 7348: the flag that the network identifier is valid, and reserved bytes that are zero.
    private Step Vxlan()
    {
        const int header = 8;
        if (Available < header + EthernetHeader || (UInt32(_offset) & 0x08ffffff) != 0x08000000)
            return Step.Done;
        return Take(ProtocolId.Vxlan, header) ? Step.Ethernet : Step.Done;
    }

    // RFC 8926: version 0, options in units of 4 bytes.
    private Step Geneve()
    {
        const int header = 8;
        if (Available < header || _data[_offset] >> 6 != 0)
            return Step.Done;
        int length = header + ((_data[_offset] & 0x3f) * 4);
        ushort type = UInt16(_offset + 2);
        bool isControl = (_data[_offset + 1] & 0x80) != 0;
        if (isControl || length > Available || type is not (EtherTypeBridging or EtherTypeIpv4 or EtherTypeIpv6 or EtherTypeMpls))
            return Step.Done;
        _etherType = type;
        return Take(ProtocolId.Geneve, length) ? Step.EtherType : Step.Done;
    }

    // 3GPP TS 29.281, section 5: only G-PDU carries a user's packet. Each extension header ends with the type of the next.
    private Step GtpUser()
    {
        const int header = 8;
        const byte userData = 255;
        if (Available < header + Ipv4Header || (_data[_offset] & 0xf0) != 0x30 || _data[_offset + 1] != userData)
            return Step.Done;
        if (UInt16(_offset + 2) > _wireEnd - _offset - header)
            return Step.Done;
        int length = header;
        if ((_data[_offset] & 0x07) != 0)
        {
            length += 4;
            if (length > Available)
                return Step.Done;
            byte next = (_data[_offset] & 0x04) != 0 ? _data[_offset + length - 1] : (byte)0;
            while (next != 0)
            {
                if (length >= Available)
                    return Step.Done;
                int extension = _data[_offset + length] * 4;
                if (extension == 0 || length + extension > Available)
                    return Step.Done;
                length += extension;
                next = _data[_offset + length - 1];
            }
        }

        if (length >= Available || _data[_offset + length] >> 4 is not (4 or 6))
            return Step.Done;
        return Take(ProtocolId.GtpU, length) ? Step.IpByVersion : Step.Done;
    }

    // RFC 4380, section 5.1.1: an IPv6 packet, perhaps behind an authentication header or an origin indication. It counts to the UDP layer.
    private Step Teredo()
    {
        int at = _offset;
        if (_end - at >= 4 && UInt16(at) == 1)
            at += 4 + _data[at + 2] + _data[at + 3] + 9;
        if (_end - at >= 8 && UInt16(at) == 0)
            at += 8;
        if (_end - at < Ipv6Header || _data[at] >> 4 != 6 || UInt16(at + 4) != _wireEnd - at - Ipv6Header)
            return Step.Done;
        _offset = at;
        return Step.Ipv6;
    }
}
