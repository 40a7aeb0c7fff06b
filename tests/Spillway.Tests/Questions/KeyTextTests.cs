using Spillway.Questions;

namespace Spillway.Tests.Questions;

public sealed class KeyTextTests
{
    private static readonly StoredGroup Any = new(1, "{00000000-0000-0000-0000-000000000001}", "Mine", null, null);
    private static readonly StoredGroup IPv6 = new(2, "{6CD742B1-C1CA-4708-BE78-0FCA2EB01A86}", "HostsIPv6", null, null);

    [Theory]
    [InlineData("0A.01.02.03", "10.1.2.3")]
    [InlineData("C0.A8.01.00/24", "192.168.1.0/24")]
    [InlineData("p-01BB", "443")]
    [InlineData("p-XYZW", "p-XYZW")]
    [InlineData("SYS:GROUP_TOTALS", "(all)")]
    [InlineData("20010db8000000000000000000000001/64", "2001:db8::1/64")]
    [InlineData("d41d8cd98f00b204e9800998ecf8427e", "d41d8cd98f00b204e9800998ecf8427e")] // an MD5 is no address
    [InlineData("www.example.org", "www.example.org")]
    public void Key_OfAnyGroup_IsReadable(string key, string readable) => Assert.Equal(readable, Any.Readable(key));

    [Fact]
    public void Key_OfIPv6Hosts_IsAnAddress() => Assert.Equal("2001:db8::1", IPv6.Readable("20010DB8000000000000000000000001"));

    [Theory]
    [InlineData("15169", "AS15169")]
    [InlineData("SYS:GROUP_TOTALS", "(all)")]
    [InlineData("a script's", "a script's")]
    public void Key_OfAsNumbers_IsMarkedAsOne(string key, string readable)
    {
        Assert.Equal(readable, new StoredGroup(3, "{03E016FC-46AA-4340-90FC-0E278B93C677}", "ASNumber", null, null).Readable(key));
        Assert.Equal(readable, KeyText.Readable("{03E016FC-46AA-4340-90FC-0E278B93C677}", key));
    }

    [Theory]
    [InlineData("20010DB8000000000000000000000001", "2001:db8::1")]
    [InlineData("0A.01.02.03", "10.1.2.3")]
    public void Key_OfAGroupWithTheLabelsOfHosts_IsAnAddressOfEitherVersion(string key, string readable) =>
        Assert.Equal(
            readable,
            new StoredGroup(
                3,
                "{E2A93030-0E39-41E5-82DE-71847B1E6E40}",
                "DNS Servers",
                1,
                "{4CD742B1-C1CA-4708-BE78-0FCA2EB01A86}"
            ).Readable(key)
        );

    [Theory]
    [InlineData("AS15169", "15169")]
    [InlineData("as15169", "15169")]
    [InlineData("10.1.2.3", "0A.01.02.03")]
    [InlineData("192.168.1.0/24", "C0.A8.01.00/24")]
    [InlineData("443", "p-01BB")]
    [InlineData("total", "SYS:GROUP_TOTALS")]
    [InlineData("2001:DB8::1", "20010DB8000000000000000000000001")]
    [InlineData("GET", "GET")]
    public void Text_AsPeopleWriteIt_StandsForTheKey(string text, string key) =>
        Assert.Contains(key, KeyText.Candidates(text), StringComparer.OrdinalIgnoreCase);

    [Fact]
    public void Flow_IsReadable() =>
        Assert.Equal("TCP 10.1.2.3:49152 - 198.51.100.7:443", KeyText.ReadableFlow("06A:0A.01.02.03:p-C000_C6.33.64.07:p-01BB"));
}
