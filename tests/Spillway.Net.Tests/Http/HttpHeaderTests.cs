using System.Text;
using Spillway.Net.Protocols.Http;

namespace Spillway.Net.Tests.Http;

public class HttpHeaderTests
{
    [Theory]
    [InlineData("GET /a/b?c=d HTTP/1.1\r\nHost: h.example:81\r\n\r\n", "/a/b?c=d", "h.example:81")]
    [InlineData("GET http://u:p@h.example:81/a?b HTTP/1.1\r\n\r\n", "/a?b", "h.example:81")]
    [InlineData("GET http://h.example HTTP/1.1\r\nHost: other\r\n\r\n", "/", "h.example")]
    [InlineData("GET http://u@h.example:81#x HTTP/1.1\r\nHost: other\r\n\r\n", "#x", "h.example:81")]
    [InlineData("GET http:///a HTTP/1.1\r\nHost: other\r\n\r\n", "/a", "other")]
    [InlineData("CONNECT h.example:443 HTTP/1.1\r\nHost: other\r\n\r\n", "h.example:443", "h.example:443")]
    [InlineData("CONNECT h.example:25 / HTTP/1.0\r\n\r\n", "h.example:25", "h.example:25")]
    [InlineData("CONNECT \th.example:25\t/x  y HTTP/1.0\r\n\r\n", "h.example:25", "h.example:25")]
    [InlineData("GET /a\u0001\0b\u007f HTTP/1.1\r\nHost: h\r\n\r\n", "/a\u0001\0b\u007f", "h")]
    [InlineData("GET /a\rb HTTP/1.1\r\nHost: h\r\n\r\n", "/a\rb", "h")]
    [InlineData("GET http://h.example?x HTTP/1.1\r\nHost:\r\n\r\n", "?x", "h.example")]
    [InlineData("GET /to?u=http://x/y HTTP/1.0\r\n\r\n", "/to?u=http://x/y", "")]
    [InlineData("OPTIONS * HTTP/1.1\r\nhOST:h\r\n\r\n", "*", "h")]
    [InlineData("CONNECT h.example:443 HTTP/1.1\r\n\r\n", "h.example:443", "h.example:443")]
    public void PathAndHost_OfEachForm_AreFound(string block, string path, string host)
    {
        HttpHeader header = HttpHeader.Parse(HttpProbe.Bytes(block))!;

        Assert.Equal(path, Encoding.Latin1.GetString(header.Path));
        Assert.Equal(host, Encoding.Latin1.GetString(header.Host));
    }

    [Fact]
    public void Parse_Response_GivesItsParts()
    {
        HttpHeader header = HttpHeader.Parse("HTTP/1.1  404 Not Here\r\nA: 1\r\nb : two\r\nA:3\r\nFold: x\r\n  y\r\nno colon\r\n\r\n"u8)!;

        Assert.False(header.IsRequest);
        Assert.Equal((404, 1), (header.Status, header.MinorVersion));
        Assert.Equal(4, header.Fields.Length);
        Assert.True(header.TryGetValue("B"u8, out ReadOnlySpan<byte> b));
        Assert.Equal("two"u8, b);
        Assert.True(header.TryGetValue("a"u8, 1, out ReadOnlySpan<byte> second));
        Assert.Equal("3"u8, second);
        Assert.False(header.TryGetValue("a"u8, 2, out _));
        Assert.True(header.TryGetValue("fold"u8, out ReadOnlySpan<byte> folded));
        Assert.Equal("x\r\n  y"u8, folded);
        Assert.Equal("no colon", Encoding.Latin1.GetString(header.Raw).Split("\r\n")[6]);
    }

    [Theory]
    [InlineData("GET / HTTP/1.0\r\n\r\n", "HTTP/1.0", 0)]
    [InlineData("GET / http/1.1\r\n\r\n", "http/1.1", 1)]
    [InlineData("GET /\tHTTP/1.10 \r\n\r\n", "HTTP/1.10", 1)]
    [InlineData("GET / HTTP/2.0\r\n\r\n", "HTTP/2.0", 0)]
    [InlineData("Http/1.1\t200\tfine\n\n", "Http/1.1", 1)]
    [InlineData("HTTP/1.1\r\n\r\n", "HTTP/1.1", 1)]
    public void Version_OfEachStartLine_IsAsSent(string block, string version, int minor)
    {
        HttpHeader header = HttpHeader.Parse(HttpProbe.Bytes(block))!;

        Assert.Equal(version, Encoding.Latin1.GetString(header.Version));
        Assert.Equal(minor, header.MinorVersion);
    }

    [Fact]
    public void Parse_NoStartLine_GivesNull() => Assert.Null(HttpHeader.Parse("hello\r\n\r\n"u8));

    [Fact]
    public void Unseen_HasEmptyParts()
    {
        Assert.True(HttpHeader.NoRequest.IsRequest);
        Assert.False(HttpHeader.NoResponse.IsRequest);
        Assert.True(HttpHeader.NoRequest.Method.IsEmpty && HttpHeader.NoRequest.Path.IsEmpty && HttpHeader.NoRequest.Host.IsEmpty);
        Assert.Equal(0, HttpHeader.NoResponse.Status);
        Assert.True(HttpHeader.NoResponse.Raw.IsEmpty);
    }

    [Fact]
    public void Limits_OutOfRange_AreRefused()
    {
        ArgumentOutOfRangeException error = Assert.Throws<ArgumentOutOfRangeException>(() => new HttpLimits { MaxHeaderBytes = 10 });
        Assert.Contains("between 256 and 16777216", error.Message, StringComparison.Ordinal);
    }
}
