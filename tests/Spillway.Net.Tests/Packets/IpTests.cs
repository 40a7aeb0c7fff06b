using Spillway.Net.Capture;
using Spillway.Net.Flows;
using Spillway.Net.Packets;

namespace Spillway.Net.Tests.Packets;

public class IpTests
{
    private static readonly byte[] Payload = "0123456789"u8.ToArray();

    [Fact]
    public void Decode_EthernetPadding_IsNoPayload()
    {
        var packet = Decoded.Of(Frame.Join(Frame.Usual([]), new byte[6]));

        Assert.Equal(0, packet.Info.PayloadLength);
        Assert.Equal(0, packet.Info.PayloadWireLength);
        Assert.Equal("Ethernet 14, Ipv4 20, Tcp 20", packet.Layers);
    }

    [Fact]
    public void Decode_PacketCutBySnapLength_KnowsWhatWasOnTheWire()
    {
        byte[] whole = Frame.Usual(Payload);

        var packet = Decoded.Of(whole[..^4], wireLength: whole.Length);

        Assert.Equal(6, packet.Info.PayloadLength);
        Assert.Equal(10, packet.Info.PayloadWireLength);
        Assert.Equal(DecodeError.None, packet.Info.Error);
    }

    [Fact]
    public void Decode_Options_BelongToTheHeader()
    {
        byte[] frame = Frame.Ethernet(0x0800, Frame.Ipv4(6, Frame.Tcp(49152, 443, Payload, options: new byte[12]), options: new byte[8]));

        var packet = Decoded.Of(frame);

        Assert.Equal("Ethernet 14, Ipv4 28, Tcp 32", packet.Layers);
        Assert.Equal(Payload, packet.Payload);
    }

    [Fact]
    public void Decode_TotalLengthZero_IsSegmentationOffload()
    {
        var packet = Decoded.Of(Frame.Ethernet(0x0800, Frame.Ipv4(6, Frame.Tcp(49152, 443, Payload), totalLength: 0)));

        Assert.Equal(Payload, packet.Payload);
        Assert.Equal(DecodeError.None, packet.Info.Error);
    }

    [Theory]
    [InlineData(19, DecodeError.BadLength, PacketKind.NotIp)]
    [InlineData(20, DecodeError.BadLength, PacketKind.Ip)] // no TCP header inside
    [InlineData(51, DecodeError.BadLength, PacketKind.Ip)] // one more than there is
    public void Decode_LyingTotalLength_IsCountedAndNeverReadsBeyond(int totalLength, DecodeError error, PacketKind kind)
    {
        var packet = Decoded.Of(Frame.Ethernet(0x0800, Frame.Ipv4(6, Frame.Tcp(49152, 443, Payload), totalLength: totalLength)));

        Assert.Equal(error, packet.Info.Error);
        Assert.Equal(kind, packet.Info.Kind);
    }

    [Fact]
    public void Decode_HeaderLengthBelowFive_IsNoIp()
    {
        byte[] ip = Frame.UsualIp(Payload);
        ip[0] = 0x44;

        var packet = Decoded.Of(Frame.Ethernet(0x0800, ip));

        Assert.Equal(PacketKind.NotIp, packet.Info.Kind);
        Assert.Equal(DecodeError.BadLength, packet.Info.Error);
        Assert.Equal("Ethernet 14", packet.Layers);
    }

    [Fact]
    public void Decode_Tcp_GivesItsFieldsAndTheSender()
    {
        var there = Decoded.Of(Frame.Ethernet(0x0800, Frame.Ipv4(6, Frame.Tcp(49152, 443, Payload, flags: 0x18, sequence: 0xFFFFFFF0))));
        var back = Decoded.Of(Frame.Ethernet(0x0800, Frame.Ipv4(6, Frame.Tcp(443, 49152, []), Frame.Server, Frame.Client)));

        Assert.Equal(0xFFFFFFF0, there.Info.TcpSequence);
        Assert.Equal(2000u, there.Info.TcpAcknowledgment);
        Assert.Equal(TcpFlags.Psh | TcpFlags.Ack, there.Info.TcpFlags);
        Assert.Equal(4096, there.Info.TcpWindow);
        Assert.True(there.Info.FromA);
        Assert.False(back.Info.FromA);
        Assert.Equal(there.Info.Key, back.Info.Key);
    }

    [Theory]
    [InlineData(0x40)]
    [InlineData(0xF0)]
    public void Decode_BadTcpDataOffset_KeepsTheFlowWithoutPayload(byte dataOffset)
    {
        byte[] tcp = Frame.Tcp(49152, 443, Payload);
        tcp[12] = dataOffset;

        var packet = Decoded.Of(Frame.Ethernet(0x0800, Frame.Ipv4(6, tcp)));

        Assert.Equal("TCP 10.1.2.3:49152 - 198.51.100.7:443", packet.Flow);
        Assert.Equal(0, packet.Info.PayloadWireLength);
        Assert.Equal(DecodeError.BadLength, packet.Info.Error);
    }

    [Fact]
    public void Decode_TcpHeaderCutBySnapLength_KeepsThePorts()
    {
        byte[] whole = Frame.Usual(Payload);

        var packet = Decoded.Of(whole[..(14 + 20 + 8)], wireLength: whole.Length);

        Assert.Equal("TCP 10.1.2.3:49152 - 198.51.100.7:443", packet.Flow);
        Assert.Equal("Ethernet 14, Ipv4 20, Tcp 8", packet.Layers);
        Assert.Equal(DecodeError.Truncated, packet.Info.Error);
    }

    [Theory]
    [InlineData(0, 10, DecodeError.None)] // offload or jumbogram: as much as IP says
    [InlineData(12, 4, DecodeError.None)]
    [InlineData(100, 10, DecodeError.BadLength)]
    [InlineData(7, 0, DecodeError.BadLength)]
    public void Decode_UdpLength_BoundsThePayload(int length, int expectedPayload, DecodeError error)
    {
        var packet = Decoded.Of(Frame.Ethernet(0x0800, Frame.Ipv4(17, Frame.Udp(5000, 53, Payload, length))));

        Assert.Equal(expectedPayload, packet.Info.PayloadLength);
        Assert.Equal(expectedPayload, packet.Info.PayloadWireLength);
        Assert.Equal(error, packet.Info.Error);
        Assert.Equal("UDP 10.1.2.3:5000 - 198.51.100.7:53", packet.Flow);
    }

    [Theory]
    [InlineData(8, 0, "01A:0A.01.02.03:icmp08_C6.33.64.07:icmp08")]
    [InlineData(3, 3, "01A:0A.01.02.03:icmp03_C6.33.64.07:icmp03")]
    public void Decode_IcmpBothWays_GiveOneFlow(byte there, byte back, string id)
    {
        var request = Decoded.Of(Frame.Ethernet(0x0800, Frame.Ipv4(1, Frame.Icmp(there, Payload))));
        var reply = Decoded.Of(Frame.Ethernet(0x0800, Frame.Ipv4(1, Frame.Icmp(back, Payload), Frame.Server, Frame.Client)));

        Assert.Equal(id, FlowId.ToString(request.Info.Key));
        Assert.Equal(id, FlowId.ToString(reply.Info.Key));
        Assert.Equal("Ethernet 14, Ipv4 20, Icmp 18", request.Layers);
        Assert.NotEqual(request.Info.FromA, reply.Info.FromA);
    }

    [Fact]
    public void Decode_Icmpv6Echo_RequestAndReplyGiveOneFlow()
    {
        var request = Decoded.Of(Frame.Ethernet(0x86DD, Frame.Ipv6(58, Frame.Icmp(128, Payload))));
        var reply = Decoded.Of(Frame.Ethernet(0x86DD, Frame.Ipv6(58, Frame.Icmp(129, Payload), Frame.Server6, Frame.Client6)));

        Assert.Equal(request.Info.Key, reply.Info.Key);
        Assert.Equal(128, reply.Info.Key.PortA);
        Assert.Equal("Ethernet 14, Ipv6 40, Icmpv6 18", reply.Layers);
    }

    [Fact]
    public void Decode_IcmpError_BelongsToItsOwnFlowNotToTheOneItQuotes()
    {
        var packet = Decoded.Of(Frame.Ethernet(0x0800, Frame.Ipv4(1, Frame.Icmp(3, Frame.UsualIp([])))));

        Assert.Equal(1, packet.Info.Protocol);
        Assert.Equal("Ethernet 14, Ipv4 20, Icmp 48", packet.Layers);
    }

    [Fact]
    public void Decode_Ipv6ExtensionHeaders_BelongToTheIpv6Layer()
    {
        byte[] tcp = Frame.Tcp(49152, 443, Payload);
        byte[] routing = Frame.Join(Frame.Hex("06 00 00 00 00000000"), tcp);
        byte[] authentication = Frame.Join(Frame.Hex("2B 04 0000 00000001 00000001 000000000000000000000000"), routing);
        byte[] destination = Frame.Join(Frame.Hex("33 01"), new byte[14], authentication);
        byte[] hopByHop = Frame.Join(Frame.Hex("3C 00 0104 00000000"), destination);

        var packet = Decoded.Of(Frame.Ethernet(0x86DD, Frame.Ipv6(0, hopByHop)));

        Assert.Equal("Ethernet 14, Ipv6 96, Tcp 20", packet.Layers);
        Assert.Equal("TCP [2001:db8::1]:49152 - [2001:db8::2]:443", packet.Flow);
        Assert.Equal(Payload, packet.Payload);
    }

    [Theory]
    [InlineData("3C FF 0000 00000000", DecodeError.BadLength)]
    [InlineData("3C", DecodeError.Truncated)]
    public void Decode_Ipv6ExtensionBeyondThePacket_KeepsTheAddressesOnly(string header, DecodeError error)
    {
        var packet = Decoded.Of(Frame.Ethernet(0x86DD, Frame.Ipv6(60, Frame.Hex(header))));

        Assert.Equal(PacketKind.Ip, packet.Info.Kind);
        Assert.Equal(error, packet.Info.Error);
        Assert.Equal(0, packet.Info.Key.PortA);
    }

    [Fact]
    public void Decode_AuthenticationHeaderInIpv4_ShowsTheTransportBehindIt()
    {
        byte[] authentication = Frame.Join(
            Frame.Hex("06 04 0000 00000001 00000001 000000000000000000000000"),
            Frame.Tcp(49152, 443, Payload)
        );

        Assert.Equal("TCP 10.1.2.3:49152 - 198.51.100.7:443", Decoded.Of(Frame.Ethernet(0x0800, Frame.Ipv4(51, authentication))).Flow);
    }

    [Fact]
    public void Decode_Fragment_HasAddressesButNoPorts()
    {
        var packet = Decoded.Of(Frame.Ethernet(0x0800, Frame.Ipv4(17, new byte[16], id: 0xBEEF, fragmentOffset: 1480, more: true)));

        Assert.Equal(PacketKind.Fragment, packet.Info.Kind);
        Assert.Equal(0xBEEFu, packet.Info.FragmentId);
        Assert.Equal(1480, packet.Info.FragmentOffset);
        Assert.True(packet.Info.MoreFragments);
        Assert.Equal("UDP 10.1.2.3:0 - 198.51.100.7:0", packet.Flow);
        Assert.Equal("Ethernet 14, Ipv4 20", packet.Layers);
    }

    [Fact]
    public void Decode_Ipv6Fragment_AndAtomicFragment_AreToldApart()
    {
        byte[] udp = Frame.Udp(5000, 53, Payload);
        var fragment = Decoded.Of(Frame.Ethernet(0x86DD, Frame.Ipv6(44, Frame.Ipv6Fragment(17, udp, 0, more: true, id: 0xCAFEBABE))));
        var atomic = Decoded.Of(Frame.Ethernet(0x86DD, Frame.Ipv6(44, Frame.Ipv6Fragment(17, udp, 0, more: false))));

        Assert.Equal(PacketKind.Fragment, fragment.Info.Kind);
        Assert.Equal(0xCAFEBABE, fragment.Info.FragmentId);
        Assert.Equal(PacketKind.Ip, atomic.Info.Kind);
        Assert.Equal("Ethernet 14, Ipv6 48, Udp 8", atomic.Layers);
    }

    [Theory]
    [InlineData(132)]
    [InlineData(136)]
    public void Decode_OtherProtocolsWithPorts_HaveThemInTheKey(byte protocol)
    {
        var packet = Decoded.Of(Frame.Ethernet(0x0800, Frame.Ipv4(protocol, Frame.Join(Frame.U16(36412), Frame.U16(80), new byte[8]))));

        Assert.Equal(36412, packet.Info.Key.PortA);
        Assert.Equal(12, packet.Info.PayloadLength);
    }

    [Fact]
    public void Decode_HeadersNestedTooDeep_StopsAtTheLastLayerThatFits()
    {
        byte[] payload = Frame.UsualIp(Payload);
        for (int i = 0; i < 30; i++)
            payload = Frame.Ipv4(4, payload);

        var packet = Decoded.Of(payload, LinkType.Raw);

        Assert.Equal(LayerArray.Capacity, packet.Info.LayerCount);
        Assert.Equal(DecodeError.TooDeep, packet.Info.Error);
        Assert.Equal(PacketKind.Ip, packet.Info.Kind);
    }
}
