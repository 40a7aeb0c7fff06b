using System.Text;
using System.Text.Json.Nodes;
using Spillway.EndToEnd.Running;
using Spillway.EndToEnd.Traffic;

namespace Spillway.EndToEnd;

/// <summary>HTTP in odd forms and from odd captures: roles, names, lengths and tunnels as events, files and groups have them.</summary>
public sealed class HttpFormTests : IDisposable
{
    private readonly Workspace _workspace = new();

    public void Dispose() => _workspace.Dispose();

    [Fact]
    public async Task Roles_OfAConnectionJoinedInTheMiddle_AreThoseOfItsContentEverywhere()
    {
        // The server's port is the higher one, and no SYN says that it is the server's.
        var recording = new Recording();
        TcpConversation connection = recording.Connect(clientPort: 1500, serverPort: 8080);
        connection.ClientSends(Http.Get("/a"));
        connection.ServerSends(Http.Ok([1, 2, 3]));
        for (int i = 0; i < 3; i++)
            recording.Lose(0);
        recording.Save(_workspace.PathOf("a.pcap"));
        IReadOnlyList<JsonNode> events = await Events();

        Assert.Equal("10.1.2.3 1500", Source(events, "http"));
        Assert.Equal("198.51.100.7 8080", Source(events, "fileinfo"));
        Assert.Equal("10.1.2.3 1500", Source(events, "flow"));
        Assert.Equal(["198.51.100.7"], await Names("web-hosts"));
        Assert.Equal(["8080"], await Names("apps"));
        Assert.Equal(["1"], Store.Ask(_workspace, "SELECT count(*) FROM flows WHERE client_is_a = 0"));
    }

    [Fact]
    public async Task Body_CutAtItsEnd_HasOneLengthEverywhere()
    {
        Recording recording = Recording.Of(Http.Get("/a"), Http.Ok(Http.Noise(5000)));
        recording.Lose(8); // the last segment of the response
        recording.Save(_workspace.PathOf("a.pcap"));
        _workspace.Write(
            "length.lua",
            """
            TrisulPlugin = { id = { name = 'l', description = '' },
              filex_monitor = { onfile_http = function(engine, ts, flow, path, request, response, length) print('length ' .. length) end } }
            """
        );
        IReadOnlyList<JsonNode> events = await Events("-x", "files", "-s", "length.lua");

        JsonNode file = Single(events, "fileinfo");
        Assert.Equal((5000, 5000), ((long)Single(events, "http")["http"]!["length"]!, (long)file["http"]!["length"]!));
        Assert.Equal(
            (5000, true, "TRUNCATED"),
            ((long)file["fileinfo"]!["size"]!, (bool)file["fileinfo"]!["gaps"]!, (string?)file["fileinfo"]!["state"])
        );
        Assert.Equal(5000, Assert.Single(_workspace.FilesIn("files")).Value.Length);
        Assert.Equal(["5000"], Store.Ask(_workspace, "SELECT size FROM files"));
    }

    [Fact]
    public async Task Tunnel_WithHttpInside_GivesItsFileAndEvent()
    {
        var recording = new Recording();
        TcpConversation connection = recording.Connect(serverPort: 3128);
        connection.ClientSends("CONNECT inner.example:80 / HTTP/1.1\r\n\r\n"u8.ToArray());
        connection.ServerSends("HTTP/1.1 200 Connected\r\n\r\n"u8.ToArray());
        connection.ClientSends([.. Http.Get("/1", "inner.example"), .. Http.Get("/2", "inner.example")]);
        connection.ServerSends([.. Http.Ok([1]), .. Http.Ok([1, 2])]);
        connection.Close();
        recording.Save(_workspace.PathOf("a.pcap"));
        IReadOnlyList<JsonNode> events = await Events("-x", "files");

        Assert.Equal(
            ["inner.example inner.example:80 0", "inner.example /1 1", "inner.example /2 2"],
            events
                .Where(e => (string?)e["event_type"] == "http")
                .Select(e => $"{e["http"]!["hostname"]} {e["http"]!["url"]} {e["http"]!["length"]}")
        );
        Assert.Equal([1, 2], _workspace.FilesIn("files").Values.Select(file => file.Length).Order());
    }

    [Fact]
    public async Task RequestWithoutHost_IsAResourceOfTheServersAddress_WithItsVersion()
    {
        Recording.Of("GET /a http/1.0\r\n\r\n"u8.ToArray(), Http.Ok([1])).Save(_workspace.PathOf("a.pcap"));
        await Events("--resources", "url");

        Assert.Equal(["GET 198.51.100.7 /a http/1.0"], Store.Ask(_workspace, "SELECT uri FROM resources"));
    }

    [Theory]
    [InlineData("attachment; filename=\"a b\\\"c.exe\"", "a b\"c.exe")]
    [InlineData("attachment; filename=\"old.txt\"; filename*=UTF-8''n%c3%a9.exe", "né.exe")]
    public async Task FileName_OfContentDisposition_IsWhatTheSenderMeans(string disposition, string expected)
    {
        byte[] response = Encoding.Latin1.GetBytes($"HTTP/1.1 200 OK\r\nContent-Disposition: {disposition}\r\nContent-Length: 1\r\n\r\nx");
        Recording.Of(Http.Get("/a"), response).Save(_workspace.PathOf("a.pcap"));

        Assert.Equal(expected, (string?)Single(await Events(), "fileinfo")["fileinfo"]!["filename"]);
    }

    private async Task<IReadOnlyList<JsonNode>> Events(params string[] more)
    {
        (await Probe.Run(_workspace, ["-r", "a.pcap", "-q", "--eve", "eve.json", .. more])).MustExit(0);
        return [.. File.ReadLines(_workspace.PathOf("eve.json")).Select(line => JsonNode.Parse(line)!)];
    }

    private async Task<string[]> Names(string group) =>
        [
            .. (await Probe.Command(_workspace, "top", group, "-o", _workspace.Output, "--json"))
                .MustExit(0)
                .Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Select(line => (string)JsonNode.Parse(line)!["name"]!),
        ];

    private static string Source(IEnumerable<JsonNode> events, string type) =>
        $"{Single(events, type)["src_ip"]} {Single(events, type)["src_port"]}";

    private static JsonNode Single(IEnumerable<JsonNode> events, string type) =>
        Assert.Single(events, e => (string?)e["event_type"] == type);
}
