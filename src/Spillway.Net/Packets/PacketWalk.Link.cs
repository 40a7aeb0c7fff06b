using System.Buffers.Binary;
using Spillway.Net.Capture;

namespace Spillway.Net.Packets;

// Link layers. Whatever stands in Ethernet's place is reported as Ethernet, for scripts look for IP in layer 1.
internal ref partial struct PacketWalk
{
    private const int EthernetHeader = 14;
    private const int VlanHeader = 4;
    private const int MplsEntry = 4;
    private const int PppoeHeader = 6;

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

    private Step BeginOther(LinkType linkType)
    {
        switch (linkType)
        {
            case LinkType.Raw or LinkType.RawFile or LinkType.RawOpenBsd:
                return Step.IpByVersion;
            case LinkType.Ipv4:
                return Step.Ipv4;
            case LinkType.Ipv6:
                return Step.Ipv6;
            case LinkType.LinuxSll:
                return LinuxSll();
            case LinkType.LinuxSll2:
                return LinuxSll2();
            case LinkType.Null or LinkType.Loop:
                return BsdLoopback();
            case LinkType.Ppp or LinkType.PppSerial:
                return PppLink();
            case LinkType.PppEther:
                _etherType = EtherTypePppoeSession;
                return Step.EtherType;
            case LinkType.CiscoHdlc:
                return CiscoHdlc();
            case LinkType.Nflog:
                return Nflog();
            case LinkType.Ieee80211:
                return Ieee80211(0);
            case LinkType.Ieee80211Radiotap:
                return Radiotap();
            default:
                return Fail(DecodeError.UnknownLinkType);
        }
    }

    // Ethernet II, or IEEE 802.3 with LLC: told apart by the type field.
    private Step Ethernet()
    {
        if (Available < EthernetHeader)
            return Fail(DecodeError.Truncated);
        ushort type = UInt16(_offset + 12);
        if (type < EtherTypeMinimum)
            return LogicalLinkControl(_offset, EthernetHeader);
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

    private Step ByEtherType()
    {
        switch (_etherType)
        {
            case EtherTypeIpv4:
                return Step.Ipv4;
            case EtherTypeIpv6:
                return Step.Ipv6;
            case EtherTypeVlan or EtherTypeProviderBridging or EtherTypeOldDoubleTag:
                return Vlan();
            case EtherTypeMpls or EtherTypeMplsMulticast:
                return Mpls();
            case EtherTypePppoeSession:
                return PppoeSession();
            case EtherTypeArp:
                return Leaf(ProtocolId.Arp);
            case EtherTypeBridging:
                return Step.Ethernet;
            default:
                return Step.Done;
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
        Step next = Step.Done;
        if (left >= snap && _data[at] == 0xaa && _data[at + 1] == 0xaa && _data[at + 2] == 3)
        {
            uint organisation = UInt32(at + 2) & 0x00ffffff;
            header += snap;
            if (organisation is 0 or 0x0000f8) // RFC 1042, and its bridge-tunnel twin
            {
                _etherType = UInt16(at + 6);
                next = Step.EtherType;
            }
        }
        else if (left >= llc && _data[at] == 0x06 && _data[at + 1] == 0x06)
        {
            header += llc;
            next = Step.Ipv4;
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
        }
        while (!bottom);

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

    // RFC 2516: version and type, code 0, session, length; then PPP without its HDLC framing.
    private Step PppoeSession()
    {
        if (Available < PppoeHeader + 2)
            return Fail(DecodeError.Truncated);
        if (_data[_offset] != 0x11)
            return Fail(DecodeError.BadVersion);
        return Ppp(ProtocolId.Pppoe, PppoeHeader);
    }

    // RFC 1661: a protocol number of two bytes, or one if the field is compressed. The layer that carries PPP takes the bytes.
    private Step Ppp(ProtocolId carrier, int header)
    {
        int at = _offset + header;
        if (_end - at >= 2 && _data[at] == 0xff && _data[at + 1] == 0x03)
            at += 2;
        if (_end - at < 2)
            return Fail(DecodeError.Truncated);
        int protocol = _data[at];
        int size = 1;
        if ((protocol & 1) == 0)
        {
            protocol = (protocol << 8) | _data[at + 1];
            size = 2;
        }

        if (!Take(carrier, at + size - _offset))
            return Step.Done;
        switch (protocol)
        {
            case 0x0021:
                return Step.Ipv4;
            case 0x0057:
                return Step.Ipv6;
            case 0x0281 or 0x0283:
                return Mpls();
            default:
                return Step.Done;
        }
    }

    private Step PppLink()
    {
        // DLT_PPP also carries Cisco HDLC: the address byte tells.
        return Available >= 1 && _data[0] is 0x0f or 0x8f ? CiscoHdlc() : Ppp(ProtocolId.Ethernet, 0);
    }

    private Step CiscoHdlc()
    {
        if (Available < 4)
            return Fail(DecodeError.Truncated);
        _etherType = UInt16(2);
        return Take(ProtocolId.Ethernet, 4) ? Step.EtherType : Step.Done;
    }

    // https://www.tcpdump.org/linktypes/LINKTYPE_LINUX_SLL.html
    private Step LinuxSll() => Cooked(16, 2, 14);

    // https://www.tcpdump.org/linktypes/LINKTYPE_LINUX_SLL2.html
    private Step LinuxSll2() => Cooked(20, 8, 0);

    private Step Cooked(int header, int hardwareTypeAt, int protocolAt)
    {
        const ushort netlink = 824;
        if (Available < header)
            return Fail(DecodeError.Truncated);
        ushort type = UInt16(protocolAt);
        if (UInt16(hardwareTypeAt) == netlink)
            return Leaf(ProtocolId.Ethernet);
        if (type < EtherTypeMinimum)
            return LogicalLinkControl(0, header);
        _etherType = type;
        return Take(ProtocolId.Ethernet, header) ? Step.EtherType : Step.Done;
    }

    // An address family as the capturing machine numbers it, in its byte order. The values for IPv6 differ from system to system.
    private Step BsdLoopback()
    {
        if (Available < 4)
            return Fail(DecodeError.Truncated);
        uint family = BinaryPrimitives.ReadUInt32LittleEndian(_data);
        if (family > 0xffff)
            family = BinaryPrimitives.ReverseEndianness(family);
        if (!Take(ProtocolId.Ethernet, 4))
            return Step.Done;
        return family switch
        {
            2 => Step.Ipv4,
            10 or 23 or 24 or 28 or 30 => Step.Ipv6,
            _ => Step.Done,
        };
    }

    // https://www.tcpdump.org/linktypes/LINKTYPE_NFLOG.html: family, version, resource id; then type-length-values in the capturing machine's byte order.
    private Step Nflog()
    {
        const int header = 4;
        const int payloadType = 9;
        if (Available < header)
            return Fail(DecodeError.Truncated);
        if (_data[1] != 0)
            return Fail(DecodeError.BadVersion);

        // The first length is small: read in the wrong order it is not.
        bool little = Available >= header + 2 && BinaryPrimitives.ReadUInt16LittleEndian(_data[header..]) < UInt16(header);
        int at = header;
        while (_end - at >= 4)
        {
            int length = little ? BinaryPrimitives.ReadUInt16LittleEndian(_data[at..]) : UInt16(at);
            int type = little ? BinaryPrimitives.ReadUInt16LittleEndian(_data[(at + 2)..]) : UInt16(at + 2);
            if (length < 4)
                return Fail(DecodeError.BadLength);
            if ((type & 0x7fff) == payloadType)
                return Take(ProtocolId.Ethernet, at + 4) ? Step.IpByVersion : Step.Done;
            at += (length + 3) & ~3;
        }

        return Fail(DecodeError.Truncated);
    }
}
