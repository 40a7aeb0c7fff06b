using System.Buffers.Binary;
using Spillway.Net.Capture;

namespace Spillway.Net.Packets;

// Links other than Ethernet: PPP and its relatives, and the headers that capturing systems make up.
internal ref partial struct PacketWalk
{
    private const int PppoeHeader = 6;

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
                Opaque(OpaqueKind.LinkType, (ulong)linkType);
                return Fail(DecodeError.UnknownLinkType);
        }
    }

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
                return Opaque(OpaqueKind.Ppp, (ulong)protocol);
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

    // https://www.tcpdump.org/linktypes/LINKTYPE_NFLOG.html: family, version, resource id; then type-length-values in the capturing
    // machine's byte order.
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
