using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Spillway.EndToEnd.Running;
using Spillway.EndToEnd.Traffic;

namespace Spillway.EndToEnd;

/// <summary>Partial responses of HTTP: each is a file, and what they complete is another.</summary>
public sealed class RangeTests : IDisposable
{
    private const string Tag = "ETag: \"v1\"\r\n";
    private static readonly byte[] Content = Http.Noise(20_000);

    private readonly Workspace _workspace = new();
    private readonly Recording _recording = new();
    private ushort _port = 50_000;
    private string[] _prints = [];
    private JsonNode _details = null!;

    public void Dispose() => _workspace.Dispose();

    [Theory]
    [InlineData("1")]
    [InlineData("3")]
    public async Task Ranges_OverSeveralConnections_AreOneFileMore(string lanes)
    {
        Fetch(Part(12_000, 19_999));
        Fetch(Part(0, 4_999), Part(5_000, 9_999));
        Fetch(Part(9_000, 12_999)); // overlaps on both sides
        IReadOnlyList<JsonNode> events = await Run("--lanes", lanes);

        Assert.Equal(
            [$"Joined|20000|image/x|/a/b.bin?c|www.example.org|206|{Http.Sha1(Content)}"],
            Store.Ask(_workspace, "SELECT end, size, content_type, uri, host, status, sha1 FROM files WHERE end = 'Joined'")
        );
        Assert.Equal(["4"], Store.Ask(_workspace, "SELECT count(*) FROM files WHERE end = 'Complete'"));
        (string name, byte[] stored) = Assert.Single(_workspace.FilesIn("files"), file => file.Value.Length == 20_000);
        Assert.Equal(Content, stored);
        Assert.EndsWith("j.bin", name, StringComparison.Ordinal);
        Assert.Equal(5, _workspace.FilesIn("files").Count);
        Assert.Single(_prints, "file 20000 4");
        Assert.Equal(4, _prints.Count(line => line.EndsWith(" nil", StringComparison.Ordinal)));
        Assert.Equal(4, _prints.Count(line => line.StartsWith("http ", StringComparison.Ordinal)));
        JsonNode joined = Assert.Single(events, e => (long?)e["fileinfo"]?["size"] == 20_000)["fileinfo"]!;
        Assert.Equal(("CLOSED", Http.Sha1(Content), null), ((string?)joined["state"], (string?)joined["sha1"], joined["start"]));
        JsonNode piece = Assert.Single(events, e => (long?)e["fileinfo"]?["size"] == 8_000)["fileinfo"]!;
        Assert.Equal((12_000, 19_999), ((long)piece["start"]!, (long)piece["end"]!));
        Assert.Equal((4, 1), (Detail("pieces"), Detail("joined")));
    }

    [Fact]
    public async Task SeveralRangesInOneResponse_AreJoinedAlsoWithoutValidator()
    {
        Fetch(Parts("", (0, 7_999), (15_000, 19_999), (8_000, 14_999)));
        await Run();

        Assert.Equal([$"20000|image/x|{Http.Sha1(Content)}"], Joined());
    }

    [Fact]
    public async Task SeveralRangesInOneResponse_AreCompletedByAnother()
    {
        Fetch(Parts(Tag, (0, 7_999), (15_000, 19_999)));
        Fetch(Part(8_000, 14_999));
        await Run();

        Assert.Equal([$"20000|image/x|{Http.Sha1(Content)}"], Joined());
    }

    [Theory]
    [InlineData("Last-Modified: Sat, 01 Aug 2020 10:00:00 GMT\r\n", true)]
    [InlineData("ETag: W/\"v1\"\r\nLast-Modified: Sat, 01 Aug 2020 10:00:00 GMT\r\nDate: Sat, 01 Aug 2020 10:00:09 GMT\r\n", true)]
    [InlineData("Last-Modified: Sat, 01 Aug 2020 10:00:00 GMT\r\nDate: Sat, 01 Aug 2020 10:00:00 GMT\r\n", false)]
    [InlineData("ETag: W/\"v1\"\r\n", false)]
    [InlineData("", false)]
    public async Task Ranges_AreJoinedByAStrongValidatorAlone(string validator, bool isJoined)
    {
        Fetch(Part(0, 9_999, validator), Part(10_000, 19_999, validator));
        await Run();

        Assert.Equal(isJoined ? 1 : 0, Joined().Length);
        Assert.Equal(isJoined ? 0 : 2, Detail("without_validator"));
    }

    [Fact]
    public async Task Ranges_OfOtherContents_AreNotJoined()
    {
        Fetch(Part(0, 9_999), Part(10_000, 19_999, "ETag: \"v2\"\r\n"));
        Fetch("/other", Part(0, 9_999));
        Fetch("/other", Part(10_000, 20_999, Tag, length: 21_000));
        Fetch("/coded", Part(0, 9_999, Tag + "Content-Encoding: br\r\n"), Part(10_000, 19_999, Tag + "Content-Encoding: br\r\n"));
        await Run();

        Assert.Empty(Joined());
        Assert.Equal((4, 2, 4), (Detail("pieces"), Detail("unplaced"), Detail("incomplete")));
    }

    [Fact]
    public async Task Ranges_ThatDifferWhereTheyOverlap_AreNotJoined()
    {
        byte[] other = [.. Content];
        other[9_500] ^= 1;
        Fetch(Part(0, 9_999));
        Fetch(Message(9_000, 19_999, Tag, 20_000, other));
        Fetch(Part(9_000, 19_999));
        await Run();

        Assert.Empty(Joined());
        Assert.Equal((2, 1, 0), (Detail("pieces"), Detail("conflicting"), Detail("incomplete")));
    }

    [Fact]
    public async Task Range_CutOff_CountsUpToItsEnd()
    {
        byte[] cut = Part(0, 14_999)[..^3_000];
        Fetch(cut);
        Fetch(Part(11_000, 19_999));
        await Run();

        Assert.Equal([$"20000|image/x|{Http.Sha1(Content)}"], Joined());
    }

    [Fact]
    public async Task Range_OfTheWhole_IsOneFileOnly()
    {
        Fetch(Part(0, 19_999));
        await Run();

        Assert.Equal(["1"], Store.Ask(_workspace, "SELECT count(*) FROM files"));
    }

    [Fact]
    public async Task File_WhoseRangesStopComing_IsGivenUp()
    {
        Fetch(Part(0, 9_999));
        _recording.Pause(3_600);
        Fetch("/b", Http.Ok([1]));
        Fetch(Part(10_000, 19_999));
        await Run();

        Assert.Empty(Joined());
        Assert.Equal(2, Detail("incomplete"));
    }

    private static byte[] Part(int first, int last, string fields = Tag, int length = 20_000) =>
        Message(first, last, fields, length, [.. Content, .. new byte[1_000]]);

    private static byte[] Message(int first, int last, string fields, int length, byte[] content) =>
        [
            .. Encoding.ASCII.GetBytes(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"HTTP/1.1 206 Partial Content\r\nContent-Type: image/x\r\n{fields}Content-Range: bytes {first}-{last}/{length}\r\n"
                        + $"Content-Length: {last - first + 1}\r\n\r\n"
                )
            ),
            .. content[first..(last + 1)],
        ];

    private static byte[] Parts(string fields, params (int First, int Last)[] ranges)
    {
        List<byte> body = [];
        foreach ((int first, int last) in ranges)
        {
            body.AddRange(
                Encoding.ASCII.GetBytes(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"\r\n--X-Y\r\nContent-Type: image/x\r\nContent-Range: bytes {first}-{last}/20000\r\n\r\n"
                    )
                )
            );
            body.AddRange(Content[first..(last + 1)]);
        }

        body.AddRange("\r\n--X-Y--\r\n"u8);
        string header = $"HTTP/1.1 206 Partial Content\r\n{fields}Content-Type: multipart/byteranges; boundary=X-Y\r\n";
        return [.. Encoding.ASCII.GetBytes($"{header}Content-Length: {body.Count}\r\n\r\n"), .. body];
    }

    private void Fetch(params byte[][] responses) => Fetch("/a/b.bin?c", responses);

    private void Fetch(string path, params byte[][] responses)
    {
        TcpConversation connection = _recording.Connect(_port++);
        foreach (byte[] response in responses)
        {
            connection.ClientSends(Http.Get(path));
            connection.ServerSends(response);
        }

        connection.Close();
    }

    private string[] Joined() => [.. Store.Ask(_workspace, "SELECT size, content_type, sha1 FROM files WHERE end = 'Joined'")];

    private long Detail(string name) => (long)_details["ranges." + name]!;

    private async Task<IReadOnlyList<JsonNode>> Run(params string[] more)
    {
        _recording.Save(_workspace.PathOf("a.pcap"));
        _workspace.Write(
            "files.lua",
            """
            TrisulPlugin = { id = { name = 'files', description = '' },
              filex_monitor = {
                onfile = function(engine, ts, flow, path, f, length, is_chunk) print('file ' .. length .. ' ' .. tostring(f.joined)) end,
                onfile_http = function(engine, ts, flow, path, request, response, length) print('http ' .. length .. ' .') end,
              } }
            """
        );
        Outcome run = (
            await Probe.Run(_workspace, ["-r", "a.pcap", "-s", "files.lua", "-x", "files", "--eve", "eve.json", "--json", .. more])
        ).MustExit(0);
        _prints = run.Prints;
        _details = run.Json["details"]!;
        return [.. File.ReadLines(_workspace.PathOf("eve.json")).Select(line => JsonNode.Parse(line)!)];
    }
}
