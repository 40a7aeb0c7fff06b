using System.Text;
using Spillway.Net.Flows;
using Spillway.Net.Packets;

namespace Spillway.Net.Tests.Flows;

public class FlowIdTests
{
    private static readonly UInt128 LinkLocal = new(0xFE80_0000_0000_0000, 1);
    private static readonly UInt128 Multicast = new(0xFF02_0000_0000_0000, 0xFB);

    [Fact]
    public void Format_Ipv4_IsTheDocumentedText()
    {
        FlowKey key = FlowKey.Create(0x0A010203, 49152, 0xC6336407, 443, 6, 4, out _);

        Assert.Equal("06A:0A.01.02.03:p-C000_C6.33.64.07:p-01BB", FlowId.ToString(key));
    }

    [Fact]
    public void Format_Ipv6_IsTheDocumentedText()
    {
        FlowKey key = FlowKey.Create(LinkLocal, 5353, Multicast, 5353, 17, 6, out _);

        Assert.Equal("11B:FE800000000000000000000000000001:p-14E9_FF0200000000000000000000000000FB:p-14E9", FlowId.ToString(key));
    }

    [Theory]
    [InlineData(1, 8, "icmp08")]
    [InlineData(58, 128, "icmp80")]
    [InlineData(2, 0, "igmp00")]
    [InlineData(47, 0, "gre000")]
    [InlineData(50, 0, "ipsec0")]
    [InlineData(51, 0, "ipsec0")]
    [InlineData(132, 80, "p-0050")]
    [InlineData(89, 0, "p-0000")]
    [InlineData(1, 0x0800, "p-0800")]
    public void FormatPort_ByProtocol_IsAWordOrANumberOfSixCharacters(byte protocol, ushort port, string expected)
    {
        byte[] text = new byte[FlowId.PortLength];

        Assert.Equal(6, FlowId.FormatPort(port, protocol, text));
        Assert.Equal(expected, Encoding.ASCII.GetString(text));
    }

    [Fact]
    public void Format_KeyOfNoFlow_IsAllZero()
    {
        const string none = "00A:00.00.00.00:p-0000_00.00.00.00:p-0000";

        Assert.Equal(none, FlowId.ToString(default));
        Assert.True(FlowId.TryParse(Encoding.ASCII.GetBytes(none), out FlowKey key));
        Assert.True(key.IsNone);
    }

    [Fact]
    public void Format_ShortDestination_Throws()
    {
        Assert.Throws<ArgumentException>(() => FlowId.Format(default, new byte[40]));
    }

    [Fact]
    public void TryParse_WhatFormatWrote_GivesTheKeyBack()
    {
        var random = new Random(3);
        Span<byte> id = stackalloc byte[FlowId.MaxLength];
        for (int i = 0; i < 10_000; i++)
        {
            byte version = random.Next(2) == 0 ? (byte)4 : (byte)6;
            byte protocol = (byte)random.Next(256);
            FlowKey key = FlowKey.CreateAsGiven(
                Address(version),
                (ushort)random.Next(65536),
                Address(version),
                (ushort)random.Next(256),
                protocol,
                version
            );

            int length = FlowId.Format(key, id);

            Assert.True(FlowId.TryParse(id[..length], out FlowKey parsed));
            Assert.Equal(key, parsed);
        }

        UInt128 Address(byte version) =>
            version == 4 ? (uint)random.NextInt64() : new UInt128((ulong)random.NextInt64(), (ulong)random.NextInt64());
    }

    [Theory]
    [InlineData("06a:0a.01.02.03:P-c000_c6.33.64.07:p-01bb")]
    [InlineData("06C:0A.01.02.03:p-C000_C6.33.64.07:p-01BB_C0.A8.00.01_00000011_00000008")]
    [InlineData("06A:0A.01.02.03:p-C000_C6.33.64.07:p-01BB_")]
    public void TryParse_OtherSpellings_GiveTheSameKey(string id)
    {
        FlowKey expected = FlowKey.CreateAsGiven(0x0A010203, 49152, 0xC6336407, 443, 6, 4);

        Assert.True(FlowId.TryParse(Encoding.ASCII.GetBytes(id), out FlowKey key));
        Assert.Equal(expected, key);
    }

    [Fact]
    public void TryParse_EndsTheOtherWayRound_StayAsGiven()
    {
        Assert.True(FlowId.TryParse("06A:C6.33.64.07:p-01BB_0A.01.02.03:p-C000"u8, out FlowKey key));
        Assert.Equal(443, key.PortA);
    }

    [Theory]
    [InlineData("01A:08.08.08.08:icmp08_0A.01.02.03:ICMP08", 8)]
    [InlineData("01A:08.08.08.08:ICMP_0A.01.02.03:ping", 0)]
    [InlineData("2FA:08.08.08.08:GRE00_0A.01.02.03:", 0)]
    public void TryParse_AnyPortText_IsAccepted(string id, int expectedPort)
    {
        Assert.True(FlowId.TryParse(Encoding.ASCII.GetBytes(id), out FlowKey key));
        Assert.Equal(expectedPort, key.PortA);
        Assert.Equal(0x08080808u, (uint)key.AddressA);
        Assert.Equal(0x0A010203u, (uint)key.AddressZ);
    }

    [Theory]
    [InlineData("")]
    [InlineData("06A")]
    [InlineData("06A:")]
    [InlineData("06X:0A.01.02.03:p-C000_C6.33.64.07:p-01BB")]
    [InlineData("0GA:0A.01.02.03:p-C000_C6.33.64.07:p-01BB")]
    [InlineData("06A:0A-01.02.03:p-C000_C6.33.64.07:p-01BB")]
    [InlineData("06A:10.1.2.3:p-C000_C6.33.64.07:p-01BB")]
    [InlineData("06A:0A.01.02.03:p-C000")]
    [InlineData("06A:0A.01.02.03:p-C000_C6.33.64.07")]
    [InlineData("06B:0A.01.02.03:p-C000_C6.33.64.07:p-01BB")]
    [InlineData("11B:FE8000000000000000000000000000XX:p-14E9_FF0200000000000000000000000000FB:p-14E9")]
    public void TryParse_Malformed_IsFalseAndNoFlow(string id)
    {
        Assert.False(FlowId.TryParse(Encoding.ASCII.GetBytes(id), out FlowKey key));
        Assert.True(key.IsNone);
    }

    [Fact]
    public void TryParse_AnyBytes_NeverThrows()
    {
        var random = new Random(11);
        for (int i = 0; i < 100_000; i++)
        {
            byte[] id = "06A:0A.01.02.03:p-C000_C6.33.64.07:p-01BB"u8.ToArray();
            for (int n = random.Next(4); n > 0; n--)
                id[random.Next(id.Length)] = (byte)random.Next(256);
            int length = random.Next(id.Length + 1);

            Assert.True(FlowId.TryParse(id.AsSpan(0, length), out FlowKey key) || key.IsNone);
        }
    }

    [Theory]
    [InlineData("C0.A8.01.02", 4)]
    [InlineData("FE800000000000000000000000000001", 6)]
    [InlineData("C0A80102", 0)]
    [InlineData("C0.A8.01.0G", 0)]
    public void TryParseAddress_Keys_TellTheirVersion(string text, byte version)
    {
        Assert.Equal(version != 0, FlowId.TryParseAddress(Encoding.ASCII.GetBytes(text), out _, out byte parsed));
        Assert.Equal(version, parsed);
    }
}
