namespace Spillway.Net.Packets;

// L2TP version 3 (RFC 3931). What a session carries, and how long its cookie is, was agreed by control messages long before. So the packet
// itself must show it: where an Ethernet frame begins that carries a sound IP header or ARP, or PPP with such a header.
internal ref partial struct PacketWalk
{
    // Behind the session id: no cookie or one of 4 or 8 bytes, with or without a sublayer of 4.
    private const int L2tp3Session = 4;
    private const int L2tp3Behind = 12;

    /// <param name="before">Bytes in front of the session id: 4 over UDP, none over IP.</param>
    private Step L2tp3(int before)
    {
        int header = before + L2tp3Session;
        if (Available < header || (before == 0 && UInt32(_offset) == 0)) // session 0 is control
            return Step.Done;
        for (int behind = 0; behind <= L2tp3Behind; behind += 4)
        {
            int at = header + behind;
            if (IsFrameWithin(_offset + at))
                return Take(ProtocolId.L2tp, at) ? Step.Ethernet : Step.Done;
            if (IsPppWithin(_offset + at))
                return Ppp(ProtocolId.L2tp, at);
        }

        return Opaque(OpaqueKind.L2tp, 3);
    }

    private readonly bool IsFrameWithin(int at)
    {
        int typeAt = at + 12;
        while (typeAt + 2 <= _end)
        {
            ushort type = UInt16(typeAt);
            switch (type)
            {
                case EtherTypeVlan or EtherTypeProviderBridging when typeAt + 2 + VlanHeader <= _end && typeAt < at + 12 + (2 * VlanHeader):
                    typeAt += VlanHeader;
                    continue;
                case EtherTypeArp:
                    return typeAt + 10 <= _end && UInt32(typeAt + 2) == 0x00010800 && UInt16(typeAt + 6) == 0x0604;
                case EtherTypeIpv4:
                    return IsSoundIpv4(typeAt + 2);
                case EtherTypeIpv6:
                    return IsSoundIpv6(typeAt + 2);
                default:
                    return false;
            }
        }

        return false;
    }

    private readonly bool IsPppWithin(int at)
    {
        const ushort allStations = 0xff03;
        if (at + 4 > _end || UInt16(at) != allStations)
            return false;
        return UInt16(at + 2) switch
        {
            0x0021 => IsSoundIpv4(at + 4),
            0x0057 => IsSoundIpv6(at + 4),
            _ => false,
        };
    }

    private readonly bool IsSoundIpv4(int at)
    {
        if (at + Ipv4Header > _end || _data[at] >> 4 != 4)
            return false;
        int header = (_data[at] & 0x0f) * 4,
            total = UInt16(at + 2);
        return header >= Ipv4Header
            && at + header <= _end
            && total >= header
            && total <= _wireEnd - at
            && InternetChecksum.Fold(InternetChecksum.Add(0, _data.Slice(at, header))) == InternetChecksum.Right;
    }

    private readonly bool IsSoundIpv6(int at) =>
        at + Ipv6Header <= _end && _data[at] >> 4 == 6 && UInt16(at + 4) <= _wireEnd - at - Ipv6Header && _data[at + 7] > 0;
}
