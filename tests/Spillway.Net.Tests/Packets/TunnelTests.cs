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
                {
                    "ERSPAN III",
                    47,
                    Frame.Join(Frame.Hex("1000 22EB 00000001 2000000000000000 00000000"), ethernet),
                    "Gre 20, Ethernet 14, " + tcp
                },
                {
                    "ERSPAN III, subheader",
                    47,
                    Frame.Join(Frame.Hex("1000 22EB 00000001 2000000000000000 00000001 0000000000000000"), ethernet),
                    "Gre 28, Ethernet 14, " + tcp
                },
                { "PPTP", 47, Frame.Join(Frame.Hex("3081 880B 0033 0001 00000001 00000002 FF03 0021"), ip), "Gre 20, " + tcp },
                {
                    "VXLAN",
                    17,
                    Frame.Udp(40000, 4789, Frame.Join(Frame.Hex("08000000 00000100"), ethernet)),
                    "Udp 8, Vxlan 8, Ethernet 14, " + tcp
                },
                {
                    "Geneve",
                    17,
                    Frame.Udp(40000, 6081, Frame.Join(Frame.Hex("0200 6558 00000100 0000000000000000"), ethernet)),
                    "Udp 8, Geneve 16, Ethernet 14, " + tcp
                },
                { "Geneve, IP", 17, Frame.Udp(40000, 6081, Frame.Join(Frame.Hex("0000 0800 00000100"), ip)), "Udp 8, Geneve 8, " + tcp },
                { "GTP-U", 17, Frame.Udp(2152, 2152, Frame.Join(Frame.Hex("30 FF 002F 00000001"), ip)), "Udp 8, GtpU 8, " + tcp },
                {
                    "GTP-U, extension",
                    17,
                    Frame.Udp(2152, 2152, Frame.Join(Frame.Hex("34 FF 0037 00000001 0000 00 85 01 0000 00"), ip)),
                    "Udp 8, GtpU 16, " + tcp
                },
                {
                    "GTP-U, spare bit",
                    17,
                    Frame.Udp(2152, 2152, Frame.Join(Frame.Hex("38 FF 002F 00000001"), ip)),
                    "Udp 8, GtpU 8, " + tcp
                },
                {
                    "VXLAN, all reserved bits",
                    17,
                    Frame.Udp(40000, 4789, Frame.Join(Frame.Hex("FFFFFFFF 000001FF"), ethernet)),
                    "Udp 8, Vxlan 8, Ethernet 14, " + tcp
                },
                {
                    "VXLAN, group policy",
                    17,
                    Frame.Udp(40000, 4789, Frame.Join(Frame.Hex("88000123 00000100"), ethernet)),
                    "Udp 8, Vxlan 8, Ethernet 14, " + tcp
                },
                {
                    "VXLAN, old port",
                    17,
                    Frame.Udp(40000, 8472, Frame.Join(Frame.Hex("08000000 00000100"), ethernet)),
                    "Udp 8, Vxlan 8, Ethernet 14, " + tcp
                },
                { "VXLAN-GPE, IP", 17, Frame.Udp(40000, 4790, Frame.Join(Frame.Hex("0C000001 00000100"), ip)), "Udp 8, Vxlan 8, " + tcp },
                {
                    "VXLAN-GPE, frame",
                    17,
                    Frame.Udp(40000, 4790, Frame.Join(Frame.Hex("0C00FF03 000001FF"), ethernet)),
                    "Udp 8, Vxlan 8, Ethernet 14, " + tcp
                },
                {
                    "VXLAN-GPE without next protocol",
                    17,
                    Frame.Udp(40000, 4790, Frame.Join(Frame.Hex("08000000 00000100"), ethernet)),
                    "Udp 8, Vxlan 8, Ethernet 14, " + tcp
                },
                {
                    "VXLAN-GPE, NSH",
                    17,
                    Frame.Udp(40000, 4790, Frame.Join(Frame.Hex("0C000004 00000100 0FC20203 000001FF"), ethernet)),
                    "Udp 8, Vxlan 8, Nsh 8, Ethernet 14, " + tcp
                },
                { "GRE in UDP", 17, Frame.Udp(40000, 4754, Frame.Join(Frame.Hex("0000 0800"), ip)), "Udp 8, Gre 4, " + tcp },
                {
                    "GRE in UDP, second port",
                    17,
                    Frame.Udp(40000, 4755, Frame.Join(Frame.Hex("2000 6558 00000001"), ethernet)),
                    "Udp 8, Gre 8, Ethernet 14, " + tcp
                },
                { "MPLS in UDP", 17, Frame.Udp(40000, 6635, Frame.Mpls(true, ip)), "Udp 8, Mpls 4, " + tcp },
                { "L2TP", 17, Frame.Udp(1701, 1701, Frame.Join(Frame.Hex("0002 0001 0002 FF03 0021"), ip)), "Udp 8, L2tp 10, " + tcp },
                {
                    "L2TP, all fields",
                    17,
                    Frame.Udp(1701, 1701, Frame.Join(Frame.Hex("7AF2 0000 0001 0002 0000 0000 0002 AAAA 21"), ip)),
                    "Udp 8, L2tp 17, " + tcp
                },
                { "GRE, WCCP", 47, Frame.Join(Frame.Hex("0000 883E"), ip), "Gre 4, " + tcp },
                { "GRE, WCCP version 2", 47, Frame.Join(Frame.Hex("0000 883E 00010203"), ip), "Gre 8, " + tcp },
                { "GRE, reserved bits", 47, Frame.Join(Frame.Hex("0078 0800"), ip), "Gre 4, " + tcp },
                { "GRE, NSH", 47, Frame.Join(Frame.Hex("0000 894F 0FC20201 000001FF"), ip), "Gre 4, Nsh 8, " + tcp },
                { "EtherIP", 97, Frame.Join(Frame.Hex("3FFF"), ethernet), "EtherIp 2, Ethernet 14, " + tcp },
                {
                    "ERSPAN in VXLAN",
                    17,
                    Frame.Udp(
                        40000,
                        4789,
                        Frame.Join(
                            Frame.Hex("08000000 00000100"),
                            Frame.Ethernet(0x0800, Frame.Ipv4(47, Frame.Join(Frame.Hex("1000 88BE 00000001 1000000000000000"), ethernet)))
                        )
                    ),
                    "Udp 8, Vxlan 8, Ethernet 14, Ipv4 20, Gre 16, Ethernet 14, " + tcp
                },
                {
                    "Geneve, other bits",
                    17,
                    Frame.Udp(40000, 6081, Frame.Join(Frame.Hex("007F 0800 000001FF"), ip)),
                    "Udp 8, Geneve 8, " + tcp
                },
                { "Teredo", 17, Frame.Udp(40000, 3544, ip6), "Udp 8, Ipv6 40, Tcp 20" },
                {
                    "Teredo, origin",
                    17,
                    Frame.Udp(40000, 3544, Frame.Join(Frame.Hex("0000 0000 00000000"), ip6)),
                    "Udp 8, Ipv6 40, Tcp 20"
                },
            };
        }
    }

    [Theory]
    [MemberData(nameof(Tunnels))]
    public void Decode_Tunnel_GivesTheInnermostFlow(string name, byte protocol, byte[] inner, string layers)
    {
        var packet = Decoded.Of(Frame.Ethernet(0x0800, Frame.Ipv4(protocol, inner, OuterSource, OuterDestination)));

        Assert.Equal("Ethernet 14, Ipv4 20, " + layers, packet.Layers);
        Assert.Equal(
            layers.Contains("Ipv6", StringComparison.Ordinal) ? "TCP [2001:db8::1]:49152 - [2001:db8::2]:443" : InnerFlow,
            packet.Flow
        );
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
    public void Decode_VxlanThreeDeep_GivesTheInnermostFlow()
    {
        byte[] frame = Frame.Usual(Payload);
        for (int i = 0; i < 3; i++)
            frame = Frame.Ethernet(
                0x0800,
                Frame.Ipv4(17, Frame.Udp(40000, 4789, Frame.Join(Frame.Hex("08000000 00000100"), frame)), OuterSource, OuterDestination)
            );

        Assert.Equal(InnerFlow, Decoded.Of(frame).Flow);
    }

    [Fact]
    public void Decode_TunnelWithoutEnd_StopsAtTheLimitAndSaysSo()
    {
        byte[] frame = Frame.Usual(Payload);
        for (int i = 0; i < 100; i++)
            frame = Frame.Ethernet(0x0800, Frame.Ipv4(47, Frame.Join(Frame.Hex("0000 6558"), frame), OuterSource, OuterDestination));

        Assert.Equal(DecodeError.TooDeep, Decoded.Of(frame).Info.Error);
    }

    [Fact]
    public void Decode_ClientWhosePortIsATunnelsByChance_IsNoTunnel()
    {
        byte[] answer = Frame.Udp(53, 8472, Frame.Join(Frame.Hex("0801 8180 0001 0001 0000 0000"), Frame.Bytes(30, 0x61)));
        var packet = Decoded.Of(Frame.Ethernet(0x0800, Frame.Ipv4(17, answer)));

        Assert.Equal("Ethernet 14, Ipv4 20, Udp 8", packet.Layers);
        Assert.Equal(DecodeError.None, packet.Info.Error);
    }

    [Theory]
    [InlineData("8926 00000000 0800", 6)] // VN-tag
    [InlineData("893F 000000000000 0800", 8)] // 802.1BR
    [InlineData("892F 00000001 0800", 6)] // HSR
    [InlineData("F1C1 00000001 0800", 6)] // 802.1CB
    [InlineData("8909 01 01 0001 0010 0800", 8)] // Cisco metadata
    [InlineData("8909 01 02 0001 0010 0002 0011 0800", 12)]
    public void Decode_TagBeforeTheType_IsSteppedOver(string tag, int length)
    {
        var packet = Decoded.Of(Frame.Join(Frame.Hex("020000000001 020000000002" + tag), Frame.UsualIp(Payload)));

        Assert.Equal(InnerFlow, packet.Flow);
        Assert.Equal($"Ethernet 14, Tag {length}, Ipv4 20, Tcp 20", packet.Layers);
    }

    [Theory]
    [InlineData("88E7 00000001", 4)] // 802.1ah
    [InlineData("8903 0000", 2)] // FabricPath
    [InlineData("22F3 0001 0002 0003", 6)] // TRILL
    [InlineData("22F3 0081 0002 0003 AAAAAAAA BBBBBBBB", 14)]
    public void Decode_FrameInFrame_GivesTheInnerFlow(string tag, int length)
    {
        var packet = Decoded.Of(Frame.Join(Frame.Hex("020000000003 020000000004" + tag), Frame.Usual(Payload)));

        Assert.Equal(InnerFlow, packet.Flow);
        Assert.Equal($"Ethernet 14, Tag {length}, Ethernet 14, Ipv4 20, Tcp 20", packet.Layers);
    }

    [Theory]
    [InlineData("88CC 0207", "EtherType 0x88cc (LLDP)")]
    [InlineData("1234 0207", "EtherType 0x1234")]
    [InlineData("0806 0001", "EtherType 0x0806 (ARP)")]
    [InlineData("8100 0005 88E5 0000", "EtherType 0x88e5 (MACsec)")]
    [InlineData("0026 4242 03 0000", "LLC 0x42 (STP)")]
    [InlineData("0026 AAAA 03 00000C 2000 02B4", "SNAP 00000c:2000 (CDP)")]
    [InlineData("8864 1100 0001 0004 C021 0101", "PPP 0xc021 (LCP)")]
    [InlineData("894F 0FC20207 000001FF", "NSH 0x07")]
    [InlineData("0026 AAAA 03 000000 0800 45", "others")] // IP: there is nothing to name
    public void Decode_WhatIsNotLookedInto_IsNamed(string frame, string name)
    {
        var packet = Decoded.Of(Frame.Hex("020000000001 020000000002" + frame));

        Assert.Equal(name, packet.Info.Opaque.ToString());
    }

    [Theory]
    [InlineData(4755, "16FEFD00", "GRE in UDP, encrypted (DTLS)")]
    [InlineData(1701, "000300000000000100000000", "L2TP version 3")]
    [InlineData(4790, "0C00000700000100", "VXLAN-GPE 0x07")]
    [InlineData(6081, "0000 88CC 00000100", "EtherType 0x88cc (LLDP)")]
    public void Decode_TunnelThatIsNotLookedInto_IsNamed(ushort port, string payload, string name)
    {
        var packet = Decoded.Of(Frame.Ethernet(0x0800, Frame.Ipv4(17, Frame.Udp(40000, port, Frame.Hex(payload)))));

        Assert.Equal(name, packet.Info.Opaque.ToString());
    }

    [Fact]
    public void OpaqueCounts_MoreNamesThanAreCounted_AddUpToTheWhole()
    {
        var counts = new OpaqueCounts();
        for (uint type = 0; type < 1000; type++)
            counts.Add(new OpaqueId(OpaqueKind.EtherType, 0x2000 + type));
        counts.Add(new OpaqueId(OpaqueKind.EtherType, 0x2001));

        Assert.Equal(("others", 1000L - OpaqueCounts.MaxNames), (counts.ToList()[0].Id.ToString(), counts.ToList()[0].Packets));
        Assert.Equal(2, counts.ToList()[1].Packets);
        Assert.Equal(1001, counts.ToList().Sum(each => each.Packets));
    }

    [Fact]
    public void Decode_DamagedInnerHeader_LeavesTheTunnelsFlow()
    {
        byte[] inner = Frame.Usual(Payload);
        inner[14] = 0x41; // header length of 4 bytes
        byte[] frame = Frame.Ethernet(
            0x0800,
            Frame.Ipv4(17, Frame.Udp(40000, 4789, Frame.Join(Frame.Hex("08000000 00000100"), inner)), OuterSource, OuterDestination)
        );

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
