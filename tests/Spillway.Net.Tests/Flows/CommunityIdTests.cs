using System.Net;
using System.Net.Sockets;
using Spillway.Net.Flows;
using Spillway.Net.Packets;

namespace Spillway.Net.Tests.Flows;

/// <summary>
/// Ids of the specification's reference implementation (https://github.com/corelight/pycommunityid), and others computed from the
/// specification by a program of a few lines in Python that shares no code with this one.
/// </summary>
public class CommunityIdTests
{
    [Theory]
    [InlineData(6, "128.232.110.120", 34855, "66.35.250.204", 80, 0, "1:LQU9qZlK+B5F3KDmev6m5PMibrg=")]
    [InlineData(6, "128.232.110.120", 34855, "66.35.250.204", 80, 1, "1:3V71V58M3Ksw/yuFALMcW0LAHvc=")]
    [InlineData(17, "192.168.1.52", 54585, "8.8.8.8", 53, 0, "1:d/FP5EW3wiY1vCndhwleRRKHowQ=")]
    [InlineData(132, "192.168.170.8", 7, "192.168.170.56", 80, 0, "1:jQgCxbku+pNGw8WPbEc/TS/uTpQ=")]
    [InlineData(6, "2607:f8b0:400c:c03::1a", 25, "2001:470:e5bf:dead:4957:2174:e82c:4887", 63943, 0, "1:/qFaeAR+gFe1KYjMzVDsMv+wgU4=")]
    [InlineData(47, "10.1.2.3", 0, "10.1.2.4", 0, 0, "1:eY/8ATwXzdpNGV71jowXNtJhTh4=")]
    public void Id_OfEitherDirection_IsThatOfTheSpecification(
        byte protocol,
        string source,
        ushort sourcePort,
        string destination,
        ushort destinationPort,
        ushort seed,
        string expected
    )
    {
        FlowKey there = Key(protocol, source, sourcePort, destination, destinationPort, out bool thereFromA);
        FlowKey back = Key(protocol, destination, destinationPort, source, sourcePort, out bool backFromA);

        Assert.Equal(expected, CommunityId.ToString(in there, thereFromA, seed));
        Assert.Equal(expected, CommunityId.ToString(in back, !backFromA, seed));
    }

    [Theory]
    [InlineData(1, "192.168.0.89", "192.168.0.1", 8, "1:X0snYXpgwiv9TZtqg64sgzUn6Dk=")]
    [InlineData(58, "fe80::200:86ff:fe05:80da", "fe80::260:97ff:fe07:69ea", 135, "1:dGHyGvjMfljg6Bppwm3bg0LO8TY=")]
    public void Id_OfIcmpWithAnAnswer_TakesTheAnswersTypeForAPort(byte protocol, string asks, string answers, ushort type, string expected)
    {
        FlowKey key = Key(protocol, asks, type, answers, type, out bool fromA);

        Assert.Equal(expected, CommunityId.ToString(in key, clientIsA: fromA));
    }

    [Fact]
    public void Id_OfAnIcmpError_IsNotMadeUp()
    {
        FlowKey key = Key(1, "10.0.0.1", 3, "10.0.0.2", 3, out bool fromA);

        Assert.Null(CommunityId.ToString(in key, fromA));
    }

    private static FlowKey Key(byte protocol, string source, ushort sourcePort, string destination, ushort destinationPort, out bool fromA)
    {
        (UInt128 from, byte version) = Address(source);
        return FlowKey.Create(from, sourcePort, Address(destination).Value, destinationPort, protocol, version, out fromA);
    }

    private static (UInt128 Value, byte Version) Address(string text)
    {
        IPAddress address = IPAddress.Parse(text);
        UInt128 value = 0;
        foreach (byte b in address.GetAddressBytes())
            value = (value << 8) | b;
        return (value, (byte)(address.AddressFamily == AddressFamily.InterNetworkV6 ? 6 : 4));
    }
}
