using Spillway.Questions;
using Spillway.Web.Data;

namespace Spillway.Web.Tests;

/// <summary>The filter language of flows.</summary>
public sealed class FlowFilterTextTests
{
    [Fact]
    public void Words_BecomeTermsOfTheirNames()
    {
        FlowFilter filter = new FlowFilterText("host:10.0.0.0/8 port:443 port:80 -service:dns minbytes:5M as:AS15169 sort:bytes").Filter;

        Assert.Equal(["10.0.0.0/8"], filter.Host.Any);
        Assert.Equal(["443", "80"], filter.Port.Any);
        Assert.Equal(["dns"], filter.Service.None);
        Assert.Equal([(5 << 20).ToString(System.Globalization.CultureInfo.InvariantCulture)], filter.MinBytes.Any);
        Assert.Equal(["15169"], filter.AsNumber.Any);
        Assert.Equal("bytes", filter.Sort);
    }

    [Theory]
    [InlineData("10.1.2.3")]
    [InlineData("2001:db8::1")]
    [InlineData("2001:db8::/32")]
    [InlineData("www.example.org")]
    public void WordWithoutAName_IsAHost(string text) => Assert.Equal([text], new FlowFilterText(text).Filter.Host.Any);

    [Fact]
    public void ValueInQuotes_KeepsItsBlanks() =>
        Assert.Equal(["SNI=a b"], new FlowFilterText("attribute:\"SNI=a b\"").Filter.Attribute.Any);

    [Theory]
    [InlineData("", "port", "443", "port:443")]
    [InlineData("host:a", "port", "443", "host:a port:443")]
    [InlineData("port:443", "port", "443", "port:443")]
    [InlineData("sort:bytes host:a", "sort", "rtt", "host:a sort:rtt")]
    [InlineData("tag:\"a b\"", "port", "1", "tag:\"a b\" port:1")]
    [InlineData("", "server", "a \"b", "server:\"a b\"")]
    public void With_AddsAWordOnce(string text, string name, string value, string expected) =>
        Assert.Equal(expected, FlowFilterText.With(text, name, value));
}
