using Spillway.EndToEnd.Running;
using Spillway.EndToEnd.Traffic;

namespace Spillway.EndToEnd;

/// <summary>Scripts that look at packets and at streams.</summary>
public sealed class PacketScriptTests
{
    private static readonly byte[] Page = Http.Noise(3000);

    [Fact]
    public async Task SimpleCounter_OnPackets_ReadsFieldsCountsAndTags()
    {
        using var workspace = new Workspace();
        Recording recording = Recording.Of(Http.Get("/"), Http.Ok(Page));
        Outcome run = (
            await Probe.Run(workspace, "-r", recording.Save(workspace.PathOf("a.pcap")), "-s", Probe.Script("packets.lua"), "--json")
        ).MustExit(0);

        Assert.Equal("syn from 0A.01.02.03 to port 80 words 5 flow 06A:0A.01.02.03:p-C000_C6.33.64.07:p-0050", Assert.Single(run.Prints));
        const string Sums = """
            SELECT key, meter, CAST(sum(value) AS INTEGER) FROM counters JOIN groups USING (group_id)
            WHERE guid = '{835467C5-759F-4755-BD86-C45FE5FD3259}' AND key <> 'SYS:GROUP_TOTALS' GROUP BY key, meter ORDER BY key, meter
            """;
        ILookup<string, int> classes = recording.FrameLengths.ToLookup(length => length > 500 ? "large" : "small");
        Assert.Equal(
            new[] { "large", "small" }.SelectMany(name =>
                new[] { $"{name}|0|{classes[name].Sum()}", $"{name}|1|{classes[name].Count()}", $"{name}|2|{classes[name].Sum()}" }
            ),
            Store.Ask(workspace, Sums)
        );
        Assert.Equal("[test]syn", Assert.Single(Store.Ask(workspace, "SELECT tags FROM flows")));
        Assert.Contains($":{recording.Count}", run.Json["scripts"]![0]!["callbacks"]!.ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task HomeNetworks_OfTheCommandLine_AreWhatScriptsGoBy()
    {
        using var workspace = new Workspace();
        string script = workspace.PathOf("home.lua");
        await File.WriteAllTextAsync(
            script,
            """
            TrisulPlugin = { id = { name = 'home' }, onload = function()
              local nets = T.host:get_homenets()
              print(#nets .. ' ' .. nets[1].ip .. ' ' .. nets[1].netmask)
              print(tostring(T.host:is_homenet('203.0.113.9')) .. ' ' .. tostring(T.host:is_homenet('10.1.2.3')) .. ' ' .. tostring(T.host:is_homenet_key("C6.33.64.07")))
            end }
            """,
            TestContext.Current.CancellationToken
        );
        string capture = Recording.Of(Http.Get("/"), Http.Ok(Page)).Save(workspace.PathOf("a.pcap"));

        Outcome run = (
            await Probe.Run(workspace, "-r", capture, "-s", script, "--json", "--homenet", "203.0.113.0/24,2001:db8::/32,198.51.100.0/25")
        ).MustExit(0);

        Assert.Equal(["2 203.0.113.0 255.255.255.0", "true false true"], run.Prints);
    }

    [Fact]
    public async Task FlowAttributes_OverTheLimit_AreRefusedAndCounted()
    {
        using var workspace = new Workspace();
        string script = workspace.PathOf("many.lua");
        await File.WriteAllTextAsync(
            script,
            """
            TrisulPlugin = { id = { name = 'many' }, reassembly_handler = { onnewflow = function(engine, ts, flow)
              for i = 1, 20 do engine:add_flow_attribute(flow:id(), 'name' .. i, 'value') end
            end } }
            """,
            TestContext.Current.CancellationToken
        );
        var recording = new Recording();
        TcpConversation conversation = recording.Connect(49152, 8080);
        conversation.ClientSends([1, 2, 3]);
        conversation.Close();

        Outcome run = (await Probe.Run(workspace, "-r", recording.Save(workspace.PathOf("a.pcap")), "-s", script, "--json")).MustExit(0);

        Assert.Equal(4, (int)run.Json["details"]!["flows.attributes_refused"]!);
        Assert.Equal("16", Assert.Single(Store.Ask(workspace, "SELECT count(*) FROM flow_attributes")));
    }

    [Fact]
    public async Task ReassemblyHandler_OnStreams_GetsEachByteOnceAndWhatItAskedFor()
    {
        using var workspace = new Workspace();
        var recording = new Recording();
        TcpConversation wanted = recording.Connect(49152, 8080);
        TcpConversation refused = recording.Connect(49153, 80);
        byte[] request = Http.Get("/index.html"),
            response = Http.Ok(Page);
        wanted.ClientSends(request);
        refused.ClientSends(Http.Get("/other", host: "other.example"));
        wanted.ServerSends(response);
        refused.ServerSends(response);
        refused.Close();
        wanted.Close();
        Outcome run = (
            await Probe.Run(workspace, "-r", recording.Save(workspace.PathOf("a.pcap")), "-s", Probe.Script("streams.lua"), "--json")
        ).MustExit(0);

        const string Flow = "06A:0A.01.02.03:p-C000_C6.33.64.07:p-1F90";
        Assert.Equal(
            [
                $"new {Flow} at {Recording.Start}",
                "attribute Host=www.example.org",
                "attribute URI=/index.html",
                "attribute User-Agent=test/1.0",
                $"end {EndText(run)} in {response.Length} out {request.Length}",
            ],
            run.Prints
        );
        Assert.Equal(
            [$"{Flow}|GET /index.html HTTP/1.1|client 10.1.2.3|First lines"],
            Store.Ask(workspace, "SELECT flow_id, uri, label, name FROM resources JOIN groups USING (group_id)")
        );
    }

    [Fact]
    public async Task ReassemblyHandler_AfterDisableReassembly_SeesNoMoreOfTheStream()
    {
        using var workspace = new Workspace();
        string capture = Recording.Of(Http.Get("/"), Http.Ok(Page)).Save(workspace.PathOf("a.pcap"));
        Outcome run = (await Probe.Run(workspace, "-r", capture, "-s", Probe.Script("optout.lua"), "--json")).MustExit(0);

        Assert.Equal("seen 1 at 0", run.Prints[0]);
        Assert.DoesNotContain("seen 0 at 0", run.Prints);
    }

    [Fact]
    public async Task CopyBuffer_AtOffsetsAndAppended_BothMakeTheStream()
    {
        using var workspace = new Workspace();
        byte[] request = Http.Get("/"),
            response = Http.Ok(Http.Noise(100_000));
        string capture = Recording.Of(request, response).Save(workspace.PathOf("a.pcap"));
        (await Probe.Run(workspace, "-r", capture, "-s", Probe.Script("buffers.lua"), "--args", workspace.PathOf("kept"))).MustExit(0);

        const string Flow = "06A:0A.01.02.03:p-C000_C6.33.64.07:p-0050";
        SortedDictionary<string, byte[]> kept = workspace.FilesIn("kept");
        Assert.Equal([Flow + "_0.append", Flow + "_0.seek", Flow + "_1.append", Flow + "_1.seek"], kept.Keys);
        Assert.Equal(response, kept[Flow + "_0.append"]);
        Assert.Equal(response, kept[Flow + "_0.seek"]);
        Assert.Equal(request, kept[Flow + "_1.append"]);
        Assert.Equal(request, kept[Flow + "_1.seek"]);
    }

    // How a flow reads for people is its own test's business (FlowTextTests).
    private static string EndText(Outcome run)
    {
        string line = run.Prints[^1];
        return line["end ".Length..line.IndexOf(" in ", StringComparison.Ordinal)];
    }
}
