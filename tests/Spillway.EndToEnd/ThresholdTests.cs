using System.Text.Json.Nodes;
using Spillway.EndToEnd.Running;
using Spillway.EndToEnd.Traffic;

namespace Spillway.EndToEnd;

/// <summary>Thresholds of a file raise alerts that questions, the story of a host and EVE have.</summary>
public sealed class ThresholdTests : IDisposable
{
    private readonly Workspace _workspace = new();

    public void Dispose() => _workspace.Dispose();

    [Theory]
    [InlineData("1")]
    [InlineData("3")]
    public async Task Host_ThatMovesMuch_IsAnAlertEverywhere(string lanes)
    {
        await Run("bytes id 1001, above 100K, hosts home, name \"Much traffic\"\nnew-host id 1002, hosts 10.9.9.9", lanes);

        JsonNode alert = Assert.Single(await Json("alerts"));
        Assert.Equal(
            "1001 Much traffic ALARM 10.1.2.3 Threshold Crossing bytes",
            $"{alert["key"]} {alert["message"]} {alert["status"]} {alert["host"]} {alert["group"]} {alert["classification"]}"
        );
        Assert.StartsWith("10.1.2.3: 2", (string?)alert["details"], StringComparison.Ordinal);
        Assert.Single(await Json("alerts", "--host", "10.1.0.0/16"));
        Assert.Empty(await Json("alerts", "--host", "198.51.100.7"));
        Assert.Contains("Much traffic", (await Ask("host", "10.1.2.3")).MustExit(0).Output, StringComparison.Ordinal);
        JsonNode line = Assert.Single(
            (await File.ReadAllLinesAsync(_workspace.PathOf("eve.json"), TestContext.Current.CancellationToken)).Select(text =>
                JsonNode.Parse(text)!
            ),
            each => (string?)each["event_type"] == "alert"
        );
        Assert.Equal("10.1.2.3 1001 Much traffic", $"{line["src_ip"]} {line["alert"]!["signature_id"]} {line["alert"]!["signature"]}");
    }

    [Fact]
    public async Task Host_ThatIsNew_IsOneThatTheStoreHasNotSeen()
    {
        await Run("new-host id 7");
        Assert.Equal(["10.1.2.3", "198.51.100.7"], Store.Ask(_workspace, "SELECT host FROM alerts ORDER BY host"));

        var other = new Recording();
        other.Add(Datagram.OfUdp(0x0A010203, 1, 0x0A0000FE, 2, "x"u8));
        other.Save(_workspace.PathOf("other.pcap"));
        (await Probe.Run(_workspace, "-r", "other.pcap", "-q", "--thresholds", "marks.conf")).MustExit(0);

        Assert.Equal(["10.0.0.254"], Store.Ask(_workspace, "SELECT host FROM alerts WHERE run_id = 2"));
    }

    [Theory]
    [InlineData(
        "error: --thresholds: marks.conf:2: 'byte' is no kind of threshold: begin with bytes, connections",
        "# x\nbyte id 1, above 1"
    )]
    [InlineData("marks.conf:1: 'above much' is no mark: give bytes, such as", "bytes id 1, above much")]
    public async Task File_ThatIsWrong_EndsTheRunBeforeItBegins(string told, string text)
    {
        await File.WriteAllTextAsync(_workspace.PathOf("marks.conf"), text, TestContext.Current.CancellationToken);
        Recording.Of(Http.Get("/"), Http.Ok(Http.Noise(9))).Save(_workspace.PathOf("a.pcap"));

        Outcome run = (await Probe.Run(_workspace, "-r", "a.pcap", "--thresholds", "marks.conf")).MustExit(2);

        Assert.Contains(told, Assert.Single(run.Told), StringComparison.Ordinal);
    }

    [Fact]
    public async Task File_ThatIsNotThere_OrNothingIsCounted_EndsTheRun()
    {
        Recording.Of(Http.Get("/"), Http.Ok(Http.Noise(9))).Save(_workspace.PathOf("a.pcap"));
        Assert.Equal(
            "error: --thresholds: no such file 'nothere.conf'",
            Assert.Single((await Probe.Run(_workspace, "-r", "a.pcap", "--thresholds", "nothere.conf")).MustExit(2).Told)
        );
        Assert.Equal(
            "error: --thresholds needs traffic to be counted: leave out --no-metrics",
            Assert.Single((await Probe.Run(_workspace, "-r", "a.pcap", "--thresholds", "a.pcap", "--no-metrics")).MustExit(2).Told)
        );
    }

    private async Task Run(string thresholds, string lanes = "1")
    {
        await File.WriteAllTextAsync(_workspace.PathOf("marks.conf"), thresholds, TestContext.Current.CancellationToken);
        Recording.Of(Http.Get("/"), Http.Ok(Http.Noise(200_000))).Save(_workspace.PathOf("a.pcap"));
        (
            await Probe.Run(
                _workspace,
                "-r",
                "a.pcap",
                "-q",
                "--lanes",
                lanes,
                "--thresholds",
                "marks.conf",
                "--eve",
                _workspace.PathOf("eve.json")
            )
        ).MustExit(0);
    }

    private Task<Outcome> Ask(params string[] question) => Probe.Command(_workspace, [.. question, "-o", _workspace.Output]);

    private async Task<JsonNode[]> Json(params string[] question) =>
        [
            .. (await Ask([.. question, "--json"]))
                .MustExit(0)
                .Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Select(line => JsonNode.Parse(line)!),
        ];
}
