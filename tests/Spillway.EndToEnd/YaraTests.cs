using System.Diagnostics;
using System.Text.Json.Nodes;
using Spillway.Async.Inspection;
using Spillway.EndToEnd.Running;
using Spillway.EndToEnd.Traffic;

namespace Spillway.EndToEnd;

/// <summary>Files that match rules of YARA raise alerts, as the tool would tell them; nothing else is held up.</summary>
public sealed class YaraTests : IDisposable
{
    private const string Rules = """
        rule Needle : red blue { meta: description = "a needle" level = 3 strings: $a = "needle" condition: $a }
        rule Large { condition: filesize > 50000 }
        """;

    private static readonly byte[] Marked = [.. Http.Noise(60_000), .. "needle"u8];
    private static readonly byte[] Plain = Http.Noise(3_000, 2);

    private readonly Workspace _workspace = new();

    public YaraTests()
    {
        Assert.SkipWhen(YaraRules.FindFlaw() is not null, YaraRules.FindFlaw() ?? "");
        var recording = new Recording();
        TcpConversation connection = recording.Connect(50_000);
        connection.ClientSends(Http.Get("/marked.bin"));
        connection.ServerSends(Http.Ok(Marked));
        connection.ClientSends(Http.Get("/plain.bin"));
        connection.ServerSends(Http.Ok(Plain));
        connection.Close();
        recording.Save(_workspace.PathOf("a.pcap"));
        _workspace.Write("rules.yar", Rules);
    }

    public void Dispose() => _workspace.Dispose();

    [Theory]
    [InlineData("")]
    [InlineData("-x files")]
    [InlineData("--lanes 2")]
    [InlineData("--deterministic")]
    [InlineData("--hash none")]
    public async Task Match_IsAnAlertOfTheFlow(string more)
    {
        Outcome run = (
            await Probe.Run(_workspace, ["-r", "a.pcap", "--yara", "rules.yar", "--json", "--eve", "eve.json", .. Words(more)])
        ).MustExit(0);

        Assert.Equal(
            ["Large|YARA|1|YARA", "Needle|red,blue|1|YARA"],
            Store.Ask(
                _workspace,
                "SELECT a.key, a.classification, a.priority, g.name FROM alerts a JOIN groups g USING (group_id) ORDER BY a.key"
            )
        );
        Assert.Equal(Store.Ask(_workspace, "SELECT flow_id FROM flows"), Store.Ask(_workspace, "SELECT DISTINCT flow_id FROM alerts"));
        Assert.Equal("2", Detail(run, "yara.scanned"));
        Assert.Equal("2", Detail(run, "yara.matches"));
        string hash = more == "--hash none" ? "" : $", SHA-1 {Http.Sha1(Marked)}";
        Assert.Equal(
            [
                $"www.example.org/marked.bin (60006 bytes{hash}) matches Needle (a needle)|namespace: rules; tags: red; tags: blue; "
                    + "description: a needle; level: 3",
            ],
            Store.Ask(_workspace, "SELECT message, details FROM alerts WHERE key = 'Needle'")
        );
        JsonNode alert = Events("alert").Single(line => (string?)line["alert"]!["signature"] == "Needle");
        Assert.Equal("red,blue", (string)alert["alert"]!["category"]!);
        Assert.Equal(["red", "blue"], alert["alert"]!["metadata"]!["tags"]!.AsArray().Select(tag => (string)tag!));
        Assert.Equal("a needle", (string)alert["alert"]!["metadata"]!["description"]![0]!);
        JsonNode file = Assert.Single(alert["files"]!.AsArray())!;
        Assert.Equal((hash.Length == 0 ? null : Http.Sha1(Marked), 60_006), ((string?)file["sha1"], (int)file["size"]!));
        Assert.Equal("10.1.2.3", (string)alert["src_ip"]!);
        Assert.Equal(
            more == "-x files" ? 2 : 0,
            more == "-x files" ? _workspace.FilesIn("files").Count : Directory.GetFileSystemEntries(_workspace.Ram).Length
        );
    }

    [Fact]
    public async Task DemosCapture_MatchesAreThoseOfTheTool()
    {
        Assert.SkipUnless(HasTool(), "yara(1) is not there to compare with");
        _workspace.Write(
            "demo.yar",
            """
            import "hash"
            rule Small { condition: filesize < 2000 }
            rule Text { strings: $a = "the" nocase fullword condition: #a > 3 }
            rule Png { strings: $a = { 89 50 4E 47 } condition: $a at 0 }
            rule Odd { condition: filesize % 2 == 1 }
            rule Known { condition: hash.md5(0, filesize) == "d41d8cd98f00b204e9800998ecf8427e" }
            rule Regex { strings: $a = /[a-z]{3,8}=[0-9]+/ condition: $a }
            """
        );
        (await Probe.Run(_workspace, "-r", Probe.Demo("demo.pcap"), "-x", "files", "--yara", "demo.yar", "-q")).MustExit(0);

        string[] expected = [.. Tool("-r", "demo.yar", "files").Select(line => line.Split(' ')[0]).Order()];
        Assert.NotEmpty(expected);
        Assert.Equal(expected, Store.Ask(_workspace, "SELECT key FROM alerts ORDER BY key"));
    }

    [Fact]
    public async Task FileInChunks_MatchesOfSeveral_AreOneAlert()
    {
        _workspace.Write("chunks.yar", "rule Any { condition: filesize > 0 }");
        Outcome run = (await Probe.Run(_workspace, "-r", "a.pcap", "--yara", "chunks.yar", "--chunk-size", "16K", "--json")).MustExit(0);

        Assert.Equal(["Any", "Any"], Store.Ask(_workspace, "SELECT key FROM alerts"));
        Assert.Equal("5", Detail(run, "yara.scanned"));
    }

    [Theory]
    [InlineData("rule Slow { strings: $a = /(a+)+b/ condition: $a }", "", "yara.timed_out", "1 took longer than 1 s (--yara-timeout)")]
    [InlineData("rule Any { condition: true }", "--yara-max-size 4K", "yara.too_large", "1 larger than 4096 bytes (--yara-max-size)")]
    public async Task FileThatIsNotScannedToItsEnd_IsCountedAndTheOthersAreScanned(string rule, string more, string counter, string told)
    {
        byte[] large = new byte[3_000_000];
        Array.Fill(large, (byte)'a');
        var recording = new Recording();
        TcpConversation connection = recording.Connect(50_000);
        connection.ClientSends(Http.Get("/large"));
        connection.ServerSends(Http.Ok(large));
        connection.ClientSends(Http.Get("/small"));
        connection.ServerSends(Http.Ok("needle"u8.ToArray()));
        connection.Close();
        recording.Save(_workspace.PathOf("large.pcap"));
        _workspace.Write("slow.yar", rule);
        Outcome run = (
            await Probe.Run(
                _workspace,
                ["-r", "large.pcap", "--yara", "slow.yar", "--yara", "rules.yar", "--yara-timeout", "1", "--json", .. Words(more)]
            )
        ).MustExit(0);

        Assert.Equal("1", Detail(run, counter));
        Assert.Equal("1", Detail(run, "yara.scanned"));
        Assert.Contains("Needle", Store.Ask(_workspace, "SELECT key FROM alerts"));
        Assert.Contains(
            told,
            run.Told.Single(line => line.StartsWith("warning: YARA: ", StringComparison.Ordinal)),
            StringComparison.Ordinal
        );
        Assert.Equal(2, run.Files.Count);
    }

    [Theory]
    [InlineData("", "Needle a needle 3 60006")]
    [InlineData("SPILLWAY_LIBYARA=nothing.so", "libyara is missing: install it with `apt-get install libyara9`")]
    public async Task Script_ScansTheFileThatItIsGiven(string environment, string expected)
    {
        _workspace.Write(
            "scan.lua",
            """
            TrisulPlugin = { id = { name = "s" }, filex_monitor = {
              onfile_http = function(engine, ts, flow, path, request, response, length)
                T.async:scan(path, "rules.yar", function(engine, file, matches)
                  local first = matches[1]
                  if first then print(first.rule, first.meta.description, first.meta.level, length) end
                end, function(engine, file, message) print((message:gsub("^scan %S+: ", ""))) end)
              end } }
            """
        );
        Outcome run = await Probe.Shell(
            _workspace,
            $"{environment} $spillway run -r a.pcap -s scan.lua -q -o out --ramfs '{_workspace.Ram}'"
        );

        Assert.Equal(expected, run.Output.Split('\n')[0].Replace('\t', ' '));
        Assert.Empty(Directory.GetFileSystemEntries(_workspace.Ram));
    }

    [Fact]
    public async Task RulesWithErrors_EndTheRunBeforeItBegins()
    {
        _workspace.Write("bad.yar", "rule A { condition: nonsense }");
        Directory.CreateDirectory(_workspace.PathOf("empty"));
        Outcome run = (
            await Probe.Run(_workspace, "-r", "a.pcap", "--yara", "bad.yar", "--yara", "rules.yar", "--yara", "gone.yar", "--yara", "empty")
        ).MustExit(2);

        Assert.Equal(
            [
                "error: --yara: no such file 'gone.yar'",
                "error: --yara: no .yar or .yara file in 'empty'",
                "error: --yara: bad.yar:1: undefined identifier \"nonsense\"",
            ],
            run.Told
        );
        Assert.False(Directory.Exists(_workspace.Output));
    }

    [Fact]
    public async Task Libyara_Missing_IsToldInOneLine()
    {
        Outcome run = (
            await Probe.Shell(_workspace, "SPILLWAY_LIBYARA=nothing.so $spillway run -r a.pcap -q -o out --yara rules.yar")
        ).MustExit(2);

        Assert.Equal("error: --yara: libyara is missing: install it with `apt-get install libyara9`", Assert.Single(run.Told));
    }

    private IEnumerable<JsonNode> Events(string type) =>
        File.ReadLines(_workspace.PathOf("eve.json"))
            .Select(line => JsonNode.Parse(line)!)
            .Where(line => (string?)line["event_type"] == type);

    private static string Detail(Outcome run, string name) => run.Json["details"]![name]!.ToString();

    private string[] Tool(params string[] arguments)
    {
        using Process tool = Process.Start(
            new ProcessStartInfo("yara", arguments) { WorkingDirectory = _workspace.Root, RedirectStandardOutput = true }
        )!;
        string[] lines = tool.StandardOutput.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        tool.WaitForExit();
        return lines;
    }

    private static bool HasTool() =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(directory => File.Exists(Path.Combine(directory, "yara")));

    private static string[] Words(string text) => text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
}
