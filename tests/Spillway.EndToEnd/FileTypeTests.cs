using System.Diagnostics;
using System.Text;
using System.Text.Json.Nodes;
using Spillway.EndToEnd.Running;
using Spillway.EndToEnd.Traffic;

namespace Spillway.EndToEnd;

/// <summary>Types of files by their content: those that file(1) tells, in store, questions, JSON and EVE.</summary>
public sealed class FileTypeTests : IDisposable
{
    private const string NoFile = "file(1) is not there to compare with";

    private static readonly Dictionary<string, byte[]> Contents = new()
    {
        ["/script"] = "#!/bin/sh\nexit 0\n"u8.ToArray(),
        ["/paper"] = [.. "%PDF-1.4\n"u8, .. Http.Noise(9_000)],
        ["/picture"] = [0x89, .. "PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x20\0\0\0\x10\x08\x06\0\0\0"u8, .. Http.Noise(100_000)],
        ["/page"] = Encoding.ASCII.GetBytes(
            "<!DOCTYPE html><html><body>" + string.Concat(Enumerable.Repeat("<p>text\n", 20_000)) + "</html>"
        ),
        ["/noise"] = Http.Noise(70_000, 3),
    };

    private readonly Workspace _workspace = new();

    public FileTypeTests()
    {
        Assert.SkipUnless(HasTool(), NoFile);
        var recording = new Recording();
        ushort port = 50_000;
        foreach ((string path, byte[] content) in Contents)
        {
            TcpConversation connection = recording.Connect(port++);
            connection.ClientSends(Http.Get(path));
            connection.ServerSends(Http.Ok(content, "application/x-claimed"));
            connection.Close();
        }

        recording.Save(_workspace.PathOf("a.pcap"));
    }

    public void Dispose() => _workspace.Dispose();

    [Theory]
    [InlineData("")]
    [InlineData("--lanes 2")]
    [InlineData("--deterministic")]
    public async Task Extract_FilesOfOurOwn_HaveTheTypesThatFileTells(string more)
    {
        Outcome run = (
            await Probe.Run(_workspace, ["-r", "a.pcap", "-x", "files", "--eve", "eve.json", "--json", .. Words(more)])
        ).MustExit(0);

        CompareWithFile(run, "files", Contents.Count);
        Assert.All(run.Files, file => Assert.Equal("application/x-claimed", (string)file["content_type"]!));
        Assert.Equal(
            run.Files.Select(file => $"{file["mime_type"]}|{file["magic"]}").Order(StringComparer.Ordinal),
            Store.Ask(_workspace, "SELECT mime_type, magic FROM file_list").Order(StringComparer.Ordinal)
        );
        Assert.Equal(
            run.Files.Select(file => $"{file["size"]} {file["magic"]}").Order(StringComparer.Ordinal),
            Events("fileinfo").Select(info => $"{info["size"]} {info["magic"]}").Order(StringComparer.Ordinal)
        );
    }

    [Fact]
    public async Task Extract_TheDemosCapture_HasTheTypesThatFileTells()
    {
        Outcome run = (await Probe.Run(_workspace, "-r", Probe.Demo("demo.pcap"), "-x", "files", "--json")).MustExit(0);

        CompareWithFile(run, "files", Directory.GetFiles(_workspace.PathOf("files")).Length);
    }

    [Fact]
    public async Task Eve_FilesThatAreNotStored_AreTypedByTheirFirstBytes()
    {
        (await Probe.Run(_workspace, "-r", "a.pcap", "-x", "files", "-q")).MustExit(0);
        Outcome run = (await Probe.Run(_workspace, "-r", "a.pcap", "--eve", "eve.json", "--json")).MustExit(0);

        Assert.Equal(Contents.Count, run.Files.Count);
        SortedDictionary<string, byte[]> files = _workspace.FilesIn("files");
        foreach (JsonNode file in run.Files)
        {
            string stored = files.Single(one => Http.Sha1(one.Value) == (string)file["sha1"]!).Key;
            Assert.Equal(Ask("-b --mime-type", "files/" + stored), (string)file["mime_type"]!);
        }
    }

    [Fact]
    public async Task ExtractType_KeepsFilesOfTheseKindsOnly()
    {
        Outcome run = (
            await Probe.Run(
                _workspace,
                "-r",
                "a.pcap",
                "-x",
                "files",
                "--extract-type",
                "image,text/x-shell",
                "--json",
                "--eve",
                "eve.json"
            )
        ).MustExit(0);

        Assert.Equal(
            new[] { Http.Sha1(Contents["/picture"]), Http.Sha1(Contents["/script"]) }.Order(),
            _workspace.FilesIn("files").Values.Select(Http.Sha1).Order()
        );
        Assert.Equal(
            ["image/png", "text/x-shellscript"],
            run.Files.Where(file => (bool)file["stored"]!).Select(file => (string)file["mime_type"]!).Order()
        );
        Assert.Equal(2, Events("fileinfo").Count(info => (bool)info["stored"]!));
        Assert.Equal("3", run.Json["details"]!["files.removed_by_type"]!.ToString());
    }

    [Fact]
    public async Task Files_ByKind_AreFoundByWhatTheyAre()
    {
        (await Probe.Run(_workspace, "-r", "a.pcap", "-q")).MustExit(0);
        Assert.Equal(["2"], Store.Ask(_workspace, "SELECT count(mime_type) FROM files"));
        Outcome answer = (await Probe.Command(_workspace, "files", "-o", _workspace.Output, "--type", "script,pdf", "--json")).MustExit(0);

        Assert.Equal(
            ["application/pdf", "text/x-shellscript"],
            answer
                .Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Select(line => (string)JsonNode.Parse(line)!["mime_type"]!)
                .Order()
        );
    }

    [Theory]
    [InlineData("--magic off", 0, null)]
    [InlineData("--magic off -x files", 0, null)]
    [InlineData("--extract-type image", 2, "--extract-type needs --extract DIR")]
    [InlineData("-x files --extract-type imgae", 2, "'imgae' is no kind of files (archive, audio, exe, ")]
    [InlineData("-x files --extract-type image --magic off", 2, "leave --magic off out")]
    public async Task Options_AskForTypes_OrNot(string options, int exitCode, string? expected)
    {
        Outcome run = (await Probe.Run(_workspace, ["-r", "a.pcap", "-q", .. Words(options)])).MustExit(exitCode);

        if (expected is not null)
            Assert.Contains(expected, Assert.Single(run.Told), StringComparison.Ordinal);
        else
            Assert.Equal(["0"], Store.Ask(_workspace, "SELECT count(*) FROM files WHERE mime_type IS NOT NULL OR magic IS NOT NULL"));
    }

    [Theory]
    [InlineData("", 0)]
    [InlineData("-x files", 0)]
    [InlineData("--eve eve.json", 0)]
    [InlineData("--magic on", 2)]
    [InlineData("-x files --extract-type image", 2)]
    public async Task Libmagic_Missing_OnlyThoseWhoAskForItAreTold(string options, int exitCode)
    {
        Outcome run = (await Probe.Shell(_workspace, $"SPILLWAY_LIBMAGIC=nothing.so $spillway run -r a.pcap -q -o out {options}")).MustExit(
            exitCode
        );

        if (exitCode == 0)
            Assert.Empty(run.Told);
        else
            Assert.Matches(
                "^error: --(magic|extract-type): libmagic is missing: install it with `apt-get install libmagic1`$",
                Assert.Single(run.Told)
            );
    }

    // The names of the files are those of their records.
    private void CompareWithFile(Outcome run, string directory, int count)
    {
        JsonNode[] stored = [.. run.Files.Where(file => (bool)file["stored"]!)];
        Assert.Equal(count, stored.Length);
        foreach (JsonNode file in stored)
        {
            string path = $"{directory}/{file["name"]}";
            Assert.Equal((path, Ask("-b --mime-type", path), Ask("-b", path)), (path, (string)file["mime_type"]!, (string)file["magic"]!));
        }
    }

    private IEnumerable<JsonNode> Events(string type) =>
        File.ReadLines(_workspace.PathOf("eve.json"))
            .Select(line => JsonNode.Parse(line)!)
            .Where(line => (string?)line["event_type"] == type)
            .Select(line => line[type]!);

    private string Ask(string options, string path)
    {
        using Process file = Process.Start(
            new ProcessStartInfo("file", [.. Words(options), path]) { WorkingDirectory = _workspace.Root, RedirectStandardOutput = true }
        )!;
        string answer = file.StandardOutput.ReadToEnd().Trim();
        file.WaitForExit();
        return answer;
    }

    private static bool HasTool() => Tool.IsThere("file");

    private static string[] Words(string text) => text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
}
