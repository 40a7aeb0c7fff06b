using System.Text.RegularExpressions;
using Spillway.EndToEnd.Running;
using Spillway.EndToEnd.Traffic;

namespace Spillway.EndToEnd;

/// <summary>Scripts that take HTTP content: as files and as streams.</summary>
public sealed class FileScriptTests
{
    private const string Flow = "06A:0A.01.02.03:p-C000_C6.33.64.07:p-0050";

    private static readonly byte[] Manual = Http.Noise(20_000, 1);
    private static readonly byte[] Page = [.. Enumerable.Range(0, 9000).Select(i => (byte)("spillway"[i % 8] + (i / 1000)))];

    // The identity of the run, in the names of its files.
    private static string AnyRun(string text) => Regex.Replace(text, "_[0-9a-z]{10}-(?=[0-9]+-[0-9]+-[0-9]+)", "_RUN-");

    [Fact]
    public async Task FileMode_WithFilters_SavesWhatWasAskedForByteForByte()
    {
        using var workspace = new Workspace();
        var recording = new Recording();
        TcpConversation connection = recording.Connect();
        connection.ClientSends(Http.Get("/manual.pdf"));
        connection.ServerSends(Http.Ok(Manual, "application/pdf"));
        connection.ClientSends(Http.Get("/page.html"));
        connection.ServerSends(Http.Ok(Page, "text/html"));
        connection.ClientSends(Http.Post("/form.pdf", Page));
        connection.ServerSends(Http.Ok(Page, "application/pdf"));
        connection.Close();
        TcpConversation refused = recording.Connect(49153, 8443);
        refused.ClientSends(Http.Get("/refused.pdf"));
        refused.ServerSends(Http.Ok(Manual, "application/pdf"));
        refused.Close();
        Outcome run = (
            await Probe.Run(
                workspace,
                "-r",
                recording.Save(workspace.PathOf("a.pcap")),
                "-s",
                Probe.Script("save.lua"),
                "--args",
                workspace.PathOf("saved"),
                "--json"
            )
        ).MustExit(0);

        Assert.Equal(["file 20000 status 200 from www.example.org/manual.pdf chunk false", "flow over"], run.Prints);
        Assert.Equal(Manual, Assert.Single(workspace.FilesIn("saved")).Value);
        Assert.Empty(Directory.GetFileSystemEntries(workspace.Ram));
    }

    [Theory]
    [InlineData(100_000, "16K", 7)]
    [InlineData((5 << 20) + 4321, "5M", 2)]
    public async Task FileMode_BigFile_ComesInPartsThatCatJoins(int size, string chunkSize, int parts)
    {
        using var workspace = new Workspace();
        byte[] body = Http.Noise(size);
        string capture = Recording.Of(Http.Get("/big.pdf"), Http.Ok(body, "application/pdf")).Save(workspace.PathOf("a.pcap"));
        Outcome run = (
            await Probe.Run(
                workspace,
                "-r",
                capture,
                "-s",
                Probe.Script("save.lua"),
                "--args",
                workspace.PathOf("saved"),
                "--chunk-size",
                chunkSize,
                "--json"
            )
        ).MustExit(0);

        Assert.Equal(parts, run.Prints.Count(line => line.EndsWith("chunk true", StringComparison.Ordinal)));
        KeyValuePair<string, byte[]> saved = Assert.Single(workspace.FilesIn("saved"));
        Assert.Equal("www.example.org_big_RUN-0-1-0.pdf", AnyRun(saved.Key));
        Assert.Equal(Http.Sha1(body), Http.Sha1(saved.Value));
        Assert.Equal(Http.Sha1(body), (string?)Assert.Single(run.Files)["sha1"]);
    }

    [Fact]
    public async Task StreamingMode_ChunkedGzipAndPlain_GivesOffsetsAndEnds()
    {
        using var workspace = new Workspace();
        var recording = new Recording();
        TcpConversation connection = recording.Connect();
        connection.ClientSends(Http.Get("/page.html"));
        connection.ServerSends(Http.ChunkedGzip(Page));
        connection.ClientSends(Http.Post("/upload", Manual));
        connection.ServerSends(Http.Ok([.. "stored"u8], "text/plain"));
        connection.Close();
        Outcome run = (
            await Probe.Run(
                workspace,
                "-r",
                recording.Save(workspace.PathOf("a.pcap")),
                "-s",
                Probe.Script("streaming.lua"),
                "--args",
                workspace.PathOf("streamed"),
                "--json"
            )
        ).MustExit(0);

        Assert.Equal(
            [
                "raw dir 0 first GET ",
                "raw dir 1 first HTTP",
                "complete www.example.org_page_RUN-0-1-0.html bytes 9000 direction 1",
                "complete www.example.org_upload_RUN-0-1-1r bytes 20000 direction 0",
                "complete www.example.org_upload_RUN-0-1-1 bytes 6 direction 1",
            ],
            run.Prints.Select(AnyRun)
        );
        var streamed = workspace.FilesIn("streamed").ToDictionary(file => AnyRun(file.Key), file => file.Value);
        Assert.Equal(Page, streamed["www.example.org_page_RUN-0-1-0.html"]);
        Assert.Equal(Manual, streamed["www.example.org_upload_RUN-0-1-1r"]);
        Assert.Equal("stored"u8.ToArray(), streamed["www.example.org_upload_RUN-0-1-1"]);
    }

    [Fact]
    public async Task Lease_SlowTasksOneAfterTheOther_StillFindTheFile()
    {
        using var workspace = new Workspace();
        var recording = new Recording();
        TcpConversation connection = recording.Connect();
        connection.ClientSends(Http.Get("/one"));
        connection.ServerSends(Http.Ok(Manual));
        connection.ClientSends(Http.Get("/two"));
        connection.ServerSends(Http.Ok(Page));
        connection.Close();
        Outcome run = (
            await Probe.Run(workspace, "-r", recording.Save(workspace.PathOf("a.pcap")), "-s", Probe.Script("lease.lua"), "--json")
        ).MustExit(0);

        string one = Http.Sha1(Manual),
            two = Http.Sha1(Page);
        Assert.Equal([$"first /one {one}", $"first /two {two}", $"second /one {one}", $"second /two {two}"], run.Prints);
        Assert.Empty(Directory.GetFileSystemEntries(workspace.Ram));
    }

    [Fact]
    public async Task Upload_IsHandedOverWithBothHeaders()
    {
        using var workspace = new Workspace();
        byte[] body = [.. "upload"u8, .. Http.Noise(5000)];
        string capture = Recording
            .Of(Http.Post("/store", body), Http.Ok([.. "thanks"u8], "text/plain", "201 Created"))
            .Save(workspace.PathOf("a.pcap"));
        Outcome run = (await Probe.Run(workspace, "-r", capture, "-s", Probe.Script("uploads.lua"), "--json")).MustExit(0);

        Assert.Equal(["POST /store 201 5006 upload", "POST /store 201 6 thanks"], run.Prints);
    }

    [Fact]
    public async Task Callbacks_OfOneTransaction_ComeInOrderWithTheirArguments()
    {
        using var workspace = new Workspace();
        byte[] request = Http.Get("/a.txt"),
            response = Http.Ok(Page[..1000], "text/plain");
        string capture = Recording.Of(request, response).Save(workspace.PathOf("a.pcap"));
        Outcome run = (await Probe.Run(workspace, "-r", capture, "-s", Probe.Script("calls.lua"), "--json")).MustExit(0);

        long ts = Recording.Start;
        Assert.Equal(
            [
                $"filter_flow {ts} {Flow}",
                $"raw 0 0 {request.Length}",
                $"filter {ts} true GET",
                $"raw 1 0 {response.Length}",
                $"filter {ts} false 200",
                "file /a.txt 200 1000 false www.example.org_a_RUN-0-1-0.txt",
                $"terminate {ts} {Flow}",
            ],
            run.Prints.Select(AnyRun)
        );
    }

    [Fact]
    public async Task SeveralScripts_OnOneCapture_DoNotDisturbEachOther()
    {
        using var workspace = new Workspace();
        string capture = Recording.Of(Http.Get("/manual.pdf"), Http.Ok(Manual, "application/pdf")).Save(workspace.PathOf("a.pcap"));
        Outcome run = (
            await Probe.Run(
                workspace,
                "-r",
                capture,
                "-s",
                Probe.Script("save.lua"),
                Probe.Script("sizes.lua"),
                Probe.Script("packets.lua"),
                Probe.Script("raises.lua"),
                Probe.Script("lease.lua"),
                "--args",
                workspace.PathOf("saved"),
                "--json"
            )
        ).MustExit(3);

        Assert.Equal(Manual, Assert.Single(workspace.FilesIn("saved")).Value);
        Assert.Contains("/manual.pdf 20000", run.Prints);
        Assert.Contains($"second /manual.pdf {Http.Sha1(Manual)}", run.Prints);
        Assert.Equal([0, 0, 0, Packets(run), 0], run.Json["scripts"]!.AsArray().Select(script => (long)script!["errors"]!));

        static long Packets(Outcome run) => (long)run.Json["traffic"]!["packets"]!;
    }
}
