using Spillway.EndToEnd.Running;
using Spillway.EndToEnd.Traffic;

namespace Spillway.EndToEnd;

/// <summary><c>spillway input</c>, and the blocks that listen to what scripts bring in.</summary>
public sealed class InputTests
{
    private static Task<Outcome> Input(Workspace workspace, params string[] arguments) =>
        Probe.Command(workspace, ["input", .. arguments, "-o", workspace.Output, "--ramfs", workspace.Ram, "--json"]);

    [Fact]
    public async Task Packets_OfAScript_GoThroughThePipelineAndOtherScripts()
    {
        using var workspace = new Workspace();
        Outcome run = (await Input(workspace, Probe.Script("frames.lua"), "3", "-s", Probe.Script("telemetry.lua"))).MustExit(0);

        const string Flow = "11A:0A.01.02.03:p-3039_C6.33.64.07:p-1E61";
        Assert.Equal([$"telemetry 4 1 {Flow}", $"telemetry 4 2 {Flow}", $"telemetry 4 3 {Flow}", "made 3"], run.Prints);
        Assert.Equal(
            [$"{Flow}|3|138|2000"],
            Store.Ask(workspace, "SELECT flow_id, packets_az, bytes_az, (last_ns - first_ns) / 1000000 FROM flows")
        );
        Assert.Equal(3, (int)run.Json["traffic"]!["packets"]!);
    }

    [Fact]
    public async Task FlowRecords_OfAScript_BecomeFlowsMetricsAndMessages()
    {
        using var workspace = new Workspace();
        string data = workspace.PathOf("flows.txt");
        await File.WriteAllTextAsync(
            data,
            "# a comment\n1700000000 10.1.2.3 49152 198.51.100.7 443 1500 3\n1700000060 10.1.2.3 49152 198.51.100.7 443 500 1\nnoise\n",
            TestContext.Current.CancellationToken
        );
        Outcome run = (await Input(workspace, Probe.Script("records.lua"), data, "-s", Probe.Script("listeners.lua"))).MustExit(0);

        Assert.Equal(["record C 10.1.2.3 1500/0 3/0 at 1700000000", "record C 10.1.2.3 500/0 1/0 at 1700000060"], run.Prints);
        Assert.Equal(
            ["06C:0A.01.02.03:p-C000_C6.33.64.07:p-01BB_0A.00.00.FE_00000003_00000004|2000|4|5"],
            Store.Ask(workspace, "SELECT flow_id, bytes_az, packets_az, (last_ns - first_ns) / 1000000000 FROM flows")
        );
        Assert.Equal(1, (int)run.Json["traffic"]!["flows"]!);
    }

    [Fact]
    public async Task Alerts_BesideACapture_AreTakenToTheLast()
    {
        using var workspace = new Workspace();
        string data = workspace.PathOf("alerts.txt");
        await File.WriteAllLinesAsync(data, Enumerable.Range(0, 300).Select(i => $"line {i}"), TestContext.Current.CancellationToken);
        string capture = Recording.Of(Http.Get("/"), Http.Ok(Http.Noise(3000))).Save(workspace.PathOf("a.pcap"));
        (await Probe.Run(workspace, "-r", capture, "-s", Probe.Script("lines.lua"), "--args", data, "--json")).MustExit(0);

        Assert.Equal(
            ["300|300|2000001|06A:0A.01.02.03:p-C000_C6.33.64.07:p-01BB|2|FIRED|External IDS"],
            Store.Ask(
                workspace,
                "SELECT count(*), count(DISTINCT message), key, flow_id, priority, status, name FROM alerts JOIN groups USING (group_id)"
            )
        );
    }

    [Fact]
    public async Task Alerts_WithoutPackets_AreInputToo()
    {
        using var workspace = new Workspace();
        string data = workspace.PathOf("alerts.txt");
        await File.WriteAllLinesAsync(data, ["one", "two"], TestContext.Current.CancellationToken);
        (await Input(workspace, Probe.Script("lines.lua"), data)).MustExit(0);
        Assert.Equal(
            ["one|250000000", "two|250000000"],
            Store.Ask(workspace, "SELECT message, time_ns % 1000000000 FROM alerts ORDER BY message")
        );
    }

    [Theory]
    [InlineData("inputfilter = { step = function() end }", 0, "step returned nil, which ends the input")]
    [InlineData("inputfilter = { step = function() error('bad row') end }", 1, "step raised 100 times in a row, which ends the input")]
    [InlineData("simplecounter = {}", 1, "makes no input: it needs a block 'inputfilter'")]
    [InlineData("onload = function() return false end, inputfilter = { step = function() return true end }", 1, "makes no input")]
    public async Task Input_ThatGoesWrong_IsToldWithTheRemedy(string block, int exitCode, string expected)
    {
        using var workspace = new Workspace();
        string script = workspace.PathOf("input.lua");
        await File.WriteAllTextAsync(script, $"TrisulPlugin = {{ id = {{ name = 'x' }}, {block} }}", TestContext.Current.CancellationToken);
        Outcome run = (await Input(workspace, script)).MustExit(exitCode);
        Assert.Contains(expected, run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task FlowMeters_OfACapture_AreTold()
    {
        using var workspace = new Workspace();
        string capture = Recording.Of(Http.Get("/"), Http.Ok(Http.Noise(3000))).Save(workspace.PathOf("a.pcap"));
        Outcome run = (await Probe.Run(workspace, "-r", capture, "-s", Probe.Script("listeners.lua"), "--json")).MustExit(0);
        long rtt = long.Parse(
            Assert.Single(Store.Ask(workspace, "SELECT setup_rtt_us FROM flows")),
            System.Globalization.CultureInfo.InvariantCulture
        );
        Assert.Equal([$"meter 6 80 {rtt}"], run.Prints);
    }

    [Fact]
    public async Task LegacyBlocks_OnHttp_HearOfTheHost()
    {
        using var workspace = new Workspace();
        string capture = Recording.Of(Http.Get("/"), Http.Ok(Http.Noise(3000))).Save(workspace.PathOf("a.pcap"));
        Outcome run = (await Probe.Run(workspace, "-r", capture, "-s", Probe.Script("oldstyle.lua"), "--json")).MustExit(0);
        Assert.Equal(["host www.example.org 15 80", "channel www.example.org"], run.Prints);
    }

    [Fact]
    public async Task ScriptsOfTheEnvironment_AreLoadedWithAllBelowAndTheirModules()
    {
        using var workspace = new Workspace();
        string deep = Directory.CreateDirectory(workspace.PathOf("apps/one/lib")).FullName;
        await File.WriteAllTextAsync(
            Path.Combine(deep, "companion.lua"),
            "assert(#arg > 5)\nreturn 'beside'",
            TestContext.Current.CancellationToken
        );
        await File.WriteAllTextAsync(Path.Combine(deep, "words.lua"), "return 'words'", TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(
            Path.Combine(deep, "app.lua"),
            "TrisulPlugin = { id = { name = 'x' }, onload = function() print(require 'words') end }",
            TestContext.Current.CancellationToken
        );
        string capture = Recording.Of(Http.Get("/"), Http.Ok(Http.Noise(30))).Save(workspace.PathOf("a.pcap"));
        string paths = $"{workspace.PathOf("gone")}:{workspace.PathOf("apps")}";
        Outcome run = (
            await Probe.Shell(
                workspace,
                $"TRISUL_LUA_PATHS='{paths}' \"$spillway\" run -r '{capture}' -o '{workspace.Output}' --ramfs '{workspace.Ram}' -q"
            )
        ).MustExit(0);
        Assert.Equal("words\n", run.Output);
        Assert.Contains("TRISUL_LUA_PATHS", run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("companion", run.Error, StringComparison.Ordinal);
    }
}
