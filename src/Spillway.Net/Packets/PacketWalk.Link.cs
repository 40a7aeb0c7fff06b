namespace Spillway.Net.Packets;

// Link layers. Whatever stands in Ethernet's place is reported as Ethernet, for scripts look for IP in layer 1.
internal ref partial struct PacketWalk
{
    private const int EthernetHeader = 14;
    private const int VlanHeader = 4;
    private const int MplsEntry = 4;

    private const ushort EtherTypeMinimum = 0x0600;
    private const ushort EtherTypeIpv4 = 0x0800;
    private const ushort EtherTypeArp = 0x0806;
    private const ushort EtherTypeBridging = 0x6558;
    private const ushort EtherTypeVlan = 0x8100;
    private const ushort EtherTypeIpv6 = 0x86dd;
    private const ushort EtherTypeMpls = 0x8847;
    private const ushort EtherTypeMplsMulticast = 0x8848;
    private const ushort EtherTypePpp = 0x880b;
    private const ushort EtherTypePppoeSession = 0x8864;
    private const ushort EtherTypeProviderBridging = 0x88a8;
    private const ushort EtherTypeOldDoubleTag = 0x9100;
    private const ushort EtherTypeOldDoubleTag2 = 0x9200;

    // Ethernet II, or IEEE 802.3 with LLC: told apart by the type field.
    private Step Ethernet()
    {
        if (Available < EthernetHeader)
            return Fail(DecodeError.Truncated);
        ushort type = UInt16(_offset + 12);
        if (type < EtherTypeMinimum)
            return LogicalLinkControl(_offset, EthernetHeader);
        NoteBroadcast();
        if (!Take(ProtocolId.Ethernet, EthernetHeader))
            return Step.Done;
        _etherType = type;
        return type switch
        {
            EtherTypeIpv4 => Step.Ipv4,
            EtherTypeIpv6 => Step.Ipv6,
            _ => Step.EtherType,
        };
    }

    private readonly void NoteBroadcast() => _info.IsBroadcast = UInt32(_offset) == uint.MaxValue && UInt16(_offset + 4) == ushort.MaxValue;

    private Step ByEtherType()
    {
        switch (_etherType)
        {
            case EtherTypeIpv4:
                return Step.Ipv4;
            case EtherTypeIpv6:
                return Step.Ipv6;
            case EtherTypeVlan or EtherTypeProviderBridging or EtherTypeOldDoubleTag or EtherTypeOldDoubleTag2:
                return Vlan();
            case EtherTypeMpls or EtherTypeMplsMulticast:
                return Mpls();
            case EtherTypePppoeSession:
                return PppoeSession();
            case EtherTypeArp:
                Opaque(OpaqueKind.EtherType, EtherTypeArp);
                return Leaf(ProtocolId.Arp);
            case EtherTypeBridging:
                return Step.Ethernet;
            default:
                return TagOrUnknown();
        }
    }

    // IEEE 802.1Q: tag control information, then the type of what follows.
    private Step Vlan()
    {
        if (Available < VlanHeader)
            return Fail(DecodeError.Truncated);
        if (_info.VlanPlusOne == 0)
            _info.VlanPlusOne = (ushort)((UInt16(_offset) & 0x0fff) + 1);
        ushort type = UInt16(_offset + 2);
        if (type < EtherTypeMinimum)
            return LogicalLinkControl(_offset, VlanHeader, ProtocolId.Vlan);
        _etherType = type;
        return Take(ProtocolId.Vlan, VlanHeader) ? Step.EtherType : Step.Done;
    }

    // IEEE 802.2 LLC, with SNAP or without. The layer that carries it takes its bytes.
    private Step LogicalLinkControl(int start, int header, ProtocolId protocol = ProtocolId.Ethernet)
    {
        const int llc = 3;
        const int snap = 8;
        int at = start + header;
        int left = _end - at;
        Step next = left >= llc ? Opaque(OpaqueKind.LlcSap, _data[at]) : Step.Done;
        if (left >= snap && _data[at] == 0xaa && _data[at + 1] == 0xaa && _data[at + 2] == 3)
        {
            uint organisation = UInt32(at + 2) & 0x00ffffff;
            header += snap;
            Opaque(OpaqueKind.Snap, ((ulong)organisation << 16) | UInt16(at + 6));
            if (organisation is 0 or 0x0000f8) // RFC 1042, and its bridge-tunnel twin
            {
                _etherType = UInt16(at + 6);
                next = Step.EtherType;
                Opaque(OpaqueKind.None, 0);
            }
        }
        else if (left >= llc && _data[at] == 0x06 && _data[at + 1] == 0x06)
        {
            header += llc;
            next = Step.Ipv4;
            Opaque(OpaqueKind.None, 0);
        }

        _offset = start;
        return Take(protocol, Math.Min(header, _end - start)) ? next : Step.Done;
    }

    // RFC 3032: label (20 bits), class, bottom of stack, time to live.
    private Step Mpls()
    {
        bool bottom;
        do
        {
            if (Available < MplsEntry)
                return Fail(DecodeError.Truncated);
            bottom = (_data[_offset + 2] & 1) != 0;
            if (!Take(ProtocolId.Mpls, MplsEntry))
                return Step.Done;
        } while (!bottom);

        // Nothing says what a label carries; everybody guesses by the first nibble (RFC 4928, section 3).
        if (Available < 1)
            return Fail(DecodeError.Truncated);
        switch (_data[_offset] >> 4)
        {
            case 4 when LooksLikeIpv4():
                return Step.Ipv4;
            case 6 when LooksLikeIpv6():
                return Step.Ipv6;
            case 0 when Available >= 4 + EthernetHeader:
                _offset += 4; // control word of a pseudowire (RFC 4448, section 4.6)
                return Step.Ethernet;
            case 1: // associated channel (RFC 5085): no user data
                return Step.Done;
            default:
                return Available >= EthernetHeader ? Step.Ethernet : Step.Done;
        }
    }

    // A frame of a pseudowire without control word may begin with a MAC address that looks like an IP version.
    private readonly bool LooksLikeIpv4()
    {
        if (Available < 20)
            return true;
        int total = UInt16(_offset + 2);
        return (_data[_offset] & 0x0f) >= 5 && (total == 0 || (total >= 20 && total <= _wireEnd - _offset));
    }

    private readonly bool LooksLikeIpv6() => Available < 40 || UInt16(_offset + 4) + 40 <= _wireEnd - _offset;
}
