using Spillway.Metrics.Records;
using static Spillway.Metrics.Tests.Helpers;

namespace Spillway.Metrics.Tests;

public class WireTextTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("6162", "ab")]
    [InlineData("C3A4", "\u00E4")]
    [InlineData("61FF62", "a\\xFFb")]
    [InlineData("6100", "a\\x00")]
    [InlineData("EDA080", "\\xED\\xA0\\x80")]
    [InlineData("F09F", "\\xF0\\x9F")]
    public void Decode_GivesValidText(string hex, string expected) => Assert.Equal(expected, WireText.Decode(Convert.FromHexString(hex)));

    [Theory]
    [InlineData(5, "aaaa")]
    [InlineData(6, "aaaa\u00E4")]
    [InlineData(4, "aaaa")]
    public void Decode_WithLimit_SplitsNoCharacter(int limit, string expected) =>
        Assert.Equal(expected, WireText.Decode(Utf8("aaaa\u00E4\u00E4\u00E4"), limit));

    [Fact]
    public void Decode_WithLimitInGarbage_TerminatesAtTheLimit()
    {
        byte[] garbage = new byte[50];
        Array.Fill(garbage, (byte)0x80);
        Assert.Equal(40, WireText.Decode(garbage, 10).Length);
    }
}
