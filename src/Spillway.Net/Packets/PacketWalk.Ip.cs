using System.Buffers.Binary;

namespace Spillway.Net.Packets;

// IPv4 (RFC 791) and IPv6 (RFC 8200). Nothing of PacketInfo is changed before the header has been found good: until then the packet around
// it counts.
internal ref partial struct PacketWalk
{
    private const int Ipv4Header = 20;
    private const int Ipv6Header = 40;

    private const byte HopByHop = 0;
    private const byte Routing = 43;
    private const byte FragmentHeader = 44;
    private const byte Authentication = 51;
    private const byte NoNextHeader = 59;
    private const byte DestinationOptions = 60;
    private const byte Mobility = 135;
    private const byte HostIdentity = 139;
    private const byte Shim6 = 140;

    private Step IpByVersion()
    {
        if (Available < 1)
            return Fail(DecodeError.Truncated);
        switch (_data[_offset] >> 4)
        {
            case 4:
                return Step.Ipv4;
            case 6:
                return Step.Ipv6;
            default:
                return Fail(DecodeError.BadVersion);
        }
    }

    private Step Ipv4()
    {
        int start = _offset;
        int available = Available;
        if (available < Ipv4Header)
            return Fail(DecodeError.Truncated);
        ReadOnlySpan<byte> header = _data.Slice(start, Ipv4Header);
        if (header[0] >> 4 != 4)
            return Fail(DecodeError.BadVersion);
        int headerLength = (header[0] & 0x0f) * 4;
        int totalLength = BinaryPrimitives.ReadUInt16BigEndian(header[2..]);
        if (totalLength == 0)
            totalLength = _wireEnd - start; // segmentation offload: the card was to fill it in
        if (headerLength < Ipv4Header || totalLength < headerLength)
            return Fail(DecodeError.BadLength);
        if (headerLength > available)
            return Fail(DecodeError.Truncated);
        if (!Take(ProtocolId.Ipv4, headerLength))
            return Step.Done;

        uint fragment = BinaryPrimitives.ReadUInt32BigEndian(header[4..]);
        int fragmentOffset = (int)(fragment & 0x1fff) * 8;
        bool moreFragments = (fragment & 0x2000) != 0;
        _ip = new IpHeader(
            BinaryPrimitives.ReadUInt32BigEndian(header[12..]),
            BinaryPrimitives.ReadUInt32BigEndian(header[16..]),
            4,
            header[9]
        );
        Bound(start + totalLength);

        if (_ip.Protocol == Authentication && fragmentOffset == 0 && !moreFragments)
            SkipAuthentication();
        Commit(start);
        if (fragmentOffset != 0 || moreFragments)
            return Fragment(fragment >> 16, fragmentOffset, moreFragments);
        return Step.Transport;
    }

    private Step Ipv6()
    {
        int start = _offset;
        if (Available < Ipv6Header)
            return Fail(DecodeError.Truncated);
        ReadOnlySpan<byte> header = _data.Slice(start, Ipv6Header);
        if (header[0] >> 4 != 6)
            return Fail(DecodeError.BadVersion);
        int payloadLength = BinaryPrimitives.ReadUInt16BigEndian(header[4..]);

        // Zero: a jumbogram (RFC 2675), segmentation offload, or no payload at all; what was on the wire tells.
        int end = payloadLength != 0 ? start + Ipv6Header + payloadLength : _wireEnd;
        _ip = new IpHeader(FlowKey.ReadIpv6(header[8..]), FlowKey.ReadIpv6(header[24..]), 6, header[6]);
        _offset = start + Ipv6Header;
        if (_info.LayerCount >= LayerArray.Capacity)
            return Fail(DecodeError.TooDeep);
        Bound(end);
        var fragment = default(FragmentFields);
        DecodeError error = IsExtension(_ip.Protocol) ? SkipExtensions(ref fragment) : DecodeError.None;
        _ = Add(ProtocolId.Ipv6, start, _offset - start);
        Commit(start);
        if (error != DecodeError.None)
        {
            Flow(0, 0);
            return Fail(error);
        }

        if (fragment.IsFragment)
            return Fragment(fragment.Id, fragment.Offset, fragment.More);
        return Step.Transport;
    }

    private static bool IsExtension(byte protocol) =>
        protocol is HopByHop or Routing or FragmentHeader or Authentication or DestinationOptions or Mobility or HostIdentity or Shim6;

    // Steps over extension headers up to the transport header, or to a fragment's data, which must not be looked into.
    private DecodeError SkipExtensions(ref FragmentFields fragment)
    {
        while (IsExtension(_ip.Protocol))
        {
            if (Available < 8)
                return Available == 0 && _end == _wireEnd ? DecodeError.BadLength : DecodeError.Truncated;
            int length = _ip.Protocol switch
            {
                FragmentHeader => 8,
                Authentication => (_data[_offset + 1] + 2) * 4,
                _ => (_data[_offset + 1] + 1) * 8,
            };
            if (length > Available)
                return length > _wireEnd - _offset ? DecodeError.BadLength : DecodeError.Truncated;

            bool isFragmentHeader = _ip.Protocol == FragmentHeader;
            _ip.Protocol = _data[_offset];
            if (isFragmentHeader)
            {
                ushort field = UInt16(_offset + 2);
                fragment = new FragmentFields(UInt32(_offset + 4), field & 0xfff8, (field & 1) != 0);
            }

            _offset += length;

            // An "atomic fragment" is the whole datagram (RFC 6946).
            if (isFragmentHeader && fragment.IsFragment)
                return DecodeError.None;
        }

        return DecodeError.None;
    }

    // RFC 4302: the packet goes on behind the header, in the clear.
    private void SkipAuthentication()
    {
        if (Available < 12)
            return;
        int length = (_data[_offset + 1] + 2) * 4;
        if (length > Available)
            return;
        _ip.Protocol = _data[_offset];
        _offset += length;
    }

    // Narrows the view to a datagram that says where it ends. One that claims more bytes than were on the wire keeps those that were: a
    // receiver would drop it, but far more such packets come from tools that cut captures than from a sender.
    private void Bound(int end)
    {
        if (end <= _wireEnd)
            _wireEnd = end;
        else
            _info.Error = DecodeError.BadLength;
        _end = Math.Min(_end, _wireEnd);
    }

    private readonly void Commit(int start)
    {
        _info.Kind = PacketKind.Ip;
        _info.Protocol = _ip.Protocol;
        _info.IpOffset = start;
        _info.IpPayloadOffset = _offset;
        _info.IpPayloadLength = Available;
        _info.TcpFlags = TcpFlags.None;
        _info.TcpSequence = 0;
        _info.TcpAcknowledgment = 0;
        _info.TcpWindow = 0;
        Payload(_offset, _end, _wireEnd);
    }

    private readonly Step Fragment(uint id, int offset, bool more)
    {
        Flow(0, 0);
        _info.Kind = PacketKind.Fragment;
        _info.FragmentId = id;
        _info.FragmentOffset = offset;
        _info.MoreFragments = more;
        return Step.Done;
    }

    private readonly void Payload(int offset, int end, int wireEnd)
    {
        _info.PayloadOffset = offset;
        _info.PayloadLength = end - offset;
        _info.PayloadWireLength = wireEnd - offset;
    }

    private readonly void Flow(ushort sourcePort, ushort destinationPort)
    {
        _info.Key = FlowKey.Create(_ip.Source, sourcePort, _ip.Destination, destinationPort, _ip.Protocol, _ip.Version, out bool fromA);
        _info.FromA = fromA;
    }

    private struct IpHeader(UInt128 source, UInt128 destination, byte version, byte protocol)
    {
        public readonly UInt128 Source = source;
        public readonly UInt128 Destination = destination;
        public readonly byte Version = version;
        public byte Protocol = protocol;
    }

    private readonly struct FragmentFields(uint id, int offset, bool more)
    {
        public readonly uint Id = id;
        public readonly int Offset = offset;
        public readonly bool More = more;

        public bool IsFragment => Offset != 0 || More;
    }
}
