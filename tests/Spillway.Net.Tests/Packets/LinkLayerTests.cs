using Spillway.Net.Capture;
using Spillway.Net.Packets;

namespace Spillway.Net.Tests.Packets;

public class LinkLayerTests
{
    private const string ExpectedFlow = "TCP 10.1.2.3:49152 - 198.51.100.7:443";
    private const string ExpectedFlow6 = "TCP [2001:db8::1]:49152 - [2001:db8::2]:443";

    private static readonly byte[] Payload = "GET /"u8.ToArray();

    public static TheoryData<string, LinkType, string, int> Ipv4Links =>
        new()
        {
            { "Ethernet", LinkType.Ethernet, "020000000001 020000000002 0800", 14 },
            { "802.3 LLC and SNAP", LinkType.Ethernet, "020000000001 020000000002 0035 AAAA03 000000 0800", 22 },
            { "802.3 LLC", LinkType.Ethernet, "020000000001 020000000002 0030 060603", 17 },
            { "SLL", LinkType.LinuxSll, "0000 0001 0006 0200000000010000 0800", 16 },
            { "SLL2", LinkType.LinuxSll2, "0800 0000 00000002 0001 00 06 0200000000010000", 20 },
            { "NULL little-endian", LinkType.Null, "02000000", 4 },
            { "NULL big-endian", LinkType.Null, "00000002", 4 },
            { "LOOP", LinkType.Loop, "00000002", 4 },
            { "PPP", LinkType.Ppp, "FF03 0021", 4 },
            { "PPP without address", LinkType.Ppp, "0021", 2 },
            { "PPP compressed", LinkType.Ppp, "21", 1 },
            { "PPP serial", LinkType.PppSerial, "FF03 0021", 4 },
            { "Cisco HDLC", LinkType.CiscoHdlc, "0F00 0800", 4 },
            { "Cisco HDLC in PPP", LinkType.Ppp, "0F00 0800", 4 },
            { "NFLOG little-endian", LinkType.Nflog, "02 00 0000 0800 0100 08000000 0500 0A00 41 000000 3100 0900", 24 },
            { "NFLOG big-endian", LinkType.Nflog, "02 00 0000 0008 0001 08000000 0031 0009", 16 },
            { "802.11", LinkType.Ieee80211, "0801 0000 020000000001 020000000002 020000000003 1000 AAAA03 000000 0800", 32 },
            { "802.11 QoS", LinkType.Ieee80211, "8801 0000 020000000001 020000000002 020000000003 1000 0000 AAAA03 000000 0800", 34 },
            {
                "802.11 QoS HT",
                LinkType.Ieee80211,
                "8881 0000 020000000001 020000000002 020000000003 1000 0000 00000000 AAAA03 000000 0800",
                38
            },
            {
                "802.11 bridge",
                LinkType.Ieee80211,
                "0803 0000 020000000001 020000000002 020000000003 1000 020000000004 AAAA03 000000 0800",
                38
            },
            {
                "802.11 A-MSDU",
                LinkType.Ieee80211,
                "8801 0000 020000000001 020000000002 020000000003 1000 8000 020000000001 020000000002 0040 AAAA03 000000 0800",
                48
            },
            {
                "radiotap",
                LinkType.Ieee80211Radiotap,
                "0000 0800 00000000 0801 0000 020000000001 020000000002 020000000003 1000 AAAA03 000000 0800",
                40
            },
            {
                "radiotap, padded header",
                LinkType.Ieee80211Radiotap,
                "0000 1100 03000000 0000000000000000 20 8801 0000 020000000001 020000000002 020000000003 1000 0000 0000 AAAA03 000000 0800",
                53
            },
        };

    [Theory]
    [MemberData(nameof(Ipv4Links))]
    public void Decode_LinkHeaderBeforeIpv4_IsOneLayerInEthernetsPlace(string name, LinkType linkType, string header, int length)
    {
        var packet = Decoded.Of(Frame.Join(Frame.Hex(header), Frame.UsualIp(Payload)), linkType);

        Assert.Equal($"Ethernet {length}, Ipv4 20, Tcp 20", packet.Layers);
        Assert.Equal(ExpectedFlow, packet.Flow);
        Assert.Equal(Payload, packet.Payload);
        Assert.True(packet.Info.Error == DecodeError.None, name);
    }

    [Theory]
    [InlineData(LinkType.Ethernet, "020000000001 020000000002 86DD")]
    [InlineData(LinkType.Null, "0A000000")]
    [InlineData(LinkType.Null, "18000000")]
    [InlineData(LinkType.Null, "0000001C")]
    [InlineData(LinkType.Loop, "0000001E")]
    [InlineData(LinkType.LinuxSll, "0000 0001 0006 0200000000010000 86DD")]
    [InlineData(LinkType.Ppp, "0057")]
    [InlineData(LinkType.CiscoHdlc, "0F00 86DD")]
    [InlineData(LinkType.Nflog, "0A 00 0000 4100 0900")]
    public void Decode_LinkHeaderBeforeIpv6_FindsTheFlow(LinkType linkType, string header)
    {
        var packet = Decoded.Of(Frame.Join(Frame.Hex(header), Frame.UsualIp6(Payload)), linkType);

        Assert.EndsWith(", Ipv6 40, Tcp 20", packet.Layers, StringComparison.Ordinal);
        Assert.Equal(ExpectedFlow6, packet.Flow);
        Assert.Equal(Payload, packet.Payload);
    }

    [Theory]
    [InlineData(LinkType.Raw)]
    [InlineData(LinkType.RawFile)]
    [InlineData(LinkType.RawOpenBsd)]
    public void Decode_RawIp_HasIpAsItsFirstLayer(LinkType linkType)
    {
        Assert.Equal("Ipv4 20, Tcp 20", Decoded.Of(Frame.UsualIp(Payload), linkType).Layers);
        Assert.Equal("Ipv6 40, Tcp 20", Decoded.Of(Frame.UsualIp6(Payload), linkType).Layers);
    }

    [Fact]
    public void Decode_LinkTypesOfOneIpVersion_RefuseTheOther()
    {
        Assert.Equal(PacketKind.Ip, Decoded.Of(Frame.UsualIp(Payload), LinkType.Ipv4).Info.Kind);
        Assert.Equal(PacketKind.Ip, Decoded.Of(Frame.UsualIp6(Payload), LinkType.Ipv6).Info.Kind);
        Assert.Equal(DecodeError.BadVersion, Decoded.Of(Frame.UsualIp6(Payload), LinkType.Ipv4).Info.Error);
    }

    [Fact]
    public void Decode_NestedTags_AreLayersAndTheOutermostIdIsKept()
    {
        byte[] frame = Frame.Ethernet(
            0x88A8,
            Frame.Vlan(100, 0x8100, Frame.Vlan(200, 0x9100, Frame.Vlan(300, 0x0800, Frame.UsualIp(Payload))))
        );

        var packet = Decoded.Of(frame);

        Assert.Equal("Ethernet 14, Vlan 4, Vlan 4, Vlan 4, Ipv4 20, Tcp 20", packet.Layers);
        Assert.Equal(101, packet.Info.VlanPlusOne);
        Assert.Equal(ExpectedFlow, packet.Flow);
    }

    [Fact]
    public void Decode_PriorityBitsOfATag_AreNoPartOfItsId()
    {
        Assert.Equal(6, Decoded.Of(Frame.Ethernet(0x8100, Frame.Vlan(0xF005, 0x0800, Frame.UsualIp(Payload)))).Info.VlanPlusOne);
    }

    [Fact]
    public void Decode_LabelStack_GuessesWhatItCarries()
    {
        byte[] pseudowire = Frame.Usual(Payload);
        byte[] withControlWord = Frame.Join(Frame.U32(0), pseudowire);

        Assert.Equal(
            "Ethernet 14, Mpls 4, Mpls 4, Ipv4 20, Tcp 20",
            Decoded.Of(Frame.Ethernet(0x8847, Frame.Mpls(false, Frame.Mpls(true, Frame.UsualIp(Payload))))).Layers
        );
        Assert.Equal(
            "Ethernet 14, Mpls 4, Ipv6 40, Tcp 20",
            Decoded.Of(Frame.Ethernet(0x8848, Frame.Mpls(true, Frame.UsualIp6(Payload)))).Layers
        );
        Assert.Equal(
            "Ethernet 14, Mpls 4, Ethernet 14, Ipv4 20, Tcp 20",
            Decoded.Of(Frame.Ethernet(0x8847, Frame.Mpls(true, withControlWord))).Layers
        );

        // An Ethernet frame whose first address begins like an IPv4 header.
        byte[] lookalike = [0x45, 0x00, 0x00, 0x01, .. pseudowire[4..]];
        Assert.Equal(
            "Ethernet 14, Mpls 4, Ethernet 14, Ipv4 20, Tcp 20",
            Decoded.Of(Frame.Ethernet(0x8847, Frame.Mpls(true, lookalike))).Layers
        );
    }

    [Fact]
    public void Decode_PppoeSession_TakesThePppNumberIntoItsLayer()
    {
        byte[] session = Frame.Join(Frame.Hex("11 00 0001 0031 0021"), Frame.UsualIp(Payload));

        Assert.Equal("Ethernet 14, Pppoe 8, Ipv4 20, Tcp 20", Decoded.Of(Frame.Ethernet(0x8864, session)).Layers);
        Assert.Equal("Pppoe 8, Ipv4 20, Tcp 20", Decoded.Of(session, LinkType.PppEther).Layers);
    }

    [Fact]
    public void Decode_Arp_IsALeafToTheEnd()
    {
        var packet = Decoded.Of(Frame.Ethernet(0x0806, new byte[46]));

        Assert.Equal("Ethernet 14, Arp 46", packet.Layers);
        Assert.Equal(PacketKind.NotIp, packet.Info.Kind);
        Assert.Equal(DecodeError.None, packet.Info.Error);
    }

    [Theory]
    [InlineData("8000 0000")] // beacon
    [InlineData("4801 0000")] // null data
    [InlineData("0841 0000")] // encrypted
    public void Decode_WirelessFrameWithoutReadableData_IsALinkLayerAlone(string start)
    {
        var packet = Decoded.Of(Frame.Join(Frame.Hex(start), new byte[60]), LinkType.Ieee80211);

        Assert.Equal("Ethernet 64", packet.Layers);
        Assert.Equal(PacketKind.NotIp, packet.Info.Kind);
    }

    [Fact]
    public void Decode_UnknownLinkType_IsAnErrorWithoutLayers()
    {
        var packet = Decoded.Of(Frame.Usual(Payload), (LinkType)147);

        Assert.Equal(DecodeError.UnknownLinkType, packet.Info.Error);
        Assert.Equal("", packet.Layers);
    }
}
