using System.Text.Json.Nodes;
using Spillway.EndToEnd.Running;
using Spillway.EndToEnd.Traffic;

namespace Spillway.EndToEnd;

/// <summary>Questions to the store of a run, as a person asks them.</summary>
public sealed class QuestionTests : IDisposable
{
    private readonly Workspace _workspace = new();

    public void Dispose() => _workspace.Dispose();

    [Fact]
    public async Task Top_OfHosts_HasReadableKeysAndTheStoresValues()
    {
        await Run();
        JsonNode[] rows = await Json("top", "hosts");

        Assert.Equal(["10.1.2.3", "198.51.100.7"], rows.Select(row => (string)row["name"]!).Order());
        Assert.Equal(["0A.01.02.03", "C6.33.64.07"], rows.Select(row => (string)row["key"]!).Order());
        Assert.Equal(Store.Ask(_workspace, "SELECT sum(bytes_az + bytes_za) FROM flows"), [rows[0]["value"]!.ToString()]);
        Assert.All(rows, row => Assert.Equal(0.5, (double)row["share"]!));
    }

    [Fact]
    public async Task Top_WithARange_TakesTheWindowsThatTouchIt()
    {
        await Run();

        Assert.Equal(2, (await Json("top", "Hosts", "--from", "-1s", "--to", "2030-01-01")).Length);
        Outcome outside = (await Ask("top", "Hosts", "--from", "2030-01-01", "--utc")).MustExit(0);
        Assert.Equal("", outside.Output);
        Assert.Contains(
            "the run's packets are from 2023-11-14 22:13:20.000 UTC to 2023-11-14 22:13:20.0",
            outside.Error,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task Top_FromTheBottom_HasTheSmallestFirst()
    {
        await Run();

        Assert.Equal(["10.1.2.3", "198.51.100.7"], (await Json("top", "hosts", "-m", "received")).Select(row => (string)row["name"]!));
        Assert.Equal(
            ["198.51.100.7", "10.1.2.3"],
            (await Json("top", "hosts", "-m", "received", "--bottom")).Select(row => (string)row["name"]!)
        );
        Assert.Equal("198.51.100.7", (string?)Assert.Single(await Json("top", "hosts", "-m", "received", "-b", "-n", "1"))["name"]);
        Assert.Contains(
            "Hosts by Received, the smallest first",
            (await Ask("top", "hosts", "-m", "received", "-b")).MustExit(0).Output,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task Top_WithoutAGroup_ListsGroups()
    {
        await Run();
        JsonNode hosts = Assert.Single(await Json("top"), row => (string?)row["group"] == "Hosts");

        Assert.Equal(2, (long)hosts["keys"]!);
        Assert.Equal("{4CD742B1-C1CA-4708-BE78-0FCA2EB01A86}", (string?)hosts["guid"]);
    }

    [Fact]
    public async Task Top_WithoutAGroup_CountsTheKeysOfItsRun()
    {
        await Run();
        var other = new Recording();
        for (uint i = 1; i <= 3; i++)
            other.Add(Datagram.OfUdp(0x0A000000 + i, 1000, 0x0A0000FE, 2000, "x"u8));
        (await Probe.Run(_workspace, "-r", other.Save(_workspace.PathOf("other.pcap")), "-q")).MustExit(0);

        Assert.Equal(4, await KeysOfHosts());
        Assert.Equal(2, await KeysOfHosts("--run", "1"));
        Assert.Equal(6, await KeysOfHosts("--run", "all"));

        async Task<long> KeysOfHosts(params string[] more) =>
            (long)Assert.Single(await Json(["top", .. more]), row => (string?)row["group"] == "Hosts")["keys"]!;
    }

    [Theory]
    [InlineData("10.1.2.3")]
    [InlineData("0A.01.02.03")]
    public async Task Series_OfAKeyInAnyForm_IsThatKeys(string key)
    {
        await Run();
        JsonNode row = Assert.Single(await Json("series", "{4CD742B1-C1CA-4708-BE78-0FCA2EB01A86}", key, "--meter", "total", "--utc"));

        Assert.Equal("2023-11-14T22:13:00.000000Z", (string?)row["time"]);
        Assert.Equal(
            double.Parse(
                Store.Ask(_workspace, "SELECT sum(bytes_az + bytes_za) / 60.0 FROM flows")[0],
                System.Globalization.CultureInfo.InvariantCulture
            ),
            (double)row["value"]!,
            6
        );
    }

    [Fact]
    public async Task Keys_ByLabel_AreFound()
    {
        await Run();

        Assert.Equal("p-0050", (string?)Assert.Single(await Json("keys", "apps", "http"))["key"]);
        Assert.Equal("p-0050", (string?)Assert.Single(await Json("keys", "apps", "8?"))["key"]);
        Assert.Empty(await Json("keys", "apps", "81"));
        Assert.Empty(await Json("keys", "apps", "0050")); // p-0050 is how scripts write it, not people
        Assert.Single(await Json("keys", "apps", "p-00"));
    }

    [Fact]
    public async Task Flows_HaveClientAndServer_AndFiltersHold()
    {
        await Run();
        JsonNode flow = Assert.Single(
            await Json("flows", "--host", "198.51.100.7", "--port", "80", "--protocol", "tcp", "--sort", "bytes")
        );

        Assert.Equal(
            "10.1.2.3 49152 198.51.100.7 80 TCP closed",
            $"{flow["client"]} {flow["client_port"]} {flow["server"]} {flow["server_port"]} {flow["protocol"]} {flow["state"]}"
        );
        Assert.True((long)flow["bytes_to_client"]! > (long)flow["bytes_to_server"]!);
        Assert.Equal("www.example.org", (string?)Assert.Single(await Json("flows", "--host", "WWW.example.org"))["name"]);
        Assert.Equal(
            "http 0 0 {\"Host\":\"www.example.org\"}",
            $"{flow["service"]} {flow["retransmissions_to_server"]} {flow["retransmissions_to_client"]} "
                + $"{flow["attributes"]!.ToJsonString()}"
        );
        foreach (
            string[] filter in (string[][])
                [
                    ["--host", "10.0.0.0/8"],
                    ["--host", "198.51.100.7/32"],
                    ["--service", "http"],
                    ["--attribute", "host"],
                    ["--attribute", "Host=example"],
                ]
        )
            Assert.Single(await Json(["flows", .. filter]));
        foreach (
            string[] filter in (string[][])
                [
                    ["--host", "10.1.3.0/24"],
                    ["--host", "::/0"],
                    ["--service", "tls"],
                    ["--attribute", "SNI"],
                    ["--attribute", "Host=other"],
                ]
        )
            Assert.Empty(await Json(["flows", .. filter]));
        Assert.Empty(await Json("flows", "--host", "other.example"));
        Assert.Empty(await Json("flows", "--port", "81"));
        Assert.Empty(await Json("flows", "--protocol", "udp"));
        Assert.Empty(await Json("flows", "--to", "2000-01-01"));
        Assert.Empty(await Json("flows", "--tag", "none"));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task Flows_OfSeveralCaptures_NameTheirs_AndWhatTheyLookedLikeOnTheWire(int lanes)
    {
        var tagged = new Recording();
        foreach (byte[] frame in Recording.Of(Http.Get("/"), Http.Ok("x"u8.ToArray())).Frames)
            tagged.Add([.. frame.AsSpan(0, 12), 0x81, 0, 0x20, 100, 0x81, 0, 0, 7, .. frame.AsSpan(12)]);
        tagged.Save(_workspace.PathOf("tagged.pcap"));
        var plain = new Recording();
        plain.Pause(60);
        plain.Add(Datagram.OfUdp(0x0A000001, 2000, 0x0A0000FE, 1000, "x"u8));
        plain.Save(_workspace.PathOf("plain.pcap"));
        (
            await Probe.Run(
                _workspace,
                "-r",
                "tagged.pcap",
                "-r",
                "plain.pcap",
                "-q",
                "--lanes",
                $"{lanes}",
                "--eve",
                _workspace.PathOf("eve.json")
            )
        ).MustExit(0);
        JsonNode[] flows = await Json("flows");

        Assert.Equal(
            ["100,7 02:00:00:00:00:01 02:00:00:00:00:02 FSPA FSPA ShADadFf tagged.pcap", $" {MacsOf(plain)}   D plain.pcap"],
            flows.Select(flow =>
                string.Join(
                    ' ',
                    new[]
                    {
                        "vlan",
                        "client_mac",
                        "server_mac",
                        "tcp_flags_to_server",
                        "tcp_flags_to_client",
                        "history",
                        "pcap_filename",
                    }.Select(name => (string?)flow[name])
                )
            )
        );
        Assert.Equal(
            ["plain.pcap", "tagged.pcap"],
            (await File.ReadAllLinesAsync(_workspace.PathOf("eve.json"), TestContext.Current.CancellationToken))
                .Select(line => JsonNode.Parse(line)!)
                .Where(line => (string?)line["event_type"] == "flow")
                .Select(line => (string?)line["pcap_filename"])
                .Order()
        );

        static string MacsOf(Recording recording)
        {
            string hex = Convert.ToHexStringLower(recording.Frames[0].AsSpan(0, 12));
            string[] bytes = [.. Enumerable.Range(0, 12).Select(i => hex.Substring(2 * i, 2))];
            return $"{string.Join(':', bytes[6..])} {string.Join(':', bytes[..6])}";
        }
    }

    [Fact]
    public async Task FilesResourcesAndSearch_FindWhatWasCarried()
    {
        await Run("--resources", "url", "--documents", "http");

        Assert.Equal(
            Http.Sha1(Http.Noise(3000)),
            (string?)
                Assert.Single(await Json("files", "--type", "x-test", "--hash", Http.Sha1(Http.Noise(3000))[..6].ToUpperInvariant()))[
                    "sha1"
                ]
        );
        Assert.Empty(await Json("files", "--host", "other.example"));
        Assert.Equal(
            "GET www.example.org /some/file HTTP/1.1",
            (string?)Assert.Single(await Json("resources", "url", "--match", "some/file", "--host", "10.1.2.3"))["uri"]
        );
        JsonNode[] found = await Json("search", "user-agent: test");
        Assert.Equal("HTTP Headers", (string?)Assert.Single(found)["group"]);
        Assert.Equal(2, (await Json("search", "www.example.org")).Length); // the header and the resource
        Assert.Empty(await Json("search", "nothing\" OR \"www"));
    }

    [Fact]
    public async Task Flow_ThatMightBeHttpAndIsNot_HasNoService()
    {
        var recording = new Recording();
        TcpConversation connection = recording.Connect();
        connection.ClientSends("POSTPONE all\r\nGET\r\n"u8.ToArray());
        connection.ServerSends("as you wish\r\n"u8.ToArray());
        connection.Close();
        recording.Save(_workspace.PathOf("other.pcap"));
        (await Probe.Run(_workspace, "-r", "other.pcap", "-q")).MustExit(0);

        Assert.Null(Assert.Single(await Json("flows"))["service"]);
    }

    [Fact]
    public async Task Top_ByAPartOfAMetersName_IsByThatMeter()
    {
        await Run();

        Assert.Equal(["1"], (await Json("top", "apps", "--meter", "connections")).Select(row => row["value"]!.ToString()));
        Assert.Equal(2, (await Json("top", "hosts", "--meter", "new-conns")).Length);
        Assert.Contains(
            "'interface' may be 14 Into Interface, 15 Outof Interface",
            (await Ask("top", "hosts", "--meter", "interface")).MustExit(1).Error,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task Answer_WithoutATerminal_IsNotCutUnlessColumnsSaysSo()
    {
        await Run();
        string flow = (await Ask("flows", "--utc")).MustExit(0).Output;

        Assert.StartsWith("Flows (run 1, 2023-11-14 22:13:20 to 2023-11-14 22:13:20 UTC)\n", flow, StringComparison.Ordinal);
        Assert.Contains("10.1.2.3:49152", flow, StringComparison.Ordinal);
        Assert.Contains("198.51.100.7:80", flow, StringComparison.Ordinal);
        Assert.Contains("www.example.org", flow, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Files_GivenInAnyOrder_AreAskedFromTheEarliestToTheLatestPacket()
    {
        Recording.Of(Http.Get("/late"), Http.Ok(Http.Noise(100))).Save(_workspace.PathOf("late.pcap"), stepNs: 4_000_000_000);
        Recording.Of(Http.Get("/early"), Http.Ok(Http.Noise(100))).Save(_workspace.PathOf("early.pcap"));
        (await Probe.Run(_workspace, "-r", "late.pcap", "early.pcap", "-q")).MustExit(0);

        string[] range = Store
            .Ask(
                _workspace,
                "SELECT first_packet_ns = (SELECT min(first_ns) FROM flows), last_packet_ns = (SELECT max(last_ns) FROM flows) FROM runs"
            )[0]
            .Split('|');
        Assert.Equal(["1", "1"], range);
    }

    [Fact]
    public async Task Alerts_OfScripts_AreTold()
    {
        await Run("-s", Probe.Script("findings.lua"));
        JsonNode[] alerts = await Json("alerts", "user");

        Assert.Equal(["FILE-SEEN", "NO-FLOW"], alerts.Select(alert => (string)alert["key"]!).Order());
        Assert.Equal("NO-FLOW", (string?)Assert.Single(await Json("alerts", "--priority", "1"))["key"]);
        Assert.Equal("FILE-SEEN", (string?)Assert.Single(await Json("alerts", "--host", "10.1.2.3"))["key"]);
        Assert.Equal("NO-FLOW", (string?)Assert.Single(await Json("alerts", "--match", "without a flow"))["key"]);
    }

    [Fact]
    public async Task Store_ThatIsTheNewestHere_IsAskedWithoutBeingNamed()
    {
        await Run();
        Outcome answer = (await Probe.Command(_workspace, "top", "hosts", "--csv")).MustExit(0);

        Assert.StartsWith("key,name,label,value,share\r\n", answer.Output, StringComparison.Ordinal);
        Assert.Equal(4, answer.Output.Split("\r\n").Length);
    }

    [Fact]
    public async Task Store_InADirectoryThatCannotBeWritten_IsRead()
    {
        await Run();
        Outcome answer = await Probe.Shell(_workspace, "chmod a-w out && $spillway flows -o out --csv | wc -l; chmod u+w out");

        Assert.Equal("2", answer.MustExit(0).Output.Trim());
    }

    [Theory]
    [InlineData("")]
    [InlineData("--json")]
    [InlineData("--csv")]
    public async Task Answer_ThatCannotBeWritten_IsToldAndFails(string format)
    {
        await Run();
        Outcome answer = (await Probe.Shell(_workspace, $"$spillway flows -o out {format} > /dev/full")).MustExit(1);

        Assert.StartsWith("error: the answer cannot be written", Assert.Single(answer.Told), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("no counter group 'hots'; near it: Hosts", "top", "hots")]
    [InlineData("Hosts has no meter 'bogus'; it has 0 Total", "top", "hosts", "--meter", "bogus")]
    [InlineData("Hosts has no key '203.0.113.9'", "series", "hosts", "203.0.113.9")]
    [InlineData("near it: 10.1.2.3", "series", "hosts", "0a.01")]
    [InlineData("has no run 7: it has 1", "flows", "--run", "7")]
    [InlineData("--from is later than --to", "flows", "--from", "23:00", "--to", "22:00")]
    [InlineData("is no IP protocol", "flows", "--protocol", "tpc")]
    [InlineData("is no network", "alerts", "--host", "10.0.0.0/33")]
    [InlineData("no script has tracked flows", "tracked", "uploads")]
    [InlineData("--by 1s is shorter than the windows of this run, which are 60 s", "top", "hosts", "--by", "1s")]
    [InlineData("there is no field 'servr', did you mean server", "flows", "--fields", "start,servr")]
    [InlineData("--server '10.0.0.0/99' is no network", "flows", "--server", "10.0.0.0/99")]
    [InlineData("'http' may be HTTP Content Types, HTTP Hosts, HTTP Methods, HTTP Status Codes", "top", "http")]
    public async Task Question_ThatCannotBeAnswered_NamesTheRemedy(string told, params string[] question)
    {
        await Run();
        Outcome answer = (await Ask(question)).MustExit(1);

        Assert.StartsWith("error: ", Assert.Single(answer.Told), StringComparison.Ordinal);
        Assert.Contains(told, answer.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Question_WithoutAStore_SaysHowToMakeOne()
    {
        Outcome answer = (await Probe.Command(_workspace, "top")).MustExit(1);

        Assert.Equal(
            "error: no store here: run 'spillway run -r FILE' first, or name its output directory with -o DIR",
            Assert.Single(answer.Told)
        );
    }

    [Theory]
    [InlineData("'soon' is no time", "flows", "--from", "soon")]
    [InlineData("--json and --csv", "flows", "--json", "--csv")]
    [InlineData("--port '70000' is no port", "flows", "--port", "70000")]
    [InlineData("--port 'https' is no port: give one from 0 to 65535, a range such as 1-1023", "flows", "--port", "https")]
    [InlineData("--port '90-80' is no port", "flows", "--not", "--port", "90-80")]
    [InlineData("--state 'gone' is no state: give one of closed, half-closed, reset, timed-out", "flows", "--state", "gone")]
    [InlineData("--min-bytes 'many' is no size", "flows", "--min-bytes", "many")]
    [InlineData("--vlan takes an id from 0 to 4095, not '5000'", "flows", "--vlan", "5000")]
    [InlineData("--not stands before a filter, and -o is none: it negates --host", "flows", "--port", "80", "--not")]
    [InlineData("--not stands before a filter, and --sort is none", "flows", "--not", "--sort", "bytes")]
    [InlineData("--not is given twice in a row", "dns", "--not", "--not", "--rcode", "none")]
    [InlineData("--by '5' is no step of time: give one such as 1h", "top", "hosts", "--by", "5")]
    [InlineData("--by needs a group", "top", "--by", "1h")]
    [InlineData("--step '0h' is no step of time", "series", "hosts", "total", "--step", "0h")]
    [InlineData("--limit must be 0 (all rows) or more, not 'x'", "top", "hosts", "-n", "x")]
    [InlineData("--priority must be", "alerts", "--priority", "high")]
    [InlineData("--run '-1' is no run", "flows", "--run=-1")]
    public async Task CommandLine_ThatIsWrong_IsUsage(string told, params string[] question) =>
        Assert.Contains(told, (await Ask(question)).MustExit(2).Error, StringComparison.Ordinal);

    private async Task Run(params string[] more)
    {
        Recording.Of(Http.Get("/some/file"), Http.Ok(Http.Noise(3000), "application/x-test")).Save(_workspace.PathOf("a.pcap"));
        (await Probe.Run(_workspace, ["-r", "a.pcap", "-q", .. more])).MustExit(0);
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
