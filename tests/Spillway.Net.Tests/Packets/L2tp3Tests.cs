using System.Buffers.Binary;
using Spillway.Net.Packets;

namespace Spillway.Net.Tests.Packets;

public class L2tp3Tests
{
    private const string InnerFlow = "TCP 10.1.2.3:49152 - 198.51.100.7:443";

    [Theory]
    [InlineData("", "Ethernet 14, Ipv4 20, L2tp 4, Ethernet 14, Ipv4 20, Tcp 20")]
    [InlineData("A1A2A3A4", "Ethernet 14, Ipv4 20, L2tp 8, Ethernet 14, Ipv4 20, Tcp 20")]
    [InlineData("A1A2A3A4A5A6A7A8", "Ethernet 14, Ipv4 20, L2tp 12, Ethernet 14, Ipv4 20, Tcp 20")]
    [InlineData("A1A2A3A4A5A6A7A8 40000001", "Ethernet 14, Ipv4 20, L2tp 16, Ethernet 14, Ipv4 20, Tcp 20")]
    public void Decode_SessionOverIp_FindsTheFrameBehindAnyCookie(string behind, string layers)
    {
        byte[] session = Frame.Join(Frame.Hex("00001234"), Frame.Hex(behind), Frame.Ethernet(0x0800, SoundIp()));
        var packet = Decoded.Of(Frame.Ethernet(0x0800, Frame.Ipv4(115, session)));

        Assert.Equal(layers, packet.Layers);
        Assert.Equal(InnerFlow, packet.Flow);
    }

    [Fact]
    public void Decode_SessionOverUdp_FindsATaggedFrame()
    {
        byte[] frame = Frame.Ethernet(0x8100, Frame.Vlan(7, 0x0800, SoundIp()));
        byte[] session = Frame.Join(Frame.Hex("0003 0000 00001234 A1A2A3A4"), frame);
        var packet = Decoded.Of(Frame.Ethernet(0x0800, Frame.Ipv4(17, Frame.Udp(1701, 1701, session))));

        Assert.Equal("Ethernet 14, Ipv4 20, Udp 8, L2tp 12, Ethernet 14, Vlan 4, Ipv4 20, Tcp 20", packet.Layers);
        Assert.Equal(InnerFlow, packet.Flow);
    }

    [Fact]
    public void Decode_SessionWithPpp_FindsItsPacket()
    {
        byte[] session = Frame.Join(Frame.Hex("00001234 FF03 0021"), SoundIp());
        var packet = Decoded.Of(Frame.Ethernet(0x0800, Frame.Ipv4(115, session)));

        Assert.Equal("Ethernet 14, Ipv4 20, L2tp 8, Ipv4 20, Tcp 20", packet.Layers);
    }

    [Fact]
    public void Decode_SessionOfSomethingElse_IsNamedAndNotGuessed()
    {
        byte[] session = Frame.Join(Frame.Hex("00001234"), Frame.Bytes(64));
        var packet = Decoded.Of(Frame.Ethernet(0x0800, Frame.Ipv4(115, session)));

        Assert.Equal("Ethernet 14, Ipv4 20", packet.Layers);
        Assert.Equal("L2TP version 3", packet.Info.Opaque.ToString());
    }

    [Fact]
    public void Decode_ControlMessage_IsNoSession()
    {
        var packet = Decoded.Of(Frame.Ethernet(0x0800, Frame.Ipv4(115, Frame.Hex("00000000 C8030014 00000000 00000000"))));

        Assert.Equal(OpaqueKind.None, packet.Info.Opaque.Kind);
        Assert.Equal(115, packet.Info.Key.Protocol);
    }

    // A header whose checksum is right, which is what shows that it is one.
    private static byte[] SoundIp()
    {
        byte[] ip = Frame.UsualIp("payload"u8.ToArray());
        uint sum = 0;
        for (int i = 0; i < 20; i += 2)
            sum += BinaryPrimitives.ReadUInt16BigEndian(ip.AsSpan(i));
        sum = (sum & 0xffff) + (sum >> 16);
        BinaryPrimitives.WriteUInt16BigEndian(ip.AsSpan(10), (ushort)~((sum & 0xffff) + (sum >> 16)));
        return ip;
    }
}
