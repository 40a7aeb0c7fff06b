using System.Buffers.Binary;
using System.Net;
using Spillway.Net.Flows;
using Spillway.Net.Packets;

namespace Spillway.Net.Tests.Flows;

public class FlowTextTests
{
    [Theory]
    [InlineData("2001:db8::1")]
    [InlineData("::")]
    [InlineData("::1")]
    [InlineData("1::")]
    [InlineData("2001:db8:0:1:1:1:1:1")] // a single zero group is not shortened
    [InlineData("2001:0:0:1::1")] // of two runs the longer
    [InlineData("2001:db8::1:0:0:1")] // of equal runs the first
    [InlineData("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff")]
    [InlineData("::ffff:255.255.255.255")]
    public void Address_Ipv6_IsTheFormOfRfc5952(string text)
    {
        UInt128 address = BinaryPrimitives.ReadUInt128BigEndian(IPAddress.Parse(text).GetAddressBytes());

        Assert.Equal(text, FlowText.Address(address, 6));
    }

    [Fact]
    public void Address_AnyIpv6_ReadsBackAsItself()
    {
        var random = new Random(5);
        byte[] bytes = new byte[16];
        for (int i = 0; i < 10_000; i++)
        {
            random.NextBytes(bytes);
            for (int n = random.Next(12); n > 0; n--)
                bytes.AsSpan(random.Next(8) * 2, 2).Clear();
            UInt128 address = BinaryPrimitives.ReadUInt128BigEndian(bytes);

            Assert.Equal(bytes, IPAddress.Parse(FlowText.Address(address, 6)).GetAddressBytes());
        }
    }

    [Theory]
    [InlineData(0u, "0.0.0.0")]
    [InlineData(0xC0A80102u, "192.168.1.2")]
    [InlineData(0xFFFFFFFFu, "255.255.255.255")]
    public void Address_Ipv4_IsDotted(uint address, string text)
    {
        Assert.Equal(text, FlowText.Address(address, 4));
    }

    [Fact]
    public void ToReadable_Flows_NameProtocolAndEnds()
    {
        Assert.Equal(
            "TCP 10.1.2.3:49152 - 198.51.100.7:443",
            FlowText.ToReadable(FlowKey.Create(0x0A010203, 49152, 0xC6336407, 443, 6, 4, out _))
        );
        Assert.Equal(
            "ICMP 10.1.2.3:icmp08 - 198.51.100.7:icmp08",
            FlowText.ToReadable(FlowKey.Create(0x0A010203, 8, 0xC6336407, 8, 1, 4, out _))
        );
        Assert.Equal("UDP [::1]:5 - [::2]:4", FlowText.ToReadable(FlowKey.Create(1, 5, 2, 4, 17, 6, out _)));
        Assert.Equal("no flow", FlowText.ToReadable(default));
    }
}
