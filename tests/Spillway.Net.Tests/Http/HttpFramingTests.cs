namespace Spillway.Net.Tests.Http;

/// <summary>Where messages begin and end, case by case. Every case is fed whole, and cut in two at every byte.</summary>
public class HttpFramingTests
{
    private const string Get = "GET /x HTTP/1.1\r\nHost: a.example\r\n\r\n";

    public static TheoryData<string, string, string, string> Cases =>
        new()
        {
            { "content-length", Get, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", "hello Complete" },
            { "content-length, odd case and blanks", Get, "HTTP/1.1 200 OK\r\ncOnTeNt-LENGTH\t:  5  \r\n\r\nhello", "hello Complete" },
            { "content-length zero", Get, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", " NoBody" },
            { "same length twice", Get, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\nhello", "hello Complete" },
            { "length as a list", Get, "HTTP/1.1 200 OK\r\nContent-Length: 5, 5\r\n\r\nhello", "hello Complete" },
            { "negative length", Get, "HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nhello", "hello Complete" },
            { "length over 2^63", Get, "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\nhello", "hello Complete" },
            { "length is a word", Get, "HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\nhello", "hello Complete" },
            { "length too large", Get, "HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhello", "hello Truncated" },
            { "until close", Get, "HTTP/1.0 200 OK\r\n\r\nhello", "hello Complete" },
            { "bare line feeds", Get, "HTTP/1.1 200 OK\nContent-Length: 5\n\nhello", "hello Complete" },
            { "mixed line ends", Get, "HTTP/1.1 200 OK\r\nContent-Length: 5\n\r\nhello", "hello Complete" },
            { "empty lines first", Get, "\r\n\r\n\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", "hello Complete" },
            { "no reason phrase", Get, "HTTP/1.1 200\r\nContent-Length: 5\r\n\r\nhello", "hello Complete" },
            { "no fields", Get, "HTTP/1.1 200 OK\r\n\r\n", " Complete" },
            { "chunked", Get, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n", "hello Complete" },
            {
                "chunked, folded",
                Get,
                "HTTP/1.1 200 OK\r\nTransfer-Encoding:\r\n chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
                "hello Complete"
            },
            {
                "chunked, extensions",
                Get,
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;a=\"b;c\"\r\nhello\r\n0;z\r\n\r\n",
                "hello Complete"
            },
            {
                "chunked, trailers",
                Get,
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nA: b\r\nC: d\r\n\r\n",
                "hello Complete"
            },
            { "chunked, bare line feeds", Get, "HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n5\nhello\n0\n\n", "hello Complete" },
            {
                "chunked, leading zeros",
                Get,
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n00000000000000000000005\r\nhello\r\n000\r\n\r\n",
                "hello Complete"
            },
            {
                "chunked, CR before the size",
                Get,
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\r5\r\nhello\r\n0\r\n\r\n",
                "hello Complete"
            },
            {
                "chunked, CR behind the size",
                Get,
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\r\nhello\r\n0\r\n\r\n",
                "hello Complete"
            },
            {
                "chunked, last chunk 0x",
                Get,
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0x\r\n\r\n",
                "hello Complete"
            },
            {
                "chunked, size over 2^64",
                Get,
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n10000000000000005\r\nhello\r\n0\r\n\r\n",
                " Corrupt"
            },
            {
                "chunked, negative size",
                Get,
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n-3\r\nllo\r\n0\r\n\r\n",
                "he Corrupt"
            },
            { "chunked, cut in a chunk", Get, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel", "hel Truncated" },
            {
                "chunked, cut between chunks",
                Get,
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
                "hello Truncated"
            },
            {
                "chunked, last line missing",
                Get,
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n",
                "hello Complete"
            },
            {
                "chunked wins over length",
                Get,
                "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
                "hello Complete"
            },
            { "chunked in 1.0", Get, "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", "hello Complete" },
            { "chunkedx", Get, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunkedx\r\n\r\n5\r\nhello\r\n0\r\n\r\n", "hello Complete" },
            {
                "another coding first",
                Get,
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: x\r\nTransfer-Encoding: Chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
                "hello Complete"
            },
            { "identity", Get, "HTTP/1.1 200 OK\r\nTransfer-Encoding: identity\r\nContent-Length: 5\r\n\r\nhello", "hello Complete" },
            {
                "said chunked, is not",
                Get,
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\nhello",
                "hello Complete"
            },
            { "304 with a length", Get, "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", " NoBody" },
            { "204", Get, "HTTP/1.1 204 No Content\r\n\r\n", " NoBody" },
            { "204 with a length and no body", Get, "HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n", " NoBody" },
            { "204 with a body", Get, "HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\nhello", "hello Complete" },
            { "304 with a body", Get, "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\nhello", "hello Complete" },
            { "100 with a body and nothing else", Get, "HTTP/1.1 100 Continue\r\nContent-Length: 5\r\n\r\nhello", "hello Complete" },
            {
                "100 with a length, then the answer",
                Get,
                "HTTP/1.1 100 C\r\nContent-Length: 5\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi",
                "hi Complete"
            },
            {
                "chunked, size with 0x",
                Get,
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0x5\r\nhello\r\n0\r\n\r\n",
                "hello Complete"
            },
            { "length with junk", Get, "HTTP/1.1 200 OK\r\nContent-Length: 4.5\r\n\r\nhello", "hello Complete" },
            { "HEAD", "HEAD /x HTTP/1.1\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", " NoBody" },
            { "206", Get, "HTTP/1.1 206 Partial\r\nContent-Range: bytes 2-6/9\r\nContent-Length: 5\r\n\r\nhello", "hello Complete" },
            {
                "100 first",
                Get,
                "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 100 Continue\r\nA: b\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
                "hello Complete"
            },
            { "status is no number", Get, "HTTP/1.1 OK fine\r\nContent-Length: 5\r\n\r\nhello", "hello Complete" },
            { "lines without a colon", Get, "HTTP/1.1 200 OK\r\nnonsense\r\n: empty\r\nContent-Length: 5\r\n\r\nhello", "hello Complete" },
            { "CR as line end", Get, "HTTP/1.1 200 ok\rContent-length: 5\r\n\nhello", "hello Complete" },
            { "lower case", Get, "http/1.1 200 ok\r\ncontent-length: 5\r\n\r\nhello", "hello Complete" },
            {
                "mixed case, chunked",
                Get,
                "hTtP/1.1 200 ok\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
                "hello Complete"
            },
            { "no version", Get, "HTTP 200 OK\r\nContent-Length: 5\r\n\r\nhello", "hello Complete" },
            { "version 1.10", Get, "HTTP/1.10 200 OK\r\nContent-Length: 5\r\n\r\nhello", "hello Complete" },
            { "tabs in the status line", Get, "HTTP/1.1\t200\tOK\r\nContent-Length: 5\r\n\r\nhello", "hello Complete" },
            { "blanks before the status line", Get, "\r\n \t\r\n  HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", "hello Complete" },
            { "fields parted by CR", Get, "HTTP/1.1 200 OK\rA: b\rContent-Length: 5\rC: d\r\n\r\nhello", "hello Complete" },
            { "CR before the line end", Get, "HTTP/1.1 200 OK\r\r\nContent-Length: 5\r\r\n\r\nhello", "hello Complete" },
            { "header ended by a blank", Get, "HTTP/1.1 200 OK\nContent-Length: 5\n \nhello", "hello Complete" },
            { "header ended by a tab, CRLF", Get, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\t\r\nhello", "hello Complete" },
            { "header ended by blanks, body of symbols", Get, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n \t \r\n<a/>\n", "<a/>\n Complete" },
            { "line of blanks inside", Get, "HTTP/1.1 200 OK\r\nA: b\r\n \r\nContent-Length : 5\r\n\r\nhello", "hello Complete" },
            {
                "lines of blanks, then the empty line",
                Get,
                "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n \r\n\t\r\n\r\nhello",
                "hello Complete"
            },
            { "NUL in a field", Get, "HTTP/1.1 200 OK\r\nA: \0\r\n\0B: c\r\nContent-Length: 5\r\n\r\nhello", "hello Complete" },
            { "response first", "", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", "hello Complete" },
        };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Response_InOnePieceOrTwo_GivesTheSameBody(string name, string request, string response, string expected)
    {
        byte[] bytes = HttpProbe.Bytes(response);
        for (int cut = 0; cut < bytes.Length; cut++)
        {
            HttpProbe probe = new();
            probe.Client(request).Server(bytes.AsSpan(0, cut)).Server(bytes.AsSpan(cut)).Close();

            ObservedMessage message = Assert.Single(probe.Recorder.Responses);
            Assert.True($"{message.Text} {message.End}" == expected, $"{name}, cut at {cut}: {message.Text} {message.End}");
            Assert.Equal(message.Body.Length, message.Length);
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Response_ByteByByte_GivesTheSameBody(string name, string request, string response, string expected)
    {
        HttpProbe probe = new();
        foreach (char c in request)
            probe.Client(c.ToString());
        foreach (char c in response)
            probe.Server(c.ToString());
        probe.Close();

        ObservedMessage message = Assert.Single(probe.Recorder.Responses);
        Assert.True($"{message.Text} {message.End}" == expected, $"{name}: {message.Text} {message.End}");
    }

    [Theory]
    [InlineData("POST /x HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello", "hello Complete")]
    [InlineData("PUT /x HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", "hello Complete")]
    [InlineData("POST /x HTTP/1.1\r\n\r\n", " NoBody")]
    [InlineData("GET /x HTTP/1.1\nHost: h\n\n", " NoBody")]
    [InlineData("GET /a b c HTTP/1.1\r\n\r\n", " NoBody")]
    [InlineData("get /x HTTP/1.0\r\n\r\n", " NoBody")]
    [InlineData("VERSION-CONTROL /x HTTP/1.1\r\n\r\n", " NoBody")]
    [InlineData("POST /x HTTP/1.1\r\nContent-Length: 9\r\n\r\nhello", "hello Truncated")]
    [InlineData("\0GET /x HTTP/1.1\r\n\r\n", " NoBody")]
    [InlineData("GET /a\u0001\0\u001b HTTP/1.1\r\nHost: h\r\n\r\n", " NoBody")]
    [InlineData("GET \u0001 HTTP/1.1\r\nHost: h\r\n\r\n", " NoBody")]
    [InlineData(" \r\n\tPOST\t/x\thttp/1.1\r\nContent-Length: 5\r\n\r\nhello", "hello Complete")]
    [InlineData("GET /x HTTP/2.0\r\nHost: h\r\n\r\n", " NoBody")]
    public void Request_CutAnywhere_GivesTheSameBody(string request, string expected)
    {
        byte[] bytes = HttpProbe.Bytes(request);
        for (int cut = 0; cut < bytes.Length; cut++)
        {
            HttpProbe probe = new();
            probe.Feed(HttpProbe.Out, bytes.AsSpan(0, cut)).Feed(HttpProbe.Out, bytes.AsSpan(cut)).Close();

            ObservedMessage message = Assert.Single(probe.Recorder.Requests);
            Assert.Equal(expected, $"{message.Text} {message.End}");
        }
    }

    [Fact]
    public void Gap_InsideALengthBody_IsCountedAndTheNextMessageIsWhole()
    {
        HttpProbe probe = new();
        probe
            .Client(Get)
            .Server("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc")
            .Gap(HttpProbe.In, 4)
            .Server("hijHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        probe.Close();

        Assert.Equal(["abc\0\0\0\0hij Gap", "ok Complete"], probe.Recorder.Responses.Select(m => $"{m.Text} {m.End}"));
        Assert.Equal(0, probe.Statistics.Resynchronisations);
        Assert.Equal(4, probe.Statistics.MissingBytes);
    }
}
