namespace Spillway.Net.Packets;

// Tunnels that a UDP port tells. The flow of the tunnel itself is set already; what cannot be looked into stays its payload.
internal ref partial struct PacketWalk
{
    private const ushort L2tpPort = 1701;
    private const ushort GtpUserPort = 2152;
    private const ushort TeredoPort = 3544;
    private const ushort GrePort = 4754;
    private const ushort GreDtlsPort = 4755;
    private const ushort VxlanPort = 4789;
    private const ushort VxlanGpePort = 4790;
    private const ushort AyiyaPort = 5072;
    private const ushort GenevePort = 6081;
    private const ushort MplsPort = 6635;
    private const ushort VxlanOldPort = 8472;

    private Step UdpTunnel()
    {
        ushort source = UInt16(_offset - UdpHeader);
        ushort destination = UInt16(_offset - UdpHeader + 2);

        // One look at each port for the traffic that is no tunnel.
        ushort known =
            IsTunnelPort(destination) ? destination
            : IsTunnelPort(source) ? source
            : (ushort)0;
        if (known == 0)
            return Step.Done;
        return known switch
        {
            VxlanPort => Vxlan(),
            GenevePort => Geneve(),
            GtpUserPort => GtpUser(),
            TeredoPort => Teredo(),
            AyiyaPort => Ayiya(),
            L2tpPort => L2tp(),

            // These send to the port whichever end they are: a client may have it by chance.
            _ when destination != known => Step.Done,
            VxlanGpePort => VxlanGpe(),
            VxlanOldPort => LooksLikeFrame(8) ? Vxlan() : Step.Done,
            GrePort or GreDtlsPort => GreInUdp(),
            MplsPort => Mpls(),
            _ => Step.Done,
        };
    }

    internal static bool IsTunnelPort(ushort port) =>
        port
            is L2tpPort
                or GtpUserPort
                or TeredoPort
                or AyiyaPort
                or GrePort
                or GreDtlsPort
                or VxlanPort
                or VxlanGpePort
                or GenevePort
                or MplsPort
                or VxlanOldPort;

    // RFC 7348, section 5: the flag that the network identifier is valid; all other bits are ignored on receipt, so that extensions (a
    // group policy, say) pass.
    private Step Vxlan()
    {
        const int header = 8;
        if (Available < header + EthernetHeader || (_data[_offset] & 0x08) == 0)
            return Step.Done;
        return Take(ProtocolId.Vxlan, header) ? Step.Ethernet : Step.Done;
    }

    // draft-ietf-nvo3-vxlan-gpe-13: version 0; the next protocol counts if its flag says so.
    private Step VxlanGpe()
    {
        const int header = 8;
        const byte version = 0x30;
        const byte hasIdentifier = 0x08;
        const byte hasNextProtocol = 0x04;
        const byte ethernet = 3;
        if (Available < header)
            return Step.Done;
        byte flags = _data[_offset];
        if ((flags & version) != 0 || (flags & (hasIdentifier | hasNextProtocol)) == 0)
            return Step.Done;
        byte next = (flags & hasNextProtocol) != 0 ? _data[_offset + 3] : ethernet;
        return Take(ProtocolId.Vxlan, header) ? NextProtocol(OpaqueKind.VxlanGpe, next) : Step.Done;
    }

    // The Linux kernel's port for VXLAN before it had one of its own; others use it too, so that the frame inside must look like one.
    private readonly bool LooksLikeFrame(int header)
    {
        if (Available < header + EthernetHeader)
            return false;
        ushort type = UInt16(_offset + header + 12);
        return type
            is < EtherTypeMinimum
                or EtherTypeIpv4
                or EtherTypeIpv6
                or EtherTypeArp
                or EtherTypeVlan
                or EtherTypeProviderBridging
                or EtherTypeMpls
                or EtherTypeMplsMulticast
                or EtherTypePppoeSession
                or EtherTypeNsh
                or 0x88cc;
    }

    // RFC 8086: GRE as over IP; to the second port under DTLS, whose records begin with what is no version of GRE.
    private Step GreInUdp()
    {
        if (Available < 4)
            return Step.Done;
        return (UInt16(_offset) & 7) == 0 ? Gre() : Opaque(OpaqueKind.GreDtls, 0);
    }

    // RFC 2661, section 3.1: data messages of version 2 carry PPP.
    private Step L2tp()
    {
        const ushort isControl = 0x8000;
        const ushort hasLength = 0x4000;
        const ushort hasSequence = 0x0800;
        const ushort hasOffset = 0x0200;
        if (Available < 6)
            return Step.Done;
        ushort flags = UInt16(_offset);
        int version = flags & 0x0f;
        if ((flags & isControl) != 0 || version is not (2 or 3))
            return Step.Done;
        if (version == 3)
            return L2tp3(4);
        int length = 6;
        if ((flags & hasLength) != 0)
            length += 2;
        if ((flags & hasSequence) != 0)
            length += 4;
        if ((flags & hasOffset) != 0)
        {
            if (length + 2 > Available)
                return Step.Done;
            length += 2 + UInt16(_offset + length);
        }

        return length + 2 > Available ? Step.Done : Ppp(ProtocolId.L2tp, length);
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
        if (isControl || length > Available)
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

    // draft-massar-v6ops-ayiya-02, section 4: lengths of identity and signature in units, a time, both of them; then the packet.
    private Step Ayiya()
    {
        const int header = 8;
        if (Available < header + Ipv6Header)
            return Step.Done;
        int identity = 1 << (_data[_offset] >> 4),
            signature = (_data[_offset + 1] >> 4) * 4,
            length = header + identity + signature;
        bool isForward = (_data[_offset + 2] & 0x0f) == 1;
        byte next = _data[_offset + 3];
        if (!isForward || length + Ipv6Header > Available || next != IpIpv6 || _data[_offset + length] >> 4 != 6)
            return Step.Done;
        return Take(ProtocolId.Ayiya, length) ? Step.Ipv6 : Step.Done;
    }
}
