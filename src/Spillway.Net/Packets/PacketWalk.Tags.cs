namespace Spillway.Net.Packets;

// What stands between Ethernet and what it carries, beside VLAN tags and labels.
internal ref partial struct PacketWalk
{
    private const ushort EtherTypeTrill = 0x22f3;
    private const ushort EtherTypeProviderBackbone = 0x88e7;
    private const ushort EtherTypeFabricPath = 0x8903;
    private const ushort EtherTypeCiscoMetadata = 0x8909;
    private const ushort EtherTypeVnTag = 0x8926;
    private const ushort EtherTypeSeamlessRedundancy = 0x892f;
    private const ushort EtherTypeBridgePortExtension = 0x893f;
    private const ushort EtherTypeNsh = 0x894f;
    private const ushort EtherTypeRedundancyTag = 0xf1c1;

    private Step TagOrUnknown()
    {
        switch (_etherType)
        {
            case EtherTypeVnTag or EtherTypeSeamlessRedundancy or EtherTypeRedundancyTag:
                return Tag(4);
            case EtherTypeBridgePortExtension: // IEEE 802.1BR
                return Tag(6);
            case EtherTypeCiscoMetadata: // version, length in words; then options, of which one is the usual
                return Available < 2 ? Fail(DecodeError.Truncated) : Tag(2 + (_data[_offset + 1] * 4));
            case EtherTypeProviderBackbone: // IEEE 802.1ah: a service instance, then the customer's frame
                return TagBeforeFrame(4);
            case EtherTypeFabricPath:
                return TagBeforeFrame(2);
            case EtherTypeTrill: // RFC 6325, section 3: options in words
                return Available < 2 ? Fail(DecodeError.Truncated) : TagBeforeFrame(6 + ((UInt16(_offset) >> 6 & 0x1f) * 4));
            case EtherTypeNsh:
                return Nsh();
            default:
                return Opaque(OpaqueKind.EtherType, _etherType);
        }
    }

    // So many bytes, then the type of what follows.
    private Step Tag(int length)
    {
        if (Available < length + 2)
            return Fail(DecodeError.Truncated);
        ushort type = UInt16(_offset + length);
        if (type < EtherTypeMinimum)
            return LogicalLinkControl(_offset, length + 2, ProtocolId.Tag);
        _etherType = type;
        return Take(ProtocolId.Tag, length + 2) ? Step.EtherType : Step.Done;
    }

    private Step TagBeforeFrame(int length)
    {
        if (Available < length)
            return Fail(DecodeError.Truncated);
        return Take(ProtocolId.Tag, length) ? Step.Ethernet : Step.Done;
    }

    // RFC 8300, section 2.2: version, length in words with the context headers, and what follows. Unassigned bits are ignored.
    private Step Nsh()
    {
        const int least = 8;
        if (Available < least)
            return Fail(DecodeError.Truncated);
        ushort first = UInt16(_offset);
        if (first >> 14 != 0)
            return Fail(DecodeError.BadVersion);
        int length = (first & 0x3f) * 4;
        if (length < least)
            return Fail(DecodeError.BadLength);
        if (length > Available)
            return Fail(DecodeError.Truncated);
        byte next = _data[_offset + 3];
        return Take(ProtocolId.Nsh, length) ? NextProtocol(OpaqueKind.Nsh, next) : Step.Done;
    }

    // The numbers that NSH and VXLAN-GPE share.
    private Step NextProtocol(OpaqueKind kind, byte next)
    {
        switch (next)
        {
            case 1:
                return Step.Ipv4;
            case 2:
                return Step.Ipv6;
            case 3:
                return Step.Ethernet;
            case 4:
                return Nsh();
            case 5:
                return Mpls();
            default:
                return Opaque(kind, next);
        }
    }
}
