using System.Globalization;
using System.Text;
using static Spillway.Benchmarks.Worst.WorstTalk;

namespace Spillway.Benchmarks.Worst;

/// <summary>Ranges of HTTP that are joined.</summary>
internal static class WorstRanges
{
    public static WorstCase[] Cases { get; } =
    [
        Of("ranges of 50 kB of files of 500 kB", () => Ranges(5, 500_000, 50_000, step: 50_000)),
        Of("ranges that overlap as a whole", () => Ranges(1, 500_000, 50_000, step: 1_000, count: 40)),
        Of("ranges of one byte", () => Ranges(1, 4_000, 1, step: 1)),
        Of("ranges of one byte, apart from each other", () => Ranges(1, 100_000, 1, step: 7, count: 4_000)),
        Of("ranges of one byte, from the end, of many files", () => Ranges(200, 100_000, 1, step: -7, count: 20)),
        Of("900 parts of one byte in a response", () => Parts(20, 900)),
    ];

    private static WorstCase Of(string name, Func<WorstTalk> make) => new("ranges", name, () => make().Frames);

    private static WorstTalk Ranges(int files, int length, int bytes, int step, int count = int.MaxValue)
    {
        var talk = new WorstTalk(80);
        byte[] body = new byte[length];
        for (int file = 0; file < files; file++)
        {
            talk.Connect();
            int first = step > 0 ? 0 : length - bytes;
            for (int i = 0; i < count && first >= 0 && first + bytes <= length; i++, first += step)
            {
                talk.Ask(string.Create(CultureInfo.InvariantCulture, $"GET /{file} HTTP/1.1\nHost: a\nRange: bytes={first}-\n\n"));
                string header = string.Create(
                    CultureInfo.InvariantCulture,
                    $"HTTP/1.1 206 x\nETag: \"a\"\nContent-Range: bytes {first}-{first + bytes - 1}/{length}\nContent-Length: {bytes}\n\n"
                );
                talk.Answer([.. Bytes(header), .. body.AsSpan(first, bytes)]);
            }

            talk.Close();
        }

        return talk;
    }

    private static WorstTalk Parts(int responses, int parts)
    {
        var talk = new WorstTalk(80);
        for (int i = 0; i < responses; i++)
        {
            var body = new StringBuilder();
            for (int part = 0; part < parts; part++)
                body.Append(CultureInfo.InvariantCulture, $"\n--b\nContent-Range: bytes {part * 2}-{part * 2}/10000\n\nx");
            body.Append("\n--b--\n");
            talk.Connect().Ask("GET / HTTP/1.1\nHost: a\n\n");
            talk.Answer("HTTP/1.1 206 x\nContent-Type: multipart/byteranges; boundary=b\n\n" + body).Close();
        }

        return talk;
    }
}
