using System.Globalization;
using System.IO.Compression;
using static Spillway.Benchmarks.Worst.WorstTalk;

namespace Spillway.Benchmarks.Worst;

/// <summary>HTTP.</summary>
internal static class WorstHttp
{
    private const string Request =
        "GET /images/picture-of-something.jpg?width=600 HTTP/1.1\nHost: www.example.org\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64)\n"
        + "Accept: image/avif,image/webp,*/*\nAccept-Language: en-US,en;q=0.5\nReferer: http://www.example.org/\nCookie: a=1234567890\n\n";

    private const string Header =
        "HTTP/1.1 200 OK\nServer: nginx\nDate: Mon, 01 Jan 2024 10:00:00 GMT\nContent-Type: image/jpeg\nCache-Control: max-age=3600\n"
        + "Last-Modified: Sun, 31 Dec 2023 10:00:00 GMT\nETag: \"65914b30-2710\"\n";

    public static WorstCase[] Cases { get; } =
    [
        Of("pages of 10 kB", () => Pages(50, 4, 10_000, FullSegment)),
        Of("pages of 10 kB, segments of one byte", () => Pages(2, 2, 10_000, 1)),
        Of("requests of 18 bytes, answers of 38, pipelined", () => Minimal("GET / HTTP/1.0\n\n", "HTTP/1.1 200 OK\nContent-Length: 0\n\n")),
        Of("the same, answers with one byte", () => Minimal("GET / HTTP/1.0\n\n", "HTTP/1.1 200 OK\nContent-Length: 1\n\nx")),
        Of("requests of 18 bytes without answers", () => Minimal("GET / HTTP/1.0\n\n", "")),
        Of("answers of 17 bytes without requests", () => Minimal("", "HTTP/1.1 204\n\n")),
        Of("interim answers of 16 bytes", () => Minimal("GET / HTTP/1.0\n\n", Repeat("HTTP/1.1 100\n\n", 50))),
        Of("headers of fields of 4 bytes", () => Header64("a:\n", FullSegment)),
        Of("headers of empty folded lines", () => Header64("a:\n \n", FullSegment)),
        Of("headers of blank lines, segments of one byte", () => Header64("a:" + new string(' ', 900) + "\n", 1, 8_000)),
        Of("headers of line feeds and blanks, segments of one byte", () => Header64(" \t \t \t \t", 1, 8_000)),
        Of("a header without an end", () => Endless("GET / HTTP/1.1\nHost: a\n", "a: b\n")),
        Of("a start line without an end", () => Endless("GET /", "aaaaaaaaaa")),
        Of("chunks of one byte", () => Chunks("1\nx\n", FullSegment)),
        Of("chunks of one byte, segments of one byte", () => Chunks("1\nx\n", 1, 20_000)),
        Of("chunks of one byte with extensions", () => Chunks("1;a\nx\n", FullSegment)),
        Of("gzip of members of one byte", () => Coded(Members(900), 200)),
        Of("gzip that expands 250 times", () => Coded(Gzip(new byte[1 << 20]), 20)),
        Of("an upload of files of one byte", () => Form(Repeat(Part("f", "x"), 900))),
        Of("an upload of lines of two dashes", () => Form(Part("f", Repeat("--\n", 50_000)))),
        Of("text that names HTTP behind a loss", () => Lost("HTTP/1.HTTP/1.1 2\n")),
        Of("versions of HTTP in one line behind a loss", () => Lost("HTTP/1.1 200 ")),
        Of("binary that begins lines behind a loss", () => Lost("G\n")),
    ];

    private static WorstCase Of(string name, Func<WorstTalk> make) => new("http", name, () => make().Frames);

    private static WorstTalk Pages(int connections, int pages, int bytes, int segment)
    {
        var talk = new WorstTalk(80);
        byte[] body = new byte[bytes];
        new Random(1).NextBytes(body);
        for (int i = 0; i < connections; i++)
        {
            talk.Connect();
            for (int page = 0; page < pages; page++)
            {
                talk.Ask(Request, segment);
                talk.Answer(
                    [.. Bytes(string.Create(CultureInfo.InvariantCulture, $"{Header}Content-Length: {bytes}\n\n")), .. body],
                    segment
                );
            }

            talk.Close();
        }

        return talk;
    }

    private static WorstTalk Minimal(string request, string answer)
    {
        var talk = new WorstTalk(80);
        for (int i = 0; i < 20; i++)
        {
            talk.Connect();
            for (int round = 0; round < 20; round++)
                talk.Ask(Repeat(request, 75)).Answer(Repeat(answer, 75));
            talk.Close();
        }

        return talk;
    }

    private static WorstTalk Header64(string field, int segment, int bytes = 60_000)
    {
        var talk = new WorstTalk(80);
        for (int i = 0; i < (segment == 1 ? 4 : 20); i++)
            talk.Connect().Ask("GET / HTTP/1.1\nHost: a\n" + Repeat(field, bytes / Bytes(field).Length) + "\n\n", segment).Close();
        return talk;
    }

    private static WorstTalk Endless(string begin, string more)
    {
        var talk = new WorstTalk(80);
        for (int i = 0; i < 4; i++)
            talk.Connect().Ask(begin).Ask(Repeat(more, 500_000 / more.Length)).Close();
        return talk;
    }

    private static WorstTalk Chunks(string chunk, int segment, int bytes = 1_000_000) =>
        new WorstTalk(80)
            .Connect()
            .Ask(Request)
            .Answer("HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n")
            .Answer(Repeat(chunk, bytes / Bytes(chunk).Length) + "0\n\n", segment)
            .Close();

    private static WorstTalk Coded(byte[] body, int times)
    {
        var talk = new WorstTalk(80);
        string header = string.Create(
            CultureInfo.InvariantCulture,
            $"HTTP/1.1 200 OK\nContent-Encoding: gzip\nContent-Length: {body.Length}\n\n"
        );
        for (int i = 0; i < times; i++)
            talk.Connect().Ask(Request).Answer([.. Bytes(header), .. body]).Close();
        return talk;
    }

    private static WorstTalk Form(string parts)
    {
        var talk = new WorstTalk(80);
        string body = parts + "--b--\n";
        string header = string.Create(
            CultureInfo.InvariantCulture,
            $"POST / HTTP/1.1\nHost: a\nContent-Type: multipart/form-data; boundary=b\nContent-Length: {Bytes(body).Length}\n\n"
        );
        for (int i = 0; i < 10; i++)
            talk.Connect().Ask(header + body).Answer("HTTP/1.1 204 x\n\n").Close();
        return talk;
    }

    private static WorstTalk Lost(string text)
    {
        var talk = new WorstTalk(80);
        talk.Connect().Ask(Request).Answer("HTTP/1.1 200 OK\nContent-Length: 5\n\nhello");
        talk.Advance(1000);
        return talk.Answer(Repeat(text, 1_000_000 / text.Length)).Close();
    }

    private static string Part(string name, string content) =>
        $"--b\nContent-Disposition: form-data; name=a; filename={name}\n\n{content}\n";

    private static byte[] Members(int count)
    {
        byte[] member = Gzip([1]);
        return [.. Enumerable.Repeat(member, count).SelectMany(bytes => bytes)];
    }

    private static byte[] Gzip(byte[] content)
    {
        using var compressed = new MemoryStream();
        using (var gzip = new GZipStream(compressed, CompressionLevel.SmallestSize, leaveOpen: true))
            gzip.Write(content);
        return compressed.ToArray();
    }
}
