using System.Globalization;
using System.Text.Json.Nodes;
using Spillway.EndToEnd.Running;
using Spillway.EndToEnd.Traffic;

namespace Spillway.EndToEnd;

/// <summary>What the program counts by itself of names, DNS, alerts and its own work, asked for as a person does.</summary>
public sealed class BuiltInGroupTests : IDisposable
{
    private const uint Workstation = 0x0A010203; // 10.1.2.3, as TcpConversation has it
    private const uint Resolver = 0x0A010235; // 10.1.2.53
    private const string Client = "10.1.2.3",
        Server = "198.51.100.7";

    private readonly Workspace _workspace = new();

    public void Dispose() => _workspace.Dispose();

    [Fact]
    public async Task BaseDomains_AreThoseOfHttpHostsAndServerNames()
    {
        await Run();

        JsonNode[] rows = await Json("top", "Base Domains");
        Assert.Equal(["example.co.uk", "example.org"], rows.Select(row => (string)row["name"]!).Order());
        Assert.Equal(Store.Ask(_workspace, "SELECT bytes_az + bytes_za FROM flows WHERE port_z = '80'"), [Value(rows, "example.org")]);
        Assert.Equal(Store.Ask(_workspace, "SELECT bytes_az + bytes_za FROM flows WHERE port_z = '9443'"), [Value(rows, "example.co.uk")]);
    }

    [Fact]
    public async Task PublicSuffixes_OfTheUsersFile_DecideWhatADomainIs()
    {
        _workspace.Write("list.dat", "// of my own\ncom\norg\nexample.org\nuk\n");
        await Run("--public-suffixes", "list.dat");

        Assert.Equal(["co.uk", "www.example.org"], (await Json("top", "base-domains")).Select(row => (string)row["name"]!).Order());
    }

    [Fact]
    public async Task PublicSuffixes_ThatAreNone_AreUsage()
    {
        Capture().Save(_workspace.PathOf("a.pcap"));
        Outcome outcome = (
            await Probe.Run(_workspace, "-r", "a.pcap", "--public-suffixes", _workspace.Write("list.dat", "nothing\n"))
        ).MustExit(2);

        Assert.Contains("has no rule for com", Assert.Single(outcome.Told), StringComparison.Ordinal);
    }

    [Fact]
    public async Task WebHosts_AreServersOnlyAndOnAnyPort()
    {
        await Run();

        JsonNode host = Assert.Single(await Json("top", "web-hosts"));
        Assert.Equal(Server, (string?)host["name"]);
        Assert.Equal("www.example.org", (string?)host["label"]); // borrowed from Hosts
        Assert.Equal(
            Store.Ask(_workspace, "SELECT sum(bytes_az + bytes_za) FROM flows WHERE port_z IN ('80', '9443')"),
            [host["value"]!.ToString()]
        );
        Assert.Equal("2", Value(await Json("top", "web-hosts", "-m", "new-conns"), Server));
        Assert.DoesNotContain(await Json("top"), row => (string?)row["group"] == "Email Hosts");
    }

    [Fact]
    public async Task Dns_IsCountedByTypeCodeNameServerAndClient()
    {
        await Run();

        Assert.Equal("4", Value(await Json("top", "dns-query-types"), "A"));
        Assert.Equal(
            "NOERROR 1, NXDOMAIN 2",
            string.Join(", ", (await Json("top", "dns-response-codes")).Select(row => $"{row["name"]} {row["value"]}").Order())
        );
        JsonNode[] domains = await Json("top", "dns-domains");
        Assert.Equal("example.org 1, tunnel.example 3", string.Join(", ", domains.Select(row => $"{row["name"]} {row["value"]}").Order()));
        Assert.Equal("2", Value(await Json("top", "dns-domains", "-m", "no-such-name"), "tunnel.example"));
        Assert.Equal("64", Value(await Json("top", "dns-domains", "-m", "longest"), "tunnel.example"));
        Assert.Equal("4", Value(await Json("top", "dns-clients"), Client));
        Assert.Equal("1000", Value(await Json("top", "dns-servers", "-m", "average"), "10.1.2.53"));
    }

    [Fact]
    public async Task Alerts_OfScripts_AreCounted_AlsoThoseThatABackendScriptVetoes()
    {
        string script = _workspace.Write(
            "alerts.lua",
            """
            local USER = '{B5F1DECB-51D5-4395-B71B-6FA730B772D9}'
            TrisulPlugin = { id = { name = 'alerts' },
              onload = function() T.seen = {} end,
              simplecounter = {
                protocol_guid = '{77E462AB-2E42-42EC-9A58-C1A6821D6B31}',
                onpacket = function(engine, layer)
                  local flow = layer:packet():flowid()
                  if T.seen[flow:id()] then return end
                  T.seen[flow:id()] = true
                  engine:add_alert_full(USER, flow:id(), 'SID-7', 'class-a', 2, 'seen')
                end,
              },
              alert_monitor = { alert_guid = USER, flushfilter = function() return false end },
            }
            """
        );
        await Run("-s", script);

        Assert.Equal("0", Assert.Single(Store.Ask(_workspace, "SELECT count(*) FROM alerts")));
        Assert.Equal("2", Value(await Json("top", "alert-signatures"), "SID-7"));
        Assert.Equal("2", Value(await Json("top", "alert-classes"), "class-a"));
        JsonNode priority = Assert.Single(await Json("top", "alert-priorities"));
        Assert.Equal(("2", "medium", "2"), ((string?)priority["name"], (string?)priority["label"], priority["value"]!.ToString()));
        Assert.Equal("2", Value(await Json("top", "hosts", "-m", "attacker"), Client));
        Assert.Equal("2", Value(await Json("top", "hosts", "-m", "victim"), Server));
        Assert.Equal("1", Value(await Json("top", "apps", "-m", "security"), "80"));
    }

    [Fact]
    public async Task Engine_CountsItsOwnWork()
    {
        await Run();

        Assert.Equal(
            Assert.Single(Store.Ask(_workspace, "SELECT packets FROM runs")),
            Value(await Json("top", "system", "-m", "processed"), "engine-1")
        );
        Assert.Equal(
            Store.Ask(_workspace, "SELECT count(*) FROM flows"),
            [Value(await Json("top", "meta-session", "-m", "new"), "{99A78737-4B41-4387-8F31-8077DB917336}")]
        );
        JsonNode group = Assert.Single(
            await Json("top", "meta-counter", "-m", "flush-keys"),
            row => (string?)row["label"] == "Base Domains"
        );
        Assert.Equal("2", group["value"]!.ToString());
        // memory of the process
        Assert.True(double.Parse(Value(await Json("top", "system", "-m", "5"), "engine-1"), CultureInfo.InvariantCulture) > 1e6);
    }

    [Fact]
    public async Task Deterministic_CountsTheSameInEveryRun()
    {
        const string counters = """
            SELECT g.name, s.start, s.level, k.key, v.meter, v.value, v.samples FROM counter_values v JOIN counter_slices s USING (slice_id)
            JOIN groups g USING (group_id) JOIN keys k USING (key_id) ORDER BY 1, 2, 3, 4, 5
            """;
        using var second = new Workspace();
        await Run("--deterministic");
        Capture().Save(second.PathOf("a.pcap"));
        (await Probe.Run(second, "-r", "a.pcap", "-q", "--deterministic")).MustExit(0);

        IReadOnlyList<string> first = Store.Ask(_workspace, counters);
        Assert.Equal(first, Store.Ask(second, counters));
        Assert.Contains(first, row => row.StartsWith("Meta Counter Group|", StringComparison.Ordinal));
        Assert.DoesNotContain(first, row => row.StartsWith("System performance|", StringComparison.Ordinal) && row.Split('|')[4] != "10");
    }

    // Each frame is a millisecond after the one before.
    private static Recording Capture()
    {
        var recording = new Recording();
        Look(recording, 1, "www.example.org", 0xC6336407);
        Look(recording, 2, new string('a', 49) + ".tunnel.example", null);
        Look(recording, 3, "b.TUNNEL.Example", null);
        recording.Add(Datagram.OfUdp(Workstation, 5004, Resolver, 53, Datagram.Dns(4, "c.tunnel.example"))); // nobody answers
        TcpConversation web = recording.Connect();
        web.ClientSends(Http.Get("/"));
        web.ServerSends(Http.Ok(Http.Noise(3000)));
        web.Close();
        TcpConversation tls = recording.Connect(49_153, 9443);
        tls.ClientSends(Tls.ClientHello("Shop.Example.CO.UK", "h2"));
        tls.ServerSends(Http.Noise(500, 2));
        tls.Close();
        return recording;
    }

    private static void Look(Recording recording, ushort id, string name, uint? address)
    {
        recording.Add(Datagram.OfUdp(Workstation, (ushort)(5000 + id), Resolver, 53, Datagram.Dns(id, name)));
        byte[] answer = Datagram.Dns(id, name, address);
        if (address is null)
            (answer[2], answer[3]) = (0x81, 0x83);
        recording.Add(Datagram.OfUdp(Resolver, 53, Workstation, (ushort)(5000 + id), answer));
    }

    private async Task Run(params string[] more)
    {
        Capture().Save(_workspace.PathOf("a.pcap"));
        (await Probe.Run(_workspace, ["-r", "a.pcap", "-q", .. more])).MustExit(0);
    }

    private static string Value(JsonNode[] rows, string name) =>
        Assert.Single(rows, row => (string?)row["name"] == name)["value"]!.ToString();

    private async Task<JsonNode[]> Json(params string[] question) =>
        [
            .. (await Probe.Command(_workspace, [.. question, "-o", _workspace.Output, "--json"]))
                .MustExit(0)
                .Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Select(line => JsonNode.Parse(line)!),
        ];
}
