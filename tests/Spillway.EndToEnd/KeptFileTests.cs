using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Spillway.EndToEnd.Running;
using Spillway.EndToEnd.Traffic;

namespace Spillway.EndToEnd;

/// <summary>What a run keeps is there afterwards, whatever was kept before and whatever comes after.</summary>
public sealed class KeptFileTests : IDisposable
{
    private static readonly byte[] First = Http.Noise(30_000, 1);
    private static readonly byte[] Second = Http.Noise(30_000, 2);

    private readonly Workspace _workspace = new();

    public KeptFileTests()
    {
        Recording.Of(Http.Get("/same.bin"), Http.Ok(First)).Save(_workspace.PathOf("first.pcap"));
        Recording.Of(Http.Get("/same.bin"), Http.Ok(Second)).Save(_workspace.PathOf("second.pcap"));
    }

    public void Dispose() => _workspace.Dispose();

    [Theory]
    [InlineData("")]
    [InlineData("--deterministic")]
    public async Task Extract_CapturesOfOneUrlIntoOneDirectory_KeepsThemAll(string option)
    {
        foreach (string capture in (string[])["first", "second", "second"])
            (
                await Probe.Run(_workspace, [.. Arguments($"{capture}.pcap"), "-x", _workspace.PathOf("files"), .. Arguments(option, "")])
            ).MustExit(0);

        SortedDictionary<string, byte[]> files = _workspace.FilesIn("files");
        Assert.Equal(3, files.Count);
        Assert.Equal(new[] { Http.Sha1(First), Http.Sha1(Second), Http.Sha1(Second) }.Order(), files.Values.Select(Http.Sha1).Order());
        Assert.All(
            Store.Ask(_workspace, "SELECT name, sha1, stored FROM files"),
            row =>
            {
                string[] columns = row.Split('|');
                Assert.Equal((columns[1], "1"), (Http.Sha1(files[columns[0]]), columns[2]));
            }
        );
    }

    [Fact]
    public async Task Extract_OntoAFullFileSystem_SaysSoEverywhereAndFails()
    {
        Outcome run = await Probe.Shell(
            _workspace,
            """
            mkdir small && mount -t tmpfs -o size=8k tmpfs small 2>/dev/null || exit 77
            trap 'umount small' EXIT
            $spillway run -r first.pcap -x small --eve eve.json --json -o out
            """
        );
        Assert.SkipWhen(run.ExitCode == 77, "mounting a small file system needs root");

        run.MustExit(1);
        Assert.Contains("--extract DIR", run.Told[0], StringComparison.Ordinal);
        Assert.StartsWith("error: 1 file could not be stored", run.Told[1], StringComparison.Ordinal);
        Assert.Equal("1", run.Value("files_refused"));
        Assert.False((bool)Assert.Single(run.Files)["stored"]!);
        Assert.Equal(["0"], Store.Ask(_workspace, "SELECT stored FROM files"));
        IEnumerable<JsonNode> events = File.ReadLines(_workspace.PathOf("eve.json"))
            .Select(line => JsonNode.Parse(line)!)
            .Where(line => (string?)line["event_type"] == "fileinfo");
        Assert.Equal([false], events.Select(line => (bool)line["fileinfo"]!["stored"]!));
    }

    [Fact]
    public async Task QuarantineOfTheManual_SecondRun_ReplacesNothing()
    {
        string script = _workspace.Write(
            "quarantine.lua",
            $$"""
            local STORE = "{{_workspace.PathOf("kept")}}/"
            TrisulPlugin = { id = { name = "q" }, filex_monitor = {
              onfile_http = function(engine, ts, flow, path) T.async:copy(path, STORE .. path:match("([^/]+)$")) end } }
            """
        );
        foreach (string capture in (string[])["first.pcap", "second.pcap"])
            (await Probe.Run(_workspace, "-r", capture, "-s", script, "-q")).MustExit(0);

        Assert.Equal(new[] { Http.Sha1(First), Http.Sha1(Second) }.Order(), _workspace.FilesIn("kept").Values.Select(Http.Sha1).Order());
    }

    [Theory]
    [InlineData("")]
    [InlineData("--deterministic")]
    public async Task RebuildingOfTheManual_SecondRun_DoublesNothing(string option)
    {
        string script = _workspace.Write(
            "rebuild.lua",
            $$"""
            local STORE = "{{_workspace.PathOf("kept")}}/"
            TrisulPlugin = { id = { name = "b" }, request_async_workers = 4, filex_monitor = {
              onfile_http = function(engine, ts, flow, path, request, response, length, is_chunk)
                if not is_chunk then return end
                local name, offset = path:match("([^/]+)%.(%d+)%.part$")
                if offset == "0" then T.async:copy(path, STORE .. name) else T.async:cat(path, STORE .. name) end
              end } }
            """
        );
        for (int i = 0; i < 2; i++)
            (
                await Probe.Run(_workspace, [.. Arguments("first.pcap"), "-s", script, "--chunk-size", "4K", .. Arguments(option, "")])
            ).MustExit(0);

        Assert.All(_workspace.FilesIn("kept").Values, file => Assert.Equal(Http.Sha1(First), Http.Sha1(file)));
        Assert.NotEmpty(_workspace.FilesIn("kept"));
    }

    [Fact]
    public async Task Hash_OfSeveralKinds_IsInStoreQuestionsJsonAndEve()
    {
        Outcome run = (
            await Probe.Run(_workspace, "-r", "first.pcap", "--hash", "sha256,md5", "--json", "--eve", _workspace.PathOf("eve.json"))
        ).MustExit(0);

        string sha256 = Convert.ToHexStringLower(SHA256.HashData(First));
        JsonNode file = Assert.Single(run.Files);
        string md5 = (string)file["md5"]!;
        Assert.Equal((32, sha256, null), (md5.Length, (string)file["sha256"]!, (string?)file["sha1"]));
        Assert.Equal([$"{md5}|{sha256}|"], Store.Ask(_workspace, "SELECT md5, sha256, sha1 FROM file_list"));
        JsonNode info = File.ReadLines(_workspace.PathOf("eve.json"))
            .Select(line => JsonNode.Parse(line)!)
            .Single(line => (string?)line["event_type"] == "fileinfo")["fileinfo"]!;
        Assert.Equal((md5, sha256, null), ((string)info["md5"]!, (string)info["sha256"]!, (string?)info["sha1"]));
        foreach (string digits in (string[])[sha256[..12], md5[..12]])
        {
            Outcome answer = (
                await Probe.Command(_workspace, "files", "-o", _workspace.Output, "--hash", digits.ToUpperInvariant(), "--json")
            ).MustExit(0);
            Assert.Equal(sha256, (string)JsonNode.Parse(answer.Output)!["sha256"]!);
        }
    }

    [Fact]
    public async Task Hash_AllThree_EachFindsTheFile()
    {
        (await Probe.Run(_workspace, "-r", "first.pcap", "--hash", "sha1,md5,sha256", "-q")).MustExit(0);
        foreach (string digits in Store.Ask(_workspace, "SELECT sha1, md5, sha256 FROM files")[0].Split('|'))
        {
            Outcome answer = (await Probe.Command(_workspace, "files", "-o", _workspace.Output, "--hash", digits, "--json")).MustExit(0);
            Assert.Equal(Http.Sha1(First), (string)JsonNode.Parse(answer.Output)!["sha1"]!);
        }
    }

    [Theory]
    [InlineData("-r", "missing.pcap")]
    [InlineData("-r", "first.pcap", "--eve", "/proc/none/eve.json")]
    [InlineData("-r", "first.pcap", "-x", "/proc/none")]
    public async Task Run_ThatFailsBeforeItsFirstPacket_LeavesNoRun(params string[] arguments)
    {
        (await Probe.Run(_workspace, "-r", "second.pcap", "-q")).MustExit(0);
        Outcome run = (await Probe.Run(_workspace, [.. arguments, "-q"])).MustExit(1);

        Assert.StartsWith("error: ", Assert.Single(run.Told), StringComparison.Ordinal);
        Assert.Equal(["1|second.pcap|0"], Store.Ask(_workspace, "SELECT run_id, sources, exit_code FROM runs"));
    }

    [Fact]
    public async Task Store_OfANewerVersion_IsRefusedByRunAndQuestions()
    {
        (await Probe.Run(_workspace, "-r", "first.pcap", "-q")).MustExit(0);
        using (
            var connection = new Microsoft.Data.Sqlite.SqliteConnection(
                $"Data Source={Path.Combine(_workspace.Output, "spillway.db")};Pooling=False"
            )
        )
        {
            connection.Open();
            using Microsoft.Data.Sqlite.SqliteCommand command = connection.CreateCommand();
            command.CommandText = "PRAGMA user_version = 99";
            command.ExecuteNonQuery();
        }

        Outcome run = (await Probe.Run(_workspace, "-r", "second.pcap", "-q")).MustExit(1);
        Outcome answer = (await Probe.Command(_workspace, "files", "-o", _workspace.Output)).MustExit(1);

        Assert.Contains("newer version", Assert.Single(run.Told), StringComparison.Ordinal);
        Assert.Contains("newer version", Assert.Single(answer.Told), StringComparison.Ordinal);
        Assert.Equal(["1"], Store.Ask(_workspace, "SELECT count(*) FROM files"));
    }

    private static string[] Arguments(string capture) => ["-r", capture, "-q"];

    private static string[] Arguments(string option, string none) => option == none ? [] : [option];
}
