using System.Buffers.Binary;

namespace Spillway.Net.Packets;

// What IP carries: TCP (RFC 9293), UDP (RFC 768), ICMP (RFC 792, RFC 4443), and the way into tunnels.
internal ref partial struct PacketWalk
{
    private const int TcpHeader = 20;
    private const int UdpHeader = 8;
    private const int PortsLength = 4;

    private const byte IpIcmp = 1;
    private const byte IpInIp = 4;
    private const byte IpTcp = 6;
    private const byte IpUdp = 17;
    private const byte IpDccp = 33;
    private const byte IpIpv6 = 41;
    private const byte IpGre = 47;
    private const byte IpIcmpv6 = 58;
    private const byte IpEtherIp = 97;
    private const byte IpL2tp = 115;
    private const byte IpSctp = 132;
    private const byte IpUdpLite = 136;
    private const byte IpMpls = 137;

    private Step Transport()
    {
        switch (_ip.Protocol)
        {
            case IpTcp:
                Tcp();
                return Step.Done;
            case IpUdp:
                return Udp() && !_outermost ? UdpTunnel() : Step.Done;
            case IpIcmp or IpIcmpv6:
                Icmp();
                return Step.Done;
            case IpSctp or IpDccp or IpUdpLite:
                Ports();
                return Step.Done;
            case var _ when _outermost:
                Flow(0, 0);
                return Step.Done;
            case IpInIp:
                Flow(0, 0);
                return Step.Ipv4;
            case IpIpv6:
                Flow(0, 0);
                return Step.Ipv6;
            case IpGre:
                Flow(0, 0);
                return Gre();
            case IpEtherIp:
                Flow(0, 0);
                return EtherIp();
            case IpMpls:
                Flow(0, 0);
                return Mpls();
            case IpL2tp:
                Flow(0, 0);
                return L2tp3(0);
            default:
                Flow(0, 0);
                return Step.Done;
        }
    }

    private void Tcp()
    {
        int available = Available;
        if (available < TcpHeader)
        {
            CutHeader(ProtocolId.Tcp);
            return;
        }

        ReadOnlySpan<byte> header = _data.Slice(_offset, TcpHeader);
        Flow(BinaryPrimitives.ReadUInt16BigEndian(header), BinaryPrimitives.ReadUInt16BigEndian(header[2..]));
        _info.TcpSequence = BinaryPrimitives.ReadUInt32BigEndian(header[4..]);
        _info.TcpAcknowledgment = BinaryPrimitives.ReadUInt32BigEndian(header[8..]);
        _info.TcpFlags = (TcpFlags)header[13];
        _info.TcpWindow = BinaryPrimitives.ReadUInt16BigEndian(header[14..]);

        int headerLength = (header[12] >> 4) * 4;
        bool tooShort = headerLength < TcpHeader || headerLength > _wireEnd - _offset;
        if (tooShort || headerLength > available)
        {
            // Where the payload begins is not known, or was not captured.
            int wirePayload = tooShort ? 0 : _wireEnd - _offset - headerLength;
            Take(ProtocolId.Tcp, tooShort ? TcpHeader : available);
            Payload(_end, _end, _end + wirePayload);
            Fail(tooShort ? DecodeError.BadLength : DecodeError.Truncated);
            return;
        }

        Take(ProtocolId.Tcp, headerLength);
        Payload(_offset, _end, _wireEnd);
    }

    // False if what it carries cannot be looked at.
    private bool Udp()
    {
        if (Available < UdpHeader)
        {
            CutHeader(ProtocolId.Udp);
            return false;
        }

        Flow(UInt16(_offset), UInt16(_offset + 2));
        int length = UInt16(_offset + 4);
        bool sane = length == 0 || length >= UdpHeader; // 0: a jumbogram (RFC 2675) or segmentation offload
        if (sane && length != 0)
            Bound(_offset + length);
        if (!Take(ProtocolId.Udp, UdpHeader))
            return false;
        if (!sane)
        {
            Payload(_offset, _offset, _offset);
            Fail(DecodeError.BadLength);
            return false;
        }

        Payload(_offset, _end, _wireEnd);
        return true;
    }

    // Both ends of the flow have the type for a port. A reply counts as the request, so that both belong to one flow.
    private void Icmp()
    {
        const byte echoReply = 0;
        const byte echoRequest = 8;
        const byte echoRequest6 = 128;
        const byte echoReply6 = 129;
        bool isVersion6 = _ip.Protocol == IpIcmpv6;
        if (Available < 1)
        {
            Flow(0, 0);
            Fail(DecodeError.Truncated);
            return;
        }

        byte type = _data[_offset];
        if (!isVersion6 && type == echoReply)
            type = echoRequest;
        else if (isVersion6 && type == echoReply6)
            type = echoRequest6;
        Flow(type, type);

        const int headerLength = 8;
        int payload = Math.Min(headerLength, Available);
        Payload(_offset + payload, _end, Math.Max(_wireEnd, _offset + payload));
        Leaf(isVersion6 ? ProtocolId.Icmpv6 : ProtocolId.Icmp);
    }

    private readonly void Ports()
    {
        if (Available >= PortsLength)
            Flow(UInt16(_offset), UInt16(_offset + 2));
        else
            Flow(0, 0);
    }

    // The header is not all there: the ports still tell the flow.
    private void CutHeader(ProtocolId protocol)
    {
        bool endsOnWire = _end == _wireEnd;
        if (Available >= PortsLength)
            Flow(UInt16(_offset), UInt16(_offset + 2));
        else
            Flow(0, 0);
        if (Available > 0)
            Take(protocol, Available);
        Payload(_end, _end, _end);
        Fail(endsOnWire ? DecodeError.BadLength : DecodeError.Truncated);
    }
}
