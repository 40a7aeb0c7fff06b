using System.Text;
using Spillway.Net.Protocols.Http;

namespace Spillway.Net.Tests.Http;

public sealed class ContentRangeTests
{
    [Theory]
    [InlineData("bytes 0-99/200", 0, 99, 200)]
    [InlineData("Bytes  100-100/101 ", 100, 100, 101)]
    [InlineData("bytes 5-9/*", 5, 9, -1)]
    [InlineData("bytes 0-9223372036854775805/9223372036854775807", 0, long.MaxValue - 2, long.MaxValue)]
    public void TryParse_Range_GivesItsBytes(string field, long first, long last, long total)
    {
        Assert.True(ContentRange.TryParse(Encoding.ASCII.GetBytes(field), out ContentRange range));
        Assert.Equal(new ContentRange(first, last, total), range);
        Assert.Equal(last - first + 1, range.Length);
    }

    [Theory]
    [InlineData("")]
    [InlineData("bytes")]
    [InlineData("bytes ")]
    [InlineData("bytes */200")]
    [InlineData("bytes 5-4/200")]
    [InlineData("bytes 0-200/200")]
    [InlineData("bytes 0-99")]
    [InlineData("bytes 0-99/")]
    [InlineData("bytes 0-99/200x")]
    [InlineData("bytes -1-99/200")]
    [InlineData("bytes 0--1/200")]
    [InlineData("bytes 0-99999999999999999999/200")]
    [InlineData("bytes 0-9223372036854775807/*")]
    [InlineData("seconds 0-99/200")]
    [InlineData("bytes=0-99/200")]
    public void TryParse_NoRange_IsRefused(string field) => Assert.False(ContentRange.TryParse(Encoding.ASCII.GetBytes(field), out _));
}
