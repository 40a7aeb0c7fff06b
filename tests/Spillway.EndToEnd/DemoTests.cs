using System.Text.Json.Nodes;
using Spillway.EndToEnd.Running;

namespace Spillway.EndToEnd;

/// <summary>The demo's capture and its script, which is the example of the T.async manual as printed there.</summary>
public sealed class DemoTests
{
    private sealed record Body(string Sha1, long Size, bool IsWhole, string Direction, string Where);

    private static readonly string[] Lines = File.ReadAllLines(Probe.Demo("expected.txt"));

    private static readonly Body[] Expected =
    [
        .. Lines
            .Where(line => !line.StartsWith('#'))
            .Select(line => line.Split('\t'))
            .Select(row => new Body(row[0], long.Parse(row[1], null), row[2] == "whole", row[3], row[6] + row[7])),
    ];

    private static readonly string WithZerosInTheHole = Lines.Single(line =>
        line.Contains("with zeros in the hole", StringComparison.Ordinal)
    )[^40..];

    [Fact]
    public async Task Run_Demo_FindsWhatTheServerSentAndReceived()
    {
        using var workspace = new Workspace();
        Outcome run = (await Probe.Run(workspace, "-r", Probe.Demo("demo.pcap"), "-s", Probe.Demo("sha1.lua"), "--json")).MustExit(0);

        Assert.Equal(
            Expected.Select(body => (body.IsWhole ? body.Sha1 : null, body.Size, body.IsWhole ? "complete" : "gap", body.Where)).Order(),
            run.Files.Select(file => ((string?)file["sha1"], (long)file["size"]!, (string)file["end"]!, $"{file["host"]}{file["uri"]}"))
                .Order()
        );
        Assert.Equal(
            Expected.Count(body => body.Direction == "request"),
            run.Files.Count(file => (string?)file["direction"] == "client_to_server")
        );

        // The script hashes the files themselves; a hole in a file is zeros. Answers without content (HEAD, 204, 304) are told with length
        // 0.
        IEnumerable<string> empty = run.Prints.Where(line =>
            line.StartsWith("da39a3ee5e6b4b0d3255bfef95601890afd80709", StringComparison.Ordinal)
        );
        Assert.Equal(
            Expected.Select(body => $"{(body.IsWhole ? body.Sha1 : WithZerosInTheHole)}  {body.Where}").Order(StringComparer.Ordinal),
            run.Prints.Except(empty)
                .Order(StringComparer.Ordinal)
                .SelectMany(line => Enumerable.Repeat(line, run.Prints.Count(same => same == line)))
        );
        Assert.Equal(3, empty.Count());
        Assert.Empty(Directory.GetFileSystemEntries(workspace.Ram));
    }

    [Fact]
    public async Task Run_DeterministicTwice_SaysTheSameByteForByte()
    {
        using var first = new Workspace();
        using var second = new Workspace();
        string[] arguments = ["-r", Probe.Demo("demo.pcap"), "-s", Probe.Demo("sha1.lua"), "--json", "--deterministic"];
        Outcome[] runs = await Task.WhenAll(Probe.Run(first, arguments), Probe.Run(second, arguments));

        Assert.Equal(runs[0].MustExit(0).Error, runs[1].MustExit(0).Error);
        Assert.Equal(WithoutTimes(runs[0].Json), WithoutTimes(runs[1].Json));
    }

    [Fact]
    public async Task Demo_FromItsCheckout_ShowsHashesAndSummary()
    {
        using var workspace = new Workspace();
        Outcome demo = (
            await Probe.Shell(workspace, $"TMPDIR='{workspace.Root}' SPILLWAY_HOME='{AppContext.BaseDirectory}' $spillway demo")
        ).MustExit(0);

        Assert.All(
            Expected.Where(body => body.IsWhole),
            body => Assert.Contains($"{body.Sha1}  {body.Where}", demo.Output, StringComparison.Ordinal)
        );
        Assert.Contains("sha1.lua", demo.Output, StringComparison.Ordinal);
    }

    // Of two runs everything is the same but what a clock says and where the files lay.
    private static string WithoutTimes(JsonNode summary)
    {
        summary["run"] = null;
        JsonObject traffic = summary["traffic"]!.AsObject();
        traffic["packets_per_second"] = null;
        traffic["bits_per_second"] = null;
        foreach (JsonNode? script in summary["scripts"]!.AsArray())
        {
            script!["async"]!["wait"] = null;
            script["async"]!["run"] = null;
        }

        return summary.ToJsonString();
    }
}
