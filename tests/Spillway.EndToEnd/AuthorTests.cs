using System.Text.Json.Nodes;
using Spillway.EndToEnd.Running;
using Spillway.EndToEnd.Traffic;

namespace Spillway.EndToEnd;

/// <summary>The commands for authors of scripts: scripts list, check, new; test; guid.</summary>
public sealed class AuthorTests : IDisposable
{
    private readonly Workspace _workspace = new();

    [Fact]
    public async Task NewScript_IsListedCheckedAndTested()
    {
        Recording.Of(Http.Get("/whole"), Http.Ok(Http.Noise(500))).Save(_workspace.PathOf("good.pcap"));
        (await Probe.Command(_workspace, "scripts", "new", "simplecounter", "-o", "mine.lua")).MustExit(0);
        (await Probe.Command(_workspace, "scripts", "new", "simplecounter", "-o", "mine.lua")).MustExit(1);
        (await Probe.Command(_workspace, "scripts", "check", "mine.lua")).MustExit(0);

        JsonNode listing = JsonNode
            .Parse((await Probe.Command(_workspace, "scripts", "list", "--json", ".")).MustExit(0).Output)!
            .AsArray()
            .Single()!;
        Assert.Equal("My packet counter", listing["name"]!.ToString());
        Assert.Equal(
            ["countergroup FRONTEND", "simplecounter FRONTEND"],
            listing["blocks"]!.AsArray().Select(block => $"{block!["type"]} {block["side"]}")
        );

        Outcome first = (await Probe.Command(_workspace, "test", "-r", "good.pcap", "-s", "mine.lua")).MustExit(0);
        Outcome second = (await Probe.Command(_workspace, "test", "-r", "good.pcap", "-s", "mine.lua")).MustExit(0);

        Assert.Equal(first, second);
        Assert.Contains("calls     onpacket", first.Output, StringComparison.Ordinal);
        Assert.Contains("counter     TTL / 1 Packets: 1 key", first.Output, StringComparison.Ordinal);
        Assert.Equal(
            ["good.pcap", "mine.lua"],
            Directory.GetFileSystemEntries(_workspace.Root).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)
        );
    }

    [Fact]
    public async Task Test_TellsWhatScriptsAdd_AndWhereTheyFail()
    {
        Recording.Of(Http.Get("/whole"), Http.Ok(Http.Noise(500))).Save(_workspace.PathOf("good.pcap"));
        _workspace.Write(
            "adds.lua",
            """
            TrisulPlugin = { id = { name = 'adds' },
              reassembly_handler = {
                onnewflow = function(engine, timestamp, flow)
                  engine:tag_flow(flow:id(), 'seen')
                  engine:add_alert('{B5F1DECB-51D5-4395-B71B-6FA730B772D9}', flow:id(), 'SIG', 2, 'look')
                  engine:add_resource('{D1E27FF0-6D66-4E57-BB91-99F76BB2143E}', flow:id(), 'name', 'label')
                  local function fails() return nil + 1 end
                  local x = fails()
                end,
              },
            }
            """
        );

        Outcome run = (await Probe.Command(_workspace, "test", "-r", "good.pcap", "-s", "adds.lua")).MustExit(3);

        Assert.Contains("User Alerts: SIG, priority 2: look", run.Output, StringComparison.Ordinal);
        Assert.Contains("DNS Resources: name  label", run.Output, StringComparison.Ordinal);
        Assert.Contains(" seen", run.Output[run.Output.IndexOf("tagged", StringComparison.Ordinal)..], StringComparison.Ordinal);
        Assert.Contains("errors    1, the first in onnewflow: adds.lua:7", run.Output, StringComparison.Ordinal);
        Assert.Contains("stack traceback:", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Check_TellsPlaceAndRemedy_AndExitsWith3()
    {
        _workspace.Write("bad.lua", "TrisulPlugin = { id = { name = 'bad' },\n  onlaod = function() end }\n");

        Outcome run = (await Probe.Command(_workspace, "scripts", "check", "bad.lua")).MustExit(3);

        Assert.Contains(
            "bad.lua:2: warning: TrisulPlugin.onlaod is not looked at\n    did you mean onload?",
            run.Output,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task Guid_IsInBracesAndUpperCase()
    {
        string[] guids = (await Probe.Command(_workspace, "guid", "-n", "3"))
            .MustExit(0)
            .Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);

        Assert.Equal(3, guids.Distinct().Count());
        Assert.All(guids, guid => Assert.Matches("^\\{[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}\\}$", guid));
    }

    [Theory]
    [InlineData("scripts new nothing", "'nothing' is no block type")]
    [InlineData("scripts chek", "unknown command 'chek'; did you mean check?; see spillway scripts --help")]
    [InlineData("guid -n 0", "--count must be from 1 to 10000")]
    [InlineData("scripts check missing.lua", "no such file")]
    public async Task WrongUsage_IsToldInOneLine(string line, string expected) =>
        Assert.Contains(
            expected,
            Assert.Single((await Probe.Command(_workspace, line.Split(' '))).MustExit(2).Told),
            StringComparison.Ordinal
        );

    public void Dispose() => _workspace.Dispose();
}
