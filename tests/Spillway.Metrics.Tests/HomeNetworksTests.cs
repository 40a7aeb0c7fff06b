using System.Net;
using Spillway.Metrics.Traffic;

namespace Spillway.Metrics.Tests;

public class HomeNetworksTests
{
    [Theory]
    [InlineData("10.0.0.0/8", "10.255.0.1", true)]
    [InlineData("10.0.0.0/8", "11.0.0.0", false)]
    [InlineData("198.51.100.7", "198.51.100.7", true)]
    [InlineData("198.51.100.7", "198.51.100.6", false)]
    [InlineData("0.0.0.0/0", "203.0.113.9", true)]
    [InlineData("2001:db8::/32, 10.0.0.0/8", "2001:db8:1::1", true)]
    [InlineData("2001:db8::/32", "2001:db9::1", false)]
    [InlineData("198.51.100.0/24", "224.0.0.251", true)]
    [InlineData("198.51.100.0/24", "255.255.255.255", true)]
    [InlineData("198.51.100.0/24", "fe80::1", true)]
    public void Contains_Addresses(string networks, string address, bool expected)
    {
        Assert.True(HomeNetworks.TryParse(networks, out HomeNetworks? home, out _));
        byte[] bytes = IPAddress.Parse(address).GetAddressBytes();
        UInt128 value = 0;
        foreach (byte part in bytes)
            value = (value << 8) | part;

        Assert.Equal(expected, home.Contains(value, (byte)(bytes.Length == 4 ? 4 : 6)));
    }

    [Theory]
    [InlineData("", "is no network")]
    [InlineData("10.0.0.0/8,", "is no network")]
    [InlineData("home", "is no network")]
    [InlineData("10.1/16", "is no network")]
    [InlineData("10.0.0.0/33", "0 to 32")]
    [InlineData("10.0.0.0/-1", "0 to 32")]
    [InlineData("2001:db8::/129", "0 to 128")]
    [InlineData("10.0.0.1/8", "10.0.0.0/8 is the network")]
    public void TryParse_WhatIsNoNetwork_SaysWhy(string text, string reason)
    {
        Assert.False(HomeNetworks.TryParse(text, out _, out string? flaw));
        Assert.Contains(reason, flaw, StringComparison.Ordinal);
    }
}
