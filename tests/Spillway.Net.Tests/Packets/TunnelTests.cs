using Spillway.Net.Packets;

namespace Spillway.Net.Tests.Packets;

public class TunnelTests
{
    private const string InnerFlow = "TCP 10.1.2.3:49152 - 198.51.100.7:443";
    private const uint OuterSource = 0xC0000201; // 192.0.2.1
    private const uint OuterDestination = 0xC0000202;

    private static readonly byte[] Payload = "payload"u8.ToArray();

    public static TheoryData<string, byte, byte[], string> Tunnels
    {
        get
        {
            byte[] ip = Frame.UsualIp(Payload);
            byte[] ip6 = Frame.UsualIp6(Payload);
            byte[] ethernet = Frame.Usual(Payload);
            const string tcp = "Ipv4 20, Tcp 20";
            return new()
            {
                { "IP in IP", 4, ip, tcp },
                { "IPv6 in IP", 41, ip6, "Ipv6 40, Tcp 20" },
                { "MPLS in IP", 137, Frame.Mpls(true, ip), "Mpls 4, " + tcp },
                { "GRE", 47, Frame.Join(Frame.Hex("0000 0800"), ip), "Gre 4, " + tcp },
                { "GRE, all fields", 47, Frame.Join(Frame.Hex("B000 86DD 00000000 00000001 00000002"), ip6), "Gre 16, Ipv6 40, Tcp 20" },
                { "GRE, bridging", 47, Frame.Join(Frame.Hex("2000 6558 00000001"), ethernet), "Gre 8, Ethernet 14, " + tcp },
                { "ERSPAN I", 47, Frame.Join(Frame.Hex("0000 88BE"), ethernet), "Gre 4, Ethernet 14, " + tcp },
                { "ERSPAN II", 47, Frame.Join(Frame.Hex("1000 88BE 00000001 1000000000000000"), ethernet), "Gre 16, Ethernet 14, " + tcp },
                { "ERSPAN III", 47, Frame.Join(Frame.Hex("1000 22EB 00000001 2000000000000000 00000000"), ethernet), "Gre 20, Ethernet 14, " + tcp },
                {
                    "ERSPAN III, subheader", 47, Frame.Join(Frame.Hex("1000 22EB 00000001 2000000000000000 00000001 0000000000000000"), ethernet),
                    "Gre 28, Ethernet 14, " + tcp
                },
                { "PPTP", 47, Frame.Join(Frame.Hex("3081 880B 0033 0001 00000001 00000002 FF03 0021"), ip), "Gre 20, " + tcp },
                { "VXLAN", 17, Frame.Udp(40000, 4789, Frame.Join(Frame.Hex("08000000 00000100"), ethernet)), "Udp 8, Vxlan 8, Ethernet 14, " + tcp },
                { "Geneve", 17, Frame.Udp(40000, 6081, Frame.Join(Frame.Hex("0200 6558 00000100 0000000000000000"), ethernet)), "Udp 8, Geneve 16, Ethernet 14, " + tcp },
                { "Geneve, IP", 17, Frame.Udp(40000, 6081, Frame.Join(Frame.Hex("0000 0800 00000100"), ip)), "Udp 8, Geneve 8, " + tcp },
                { "GTP-U", 17, Frame.Udp(2152, 2152, Frame.Join(Frame.Hex("30 FF 002F 00000001"), ip)), "Udp 8, GtpU 8, " + tcp },
                {
                    "GTP-U, extension", 17, Frame.Udp(2152, 2152, Frame.Join(Frame.Hex("34 FF 0037 00000001 0000 00 85 01 0000 00"), ip)),
                    "Udp 8, GtpU 16, " + tcp
                },
                { "Teredo", 17, Frame.Udp(40000, 3544, ip6), "Udp 8, Ipv6 40, Tcp 20" },
                { "Teredo, origin", 17, Frame.Udp(40000, 3544, Frame.Join(Frame.Hex("0000 0000 00000000"), ip6)), "Udp 8, Ipv6 40, Tcp 20" },
            };
        }
    }

    [Theory]
    [MemberData(nameof(Tunnels))]
    public void Decode_Tunnel_GivesTheInnermostFlow(string name, byte protocol, byte[] inner, string layers)
    {
        var packet = Decoded.Of(Frame.Ethernet(0x0800, Frame.Ipv4(protocol, inner, OuterSource, OuterDestination)));

        Assert.Equal("Ethernet 14, Ipv4 20, " + layers, packet.Layers);
        Assert.Equal(layers.Contains("Ipv6", StringComparison.Ordinal) ? "TCP [2001:db8::1]:49152 - [2001:db8::2]:443" : InnerFlow, packet.Flow);
        Assert.Equal(Payload, packet.Payload);
        Assert.True(packet.Info.Error == DecodeError.None, name);
    }

    [Theory]
    [MemberData(nameof(Tunnels))]
    public void Decode_TunnelCutAnywhere_FallsBackToAFlowAroundIt(string name, byte protocol, byte[] inner, string layers)
    {
        byte[] whole = Frame.Ethernet(0x0800, Frame.Ipv4(protocol, inner, OuterSource, OuterDestination));
        for (int length = 34; length < whole.Length; length++)
        {
            var packet = Decoded.Of(whole[..length], wireLength: whole.Length);

            Assert.True(packet.Info.Kind == PacketKind.Ip, $"{name} ({layers}) cut to {length}");
        }
    }

    [Fact]
    public void Decode_DamagedInnerHeader_LeavesTheTunnelsFlow()
    {
        byte[] inner = Frame.Usual(Payload);
        inner[14] = 0x41; // header length of 4 bytes
        byte[] frame = Frame.Ethernet(0x0800, Frame.Ipv4(17, Frame.Udp(40000, 4789, Frame.Join(Frame.Hex("08000000 00000100"), inner)), OuterSource, OuterDestination));

        var packet = Decoded.Of(frame);

        Assert.Equal("UDP 192.0.2.1:40000 - 192.0.2.2:4789", packet.Flow);
        Assert.Equal(17, packet.Info.Protocol);
        Assert.Equal(8 + inner.Length, packet.Info.PayloadLength);
        Assert.Equal(DecodeError.BadLength, packet.Info.Error);
    }

    [Theory]
    [InlineData(4789, "12340100 00010000 00000000 0377777706676F6F676C6503636F6D00")] // a DNS answer to that port
    [InlineData(2152, "32 01 0004 00000000 0000 0000 0000 0000 0000 0000 0000 0000 0000")] // echo request
    [InlineData(6081, "4000 6558 00000000")]
    [InlineData(3544, "6000 0000 0000")]
    public void Decode_OtherTrafficOnATunnelsPort_IsPlainUdp(ushort port, string payload)
    {
        var packet = Decoded.Of(Frame.Ethernet(0x0800, Frame.Ipv4(17, Frame.Udp(53, port, Frame.Hex(payload)))));

        Assert.Equal("Ethernet 14, Ipv4 20, Udp 8", packet.Layers);
        Assert.Equal(DecodeError.None, packet.Info.Error);
    }

    [Fact]
    public void Decode_GreKeepAlive_IsAFlowOfItsOwn()
    {
        var packet = Decoded.Of(Frame.Ethernet(0x0800, Frame.Ipv4(47, Frame.Hex("0000 0000"))));

        Assert.Equal("GRE 10.1.2.3:gre000 - 198.51.100.7:gre000", packet.Flow);
    }
}
