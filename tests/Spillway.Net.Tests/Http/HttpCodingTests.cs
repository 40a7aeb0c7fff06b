using System.IO.Compression;
using System.Text;
using Spillway.Net.Protocols.Http;

namespace Spillway.Net.Tests.Http;

/// <summary>Content codings, whole and in pieces, and what servers get wrong about them.</summary>
public class HttpCodingTests
{
    public static TheoryData<string, string> Codings =>
        new()
        {
            { "gzip", "gzip" },
            { "x-gzip", "gzip" },
            { "GZip", "gzip" },
            { "deflate", "zlib" },
            { "deflate", "raw" },
            { "deflate", "gzip" },
            { "gzip", "zlib" },
            { "br", "br" },
            { "gzip, deflate", "gzip zlib" },
            { "deflate, gzip", "raw gzip" },
            { "gzip, gzip", "gzip gzip" },
            { "br,gzip,deflate", "br gzip raw" },
            { "identity", "" },
            { "gzip, identity", "gzip" },
            { "gzip, gzip", "gzip" },
        };

    [Theory]
    [MemberData(nameof(Codings))]
    public void Body_InItsCoding_IsDecodedWhateverThePieces(string named, string applied)
    {
        foreach (int length in new[] { 1, 100, 5000, 200_000 })
        {
            byte[] content = Text(length);
            byte[] body = content;
            foreach (string coding in applied.Split(' ', StringSplitOptions.RemoveEmptyEntries))
                body = Encode(coding, body);

            foreach (int piece in new[] { 1, 7, 1460, int.MaxValue })
            {
                if (piece == 1 && body.Length > 3000)
                    continue;

                ObservedMessage message = Exchange(named, body, piece, out HttpProbe probe);
                Assert.True(content.AsSpan().SequenceEqual(message.Body), $"{named} of {length} in pieces of {piece}: {message}");
                Assert.Equal(HttpBodyEnd.Complete, message.End);
                Assert.Equal(0, probe.Statistics.Corrupt);
            }
        }
    }

    [Fact]
    public void Body_ChunkedAndCoded_IsDecoded()
    {
        byte[] coded = Encode("gzip", Text(50_000));
        HttpProbe probe = new();
        probe.Client("GET / HTTP/1.1\r\n\r\n").Server("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n");
        for (int at = 0; at < coded.Length; at += 100)
        {
            ReadOnlySpan<byte> chunk = coded.AsSpan(at, Math.Min(100, coded.Length - at));
            probe.Server($"{chunk.Length:x}\r\n").Server(chunk).Server("\r\n");
        }

        probe.Server("0\r\n\r\n").Close();

        Assert.Equal(Text(50_000), Assert.Single(probe.Recorder.Responses).Body);
    }

    [Theory]
    [InlineData("", "gzip, chunked", "gzip", HttpCoding.Decoded)]
    [InlineData("", "X-GZip;q=1,chunked", "gzip", HttpCoding.Decoded)]
    [InlineData("", "deflate, chunked", "zlib", HttpCoding.Decoded)]
    [InlineData("", "deflate , Chunked", "raw", HttpCoding.Decoded)]
    [InlineData("br", "gzip, chunked", "br gzip", HttpCoding.Decoded)]
    [InlineData("gzip", "gzip, chunked", "gzip gzip", HttpCoding.Decoded)]
    [InlineData("gzip", "gzip, chunked", "gzip", HttpCoding.Mismatch)]
    [InlineData("", "gzip, chunked", "", HttpCoding.Mismatch)]
    [InlineData("", "compress, chunked", "", HttpCoding.Unknown)]
    [InlineData("gzip", "nonsense, chunked", "gzip", HttpCoding.Decoded)]
    public void Body_InATransferCoding_IsDecoded(string contentCoding, string transferCoding, string applied, HttpCoding expected)
    {
        byte[] body = Text(5000);
        foreach (string coding in applied.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            body = Encode(coding, body);

        string field = contentCoding.Length > 0 ? $"Content-Encoding: {contentCoding}\r\n" : "";
        HttpProbe probe = new();
        probe
            .Client("GET / HTTP/1.1\r\n\r\n")
            .Server($"HTTP/1.1 200 OK\r\n{field}Transfer-Encoding: {transferCoding}\r\n\r\n{body.Length:x}\r\n");
        probe.Server(body).Server("\r\n0\r\n\r\n").Close();

        Assert.Equal(Text(5000), Assert.Single(probe.Recorder.Responses).Body);
        Assert.Equal(expected, Assert.Single(probe.Recorder.Ended).ResponseCoding);
    }

    [Fact]
    public void RequestBody_Coded_IsDecoded()
    {
        byte[] coded = Encode("gzip", Text(500));
        HttpProbe probe = new();
        probe
            .Client($"POST / HTTP/1.1\r\nContent-Encoding: gzip\r\nContent-Length: {coded.Length}\r\n\r\n")
            .Feed(HttpProbe.Out, coded)
            .Close();

        Assert.Equal(Text(500), Assert.Single(probe.Recorder.Requests).Body);
        Assert.Equal(HttpCoding.Decoded, Assert.Single(probe.Recorder.Ended).RequestCoding);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(100)]
    [InlineData(int.MaxValue)]
    public void Gzip_SeveralMembers_AreOneContent(int piece)
    {
        byte[] body = [.. Encode("gzip", Text(10)), .. Encode("gzip", []), .. Encode("gzip", Text(9000)), .. Encode("gzip", Text(3))];

        ObservedMessage message = Exchange("gzip", body, piece, out _);

        Assert.Equal([.. Text(10), .. Text(9000), .. Text(3)], message.Body);
        Assert.Equal(HttpBodyEnd.Complete, message.End);
    }

    [Fact]
    public void Gzip_ManyMembersOfFewBytes_EndTheContent()
    {
        byte[] tiny = Encode("gzip", [1]);
        byte[] large = Encode("gzip", Text(200));
        byte[] many = [.. Enumerable.Repeat(tiny, 300).SelectMany(member => member)];
        byte[] usual = [.. Enumerable.Repeat(large, 300).SelectMany(member => member)];

        Assert.InRange(Exchange("gzip", many, int.MaxValue, out _).Body.Length, 8, 8 + (many.Length / 64) + 1);
        Assert.Equal(300 * 200, Exchange("gzip", usual, int.MaxValue, out _).Body.Length);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(int.MaxValue)]
    public void Gzip_GarbageBehindIt_IsIgnored(int piece)
    {
        byte[] body = [.. Encode("gzip", Text(700)), .. Text(6000)];

        ObservedMessage message = Exchange("gzip", body, piece, out _);

        Assert.Equal(Text(700), message.Body);
        Assert.Equal(HttpBodyEnd.Complete, message.End);
    }

    [Fact]
    public void Gzip_AllHeaderFields_AreSkipped()
    {
        byte[] plain = Encode("gzip", Text(300));
        byte[] body = [0x1F, 0x8B, 8, 0x1F, 0, 0, 0, 0, 0, 3, 3, 0, 1, 2, 3, .. "name\0comment\0"u8, 0xAB, 0xCD, .. plain.AsSpan(10)];

        Assert.Equal(Text(300), Exchange("gzip", body, 1, out _).Body);
        Assert.Equal(Text(300), Exchange("gzip", body, int.MaxValue, out _).Body);
    }

    [Fact]
    public void Gzip_WrongChecksum_IsDeliveredLikeInBrowsers()
    {
        byte[] body = Encode("gzip", Text(300));
        body[^5] ^= 0xFF;

        ObservedMessage message = Exchange("gzip", body, int.MaxValue, out _);

        Assert.Equal(Text(300), message.Body);
        Assert.Equal(HttpBodyEnd.Complete, message.End);
    }

    [Theory]
    [InlineData("gzip", "gzip")]
    [InlineData("deflate", "zlib")]
    [InlineData("deflate", "raw")]
    [InlineData("br", "br")]
    public void Body_CodedStreamEndsEarly_GivesWhatDecodesAndIsCorrupt(string named, string coding)
    {
        byte[] content = Text(100_000);
        byte[] coded = Encode(coding, content);

        ObservedMessage message = Exchange(named, coded.AsSpan(0, coded.Length / 2).ToArray(), 1000, out HttpProbe probe);

        Assert.Equal(HttpBodyEnd.Corrupt, message.End);
        Assert.InRange(message.Body.Length, 10_000, content.Length - 1);
        Assert.True(content.AsSpan().StartsWith(message.Body));
        Assert.Equal(1, probe.Statistics.Corrupt);
    }

    [Theory]
    [InlineData("gzip", "gzip")]
    [InlineData("deflate", "zlib")]
    [InlineData("br", "br")]
    public void Body_DamagedInTheMiddle_KeepsWhatWasDecodedAndGoesOnBehindIt(string named, string coding)
    {
        byte[] content = Text(400_000);
        byte[] coded = Encode(coding, content);
        new Random(5).NextBytes(coded.AsSpan(coded.Length / 2, coded.Length / 4));
        HttpProbe probe = new();
        probe.Client("GET /1 HTTP/1.1\r\n\r\n").Server(Header(named, coded.Length)).Server(coded);
        probe.Client("GET /2 HTTP/1.1\r\n\r\n").Server("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok").Close();

        ObservedMessage[] messages = [.. probe.Recorder.Responses];
        Assert.Equal(2, messages.Length);
        Assert.Equal(HttpBodyEnd.Corrupt, messages[0].End);
        Assert.True(messages[0].Body.Length > content.Length / 8, $"{messages[0].Body.Length}");
        Assert.Equal("ok", messages[1].Text);
    }

    [Theory]
    [InlineData("gzip", "plain text")]
    [InlineData("deflate", "<html>not deflate at all</html>")]
    [InlineData("br", "\u00ff\u00fe no brotli")]
    [InlineData("gzip", "x")]
    public void Body_NotInTheNamedCoding_IsDeliveredAsSent(string named, string text)
    {
        foreach (int repeat in new[] { 1, 300 })
        {
            byte[] body = Encoding.Latin1.GetBytes(string.Concat(Enumerable.Repeat(text, repeat)));
            foreach (int piece in new[] { 1, 50, int.MaxValue })
            {
                ObservedMessage message = Exchange(named, body, piece, out HttpProbe probe);

                Assert.Equal(body, message.Body);
                Assert.Equal(HttpBodyEnd.Complete, message.End);
                Assert.Equal(HttpCoding.Mismatch, Assert.Single(probe.Recorder.Ended).ResponseCoding);
                Assert.Equal(1, probe.Statistics.WrongCodings);
            }
        }
    }

    [Theory]
    [InlineData("zstd", HttpCoding.Unknown)]
    [InlineData("gzip, zstd", HttpCoding.Unknown)]
    [InlineData("zstd, br", HttpCoding.Unknown)]
    public void Body_UnknownCoding_IsDeliveredStillInItAndSaid(string named, HttpCoding expected)
    {
        byte[] inner = [0x28, 0xB5, 0x2F, 0xFD, 1, 2, 3];
        byte[] body = named.EndsWith("br", StringComparison.Ordinal) ? Encode("br", inner) : inner;

        ObservedMessage message = Exchange(named, body, 3, out HttpProbe probe);

        Assert.Equal(inner, message.Body);
        Assert.Equal(expected, Assert.Single(probe.Recorder.Ended).ResponseCoding);
        Assert.Equal(1, probe.Statistics.UnknownCodings);
    }

    [Fact]
    public void Body_BlankBeforeTheColonOfContentEncoding_IsLeftAlone()
    {
        byte[] coded = Encode("gzip", Text(100));
        HttpProbe probe = new();
        probe
            .Client("GET / HTTP/1.1\r\n\r\n")
            .Server($"HTTP/1.1 200 OK\r\nContent-Encoding : gzip\r\nContent-Length: {coded.Length}\r\n\r\n")
            .Server(coded)
            .Close();

        Assert.Equal(coded, Assert.Single(probe.Recorder.Responses).Body);
    }

    [Theory]
    [InlineData("gzip", "gzip")]
    [InlineData("br", "br")]
    [InlineData("gzip, gzip", "gzip gzip")]
    public void Bomb_DecodedSize_IsCappedAndTheConnectionGoesOn(string named, string applied)
    {
        byte[] body = new byte[20 << 20];
        foreach (string coding in applied.Split(' '))
            body = Encode(coding, body);
        HttpProbe probe = new(new HttpLimits { MaxDecodedBodyBytes = 1 << 20 });
        probe.Client("GET /1 HTTP/1.1\r\n\r\n").Server(Header(named, body.Length)).Server(body);
        probe.Client("GET /2 HTTP/1.1\r\n\r\n").Server("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok").Close();

        ObservedMessage[] messages = [.. probe.Recorder.Responses];
        Assert.Equal((HttpBodyEnd.Limit, 1L << 20), (messages[0].End, messages[0].Length));
        Assert.Equal(1 << 20, messages[0].Body.Length);
        Assert.Equal("ok", messages[1].Text);
        Assert.Equal(1, probe.Statistics.Limited);
    }

    [Fact]
    public void Bomb_Ratio_IsCappedAboveTheFloor()
    {
        byte[] body = Encode("br", new byte[8 << 20]);
        HttpProbe probe = new(new HttpLimits { ExpansionFloorBytes = 1 << 20, MaxExpansionRatio = 100 });
        probe.Client("GET /1 HTTP/1.1\r\n\r\n").Server(Header("br", body.Length)).Server(body).Close();

        ObservedMessage message = Assert.Single(probe.Recorder.Responses);
        Assert.Equal(HttpBodyEnd.Limit, message.End);
        Assert.InRange(message.Body.Length, 1 << 20, 2 << 20);
    }

    [Fact]
    public void Body_MoreCodingsThanTheLimit_IsDeliveredAsFarAsAllowed()
    {
        byte[] once = Encode("gzip", Text(100));
        byte[] body = Encode("gzip", Encode("gzip", once));
        HttpProbe probe = new(new HttpLimits { MaxCodings = 2 });
        probe.Client("GET / HTTP/1.1\r\n\r\n").Server(Header("gzip, gzip, gzip", body.Length)).Server(body).Close();

        Assert.Equal(1, probe.Statistics.UnknownCodings);
        Assert.NotEqual(Text(100), Assert.Single(probe.Recorder.Responses).Body);
    }

    [Fact]
    public void Gap_InACodedBody_EndsTheContentAndTheNextMessageIsWhole()
    {
        byte[] content = Text(200_000);
        byte[] coded = Encode("gzip", content);
        HttpProbe probe = new();
        probe.Client("GET /1 HTTP/1.1\r\n\r\n").Server(Header("gzip", coded.Length)).Server(coded.AsSpan(0, 5000)).Gap(HttpProbe.In, 1000);
        probe.Server(coded.AsSpan(6000)).Client("GET /2 HTTP/1.1\r\n\r\n").Server("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok").Close();

        ObservedMessage[] messages = [.. probe.Recorder.Responses];
        Assert.Equal(HttpBodyEnd.Gap, messages[0].End);
        Assert.InRange(messages[0].Body.Length, 4000, content.Length);
        Assert.True(content.AsSpan().StartsWith(messages[0].Body));
        Assert.Equal("ok Complete", $"{messages[1].Text} {messages[1].End}");
    }

    [Fact]
    public void Body_NotWanted_IsNeitherDecodedNorDelivered()
    {
        byte[] coded = Encode("gzip", Text(5000));
        HttpProbe probe = new();
        probe.Recorder.ResponseHeader = t => t.WantsResponseBody = false;
        probe.Client("GET / HTTP/1.1\r\n\r\n").Server(Header("gzip", coded.Length)).Server(coded).Close();

        ObservedMessage message = Assert.Single(probe.Recorder.Responses);
        Assert.Empty(message.Body);
        Assert.Equal(coded.Length, message.Length);
        Assert.Equal(0, probe.Statistics.BodyBytes);
    }

    internal static byte[] Encode(string coding, byte[] content)
    {
        MemoryStream target = new();
        using (
            Stream stream = coding switch
            {
                "gzip" => new GZipStream(target, CompressionLevel.Fastest, true),
                "zlib" => new ZLibStream(target, CompressionLevel.Fastest, true),
                "raw" => new DeflateStream(target, CompressionLevel.Fastest, true),
                _ => new BrotliStream(target, CompressionLevel.Fastest, true),
            }
        )
        {
            stream.Write(content);
        }

        return target.ToArray();
    }

    // Words from a seeded source: compressible, but not trivially.
    internal static byte[] Text(int length)
    {
        Random random = new(7);
        byte[] text = new byte[length];
        for (int i = 0; i < length; i++)
            text[i] = (byte)(random.Next(6) == 0 ? ' ' : 'a' + random.Next(12));
        return text;
    }

    private static string Header(string coding, int length) =>
        $"HTTP/1.1 200 OK\r\nContent-Encoding: {coding}\r\nContent-Length: {length}\r\n\r\n";

    private static ObservedMessage Exchange(string coding, byte[] body, int piece, out HttpProbe probe)
    {
        probe = new HttpProbe();
        probe.Client("GET / HTTP/1.1\r\n\r\n").Server(Header(coding, body.Length));
        for (int at = 0; at < body.Length; at += Math.Min(piece, body.Length))
            probe.Server(body.AsSpan(at, Math.Min(piece, body.Length - at)));
        probe.Close();
        return Assert.Single(probe.Recorder.Responses);
    }
}
