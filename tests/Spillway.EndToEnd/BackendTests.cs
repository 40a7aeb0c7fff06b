using System.Text.Json.Nodes;
using Spillway.EndToEnd.Running;
using Spillway.EndToEnd.Traffic;

namespace Spillway.EndToEnd;

/// <summary>Scripts behind the lane, in the real program.</summary>
public sealed class BackendTests
{
    private const string UserAlerts = "{B5F1DECB-51D5-4395-B71B-6FA730B772D9}";

    [Fact]
    public async Task Documents_AreMade_WhenAScriptWatchesThem_AndItsAsyncResultsAreStored()
    {
        using var workspace = new Workspace();
        string script = Script(
            workspace,
            $$"""
            fts_monitor = {
              fts_guid = function() return T.ftsgroups['HTTP Headers'] end,
              onnewfts = function(engine, d)
                local path = d:text():match('^GET (%S+)')
                if not path then return end
                T.async:schedule {
                  data = path, onexecute = function(p) return p:upper() end,
                  onresult = function(engine, p, r) engine:add_alert('{{UserAlerts}}', nil, 'PATH', 2, r) end,
                }
              end,
              flushfilter = function(engine, d) return d:text():sub(1, 3) == 'GET' end,
            }
            """
        );
        Outcome run = (await Probe.Run(workspace, "-r", Capture(workspace), "-s", script, "--json")).MustExit(0);

        Assert.Equal("/A?B=1", Assert.Single(Store.Ask(workspace, "SELECT message FROM alerts")));
        Assert.StartsWith(
            "GET /a?b=1 HTTP/1.1\r\n",
            Assert.Single(Store.Ask(workspace, "SELECT text FROM documents")),
            StringComparison.Ordinal
        );
        Assert.Equal("script.lua", (string?)run.Json["scripts"]![0]!["name"]);
        Assert.Equal(1, (int)run.Json["details"]!["backend.dropped_records"]!);
    }

    [Fact]
    public async Task Flows_AreTaggedAndFiltered_CountersChanged_AndTrackersListed()
    {
        using var workspace = new Workspace();
        string flows = Script(
            workspace,
            """
            sg_monitor = { flushfilter = function(engine, s) return s:az_bytes() > 0 end, onflush = function(engine, s) s:add_tag('[t]seen') end },
            flowtracker = { control = { name = 'BYTES' }, getmetric = function(engine, s) return s:az_bytes() + s:za_bytes() end },
            cg_monitor = {
              counter_guid = '{C51B48D4-7876-479E-B0D9-BD9EFF03CE2E}',
              onflushfilter = function(engine, ts, key, m) return true, { 1 } end,
            },
            """
        );
        (await Probe.Run(workspace, "-r", Capture(workspace), "-s", flows, "--json")).MustExit(0);

        Assert.Equal("[t]seen", Assert.Single(Store.Ask(workspace, "SELECT tags FROM flows")));
        Assert.Equal(
            "BYTES|1",
            Assert.Single(
                Store.Ask(
                    workspace,
                    "SELECT t.tracker, t.rank FROM tracked_flows t JOIN flows f ON f.flow_id = t.flow_id AND t.value = "
                        + "f.bytes_az + f.bytes_za"
                )
            )
        );
        JsonNode tracked = JsonNode.Parse(
            (await Probe.Command(workspace, "tracked", "byt", "--json", "-o", workspace.Output)).MustExit(0).Output
        )!;
        Assert.Equal("1 TCP 10.1.2.3:49152 - 198.51.100.7:80", $"{tracked["rank"]} {tracked["flow"]}");
        Assert.Contains(
            "\"list\":\"BYTES\",\"buckets\":1,\"flows\":1",
            (await Probe.Command(workspace, "tracked", "--json", "-o", workspace.Output)).MustExit(0).Output,
            StringComparison.Ordinal
        );
        Assert.Equal(
            "60",
            Assert.Single(
                Store.Ask(
                    workspace,
                    "SELECT v.value FROM counter_values v JOIN keys k USING (key_id) JOIN counter_slices s USING "
                        + "(slice_id) WHERE k.key = 'p-0050' AND v.meter = 0 AND s.level = 0 AND s.group_id = k.group_id"
                )
            )
        );
    }

    [Fact]
    public async Task Label_OfAScript_ReplacesTheBuiltInOne()
    {
        using var workspace = new Workspace();
        string script = Script(
            workspace,
            """
            onload = function() T.host:createkey('{C51B48D4-7876-479E-B0D9-BD9EFF03CE2E}', 'p-0050', 'intranet') end,
            engine_monitor = { onendflush = function(engine, ts) end }
            """
        );
        (await Probe.Run(workspace, "-r", Capture(workspace), "-s", script, "--json")).MustExit(0);

        Assert.Equal(
            "intranet",
            Assert.Single(
                Store.Ask(workspace, "SELECT label FROM keys JOIN groups USING (group_id) WHERE key = 'p-0050' AND name = 'Apps'")
            )
        );
    }

    [Fact]
    public async Task Messages_OfBackendScripts_ReachTheLane_BeforeItsScriptsAreUnloaded()
    {
        using var workspace = new Workspace();
        string script = Script(
            workspace,
            """
            onmessage = function(id, text) print(T.enginetype .. ' got ' .. text) end,
            simplecounter = {
              protocol_guid = '{77E462AB-2E42-42EC-9A58-C1A6821D6B31}',
              onpacket = function(engine) if not T.sent then T.sent = true engine:post_message_backend('id', 'question') end end,
            },
            engine_monitor = { onendflush = function(engine) engine:post_message_frontend('answer') end },
            """
        );
        Outcome run = (await Probe.Run(workspace, "-r", Capture(workspace), "-s", script, "--json")).MustExit(0);

        Assert.Equal(["backend got question", "frontend got answer"], run.Prints);
    }

    [Fact]
    public async Task EndlessCallback_IsStopped_AndTheRestIsStored()
    {
        using var workspace = new Workspace();
        string script = Script(workspace, "sg_monitor = { onflush = function() while true do end end }");
        Outcome run = (await Probe.Run(workspace, "-r", Capture(workspace), "-s", script, "--callback-timeout", "0.2", "--json")).MustExit(
            3
        );

        Assert.Contains(run.Told, line => line.Contains("--callback-timeout", StringComparison.Ordinal));
        Assert.Single(Store.Ask(workspace, "SELECT flow_id FROM flows"));
    }

    [Fact]
    public async Task Documents_AreWritten_WhenAskedFor()
    {
        using var workspace = new Workspace();
        (await Probe.Run(workspace, "-r", Capture(workspace), "--documents", "http", "--json")).MustExit(0);

        Assert.Equal(2, Store.Ask(workspace, "SELECT key FROM documents").Count);
    }

    private static string Script(Workspace workspace, string body)
    {
        string path = workspace.PathOf("script.lua");
        File.WriteAllText(path, $"TrisulPlugin = {{ id = {{ name = 'test' }},\n{body} }}");
        return path;
    }

    private static string Capture(Workspace workspace) =>
        Recording.Of(Http.Get("/a?b=1"), Http.Ok(Http.Noise(100), "text/plain")).Save(workspace.PathOf("a.pcap"));
}
