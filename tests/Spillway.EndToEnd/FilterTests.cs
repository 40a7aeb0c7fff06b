using System.Text.Json.Nodes;
using Spillway.EndToEnd.Running;
using Spillway.EndToEnd.Traffic;

namespace Spillway.EndToEnd;

/// <summary>Filters of questions: given again, negated, and in several questions the same; fields, orders and steps of answers.</summary>
public sealed class FilterTests : IDisposable
{
    private const uint Client = 0x0A010203, // 10.1.2.3
        Other = 0x0A010204,
        Resolver = 0x0A0000FE,
        Server = 0xC6336407; // 198.51.100.7

    private readonly Workspace _workspace = new();

    public void Dispose() => _workspace.Dispose();

    [Theory]
    [InlineData("80 22 443 53 8", "")]
    [InlineData("80 22 53 8", "--client 10.1.2.3")]
    [InlineData("443", "--client 10.1.2.4/32")]
    [InlineData("80 22 443 8", "--server 198.51.100.0/24")]
    [InlineData("80 53", "--server www.example.org --server 10.0.0.254")] // one of them, and a name that was asked for
    [InlineData("", "--client 198.51.100.7")]
    [InlineData("80 22 443 53", "--port 1-1023")]
    [InlineData("80 22", "--port 80,22")]
    [InlineData("22 443 53", "--port 1-1023 --not --port 80")]
    [InlineData("8", "--not --port 1-1023")]
    [InlineData("80", "--state closed")]
    [InlineData("22 443", "--state reset --state syn")]
    [InlineData("80 53 8", "--not --state reset --not --state syn")]
    [InlineData("80", "--service http")]
    [InlineData("22 443 53 8", "--not --service http")] // those of which nothing is known, too
    [InlineData("80", "--min-bytes 10K")]
    [InlineData("22 443 53 8", "--not --min-bytes 10K")]
    [InlineData("53", "--not --protocol tcp --not --protocol icmp")]
    [InlineData("22", "--host 10.1.2.3 --not --host www.example.org --protocol tcp")]
    [InlineData("443", "--vlan 7")]
    [InlineData("80 22 53 8", "--not --vlan 7")]
    public async Task Flows_WithFilters_AreThoseThatMatch(string ports, string filters)
    {
        await Run();

        JsonNode[] flows = await Json(["flows", .. Words(filters)]);

        Assert.Equal(
            ports,
            string.Join(' ', flows.Select(flow => ((string)flow["server_port"]!).Replace("icmp0", "", StringComparison.Ordinal)))
        );
    }

    [Fact]
    public async Task Flows_TheOtherWayRound_HaveTheLastFirst()
    {
        await Run();

        Assert.Equal(["8", "53"], (await Ports("--reverse", "-n", "2")));
        Assert.Equal("80", (await Ports("--sort", "bytes"))[0]);
        Assert.Equal("80", (await Ports("--sort", "bytes", "--reverse"))[^1]);

        async Task<string[]> Ports(params string[] more) =>
            [
                .. (await Json(["flows", .. more])).Select(flow =>
                    ((string)flow["server_port"]!).Replace("icmp0", "", StringComparison.Ordinal)
                ),
            ];
    }

    [Fact]
    public async Task Fields_AreTheOnlyOnes_InTheirOrder_InEveryForm()
    {
        await Run();
        string[] question = ["flows", "--port", "80", "--fields", "server_port,client,history"];

        Assert.Equal(
            """{"server_port":"80","client":"10.1.2.3","history":"ShADadFf"}""",
            (await Ask([.. question, "--json"])).Output.Trim()
        );
        Assert.Equal("server_port,client,history\r\n80,10.1.2.3,ShADadFf\r\n", (await Ask([.. question, "--csv"])).Output);
        string[] table = (await Ask(question)).MustExit(0).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(["Port", "Client", "History"], table[1].Split(' ', StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal(["80", "10.1.2.3", "ShADadFf"], table[^1].Split(' ', StringSplitOptions.RemoveEmptyEntries));
    }

    [Theory]
    [InlineData("dns", "query", "www.example.org", "--not --rcode NXDOMAIN")]
    [InlineData("dns", "query", "gone.example.org", "--not --name www --client 10.1.2.0/24")]
    [InlineData("dns", "query", "", "--server 10.1.2.3")]
    [InlineData("dns", "query", "gone.example.org www.example.org", "--reverse --port 53")]
    [InlineData("http", "uri", "/a", "--not --status 404 --server www.example.org")]
    [InlineData("http", "uri", "/b /a", "--reverse --status 4xx --status 200")]
    [InlineData("http", "uri", "", "--not --client 10.1.2.3")]
    [InlineData("files", "uri", "/a", "--not --type html")]
    [InlineData("files", "uri", "/b", "--type html --not --host 10.9.9.9")]
    public async Task OtherQuestions_TakeTheSameGrammar(string question, string field, string expected, string filters)
    {
        await Run();

        JsonNode[] rows = await Json([question, .. Words(filters)]);

        Assert.Equal(expected, string.Join(' ', rows.Select(row => (string?)row[field])));
    }

    [Fact]
    public async Task TopByAStep_HasTheLargestOfEach_WhichAddUp()
    {
        await Hours();

        JsonNode[] rows = await Json("top", "hosts", "--by", "1h", "--utc");
        JsonNode[] largest = await Json("top", "hosts", "--by", "1h", "-n", "1", "--utc");
        JsonNode[] all = await Json("top", "hosts");

        string[] hours = [.. rows.Select(row => (string)row["time"]!).Distinct()];
        Assert.Equal(["2023-11-14T22:00:00.000000Z", "2023-11-14T23:00:00.000000Z", "2023-11-15T00:00:00.000000Z"], hours);
        Assert.Equal(hours, largest.Select(row => (string)row["time"]!));
        foreach (JsonNode host in all)
        {
            double parts = rows.Where(row => (string)row["name"]! == (string)host["name"]!).Sum(row => (double)row["value"]!);
            Assert.Equal((double)host["value"]!, parts);
        }

        Assert.All(rows, row => Assert.InRange((double)row["share"]!, 0.01, 0.5));
        Assert.Equal(
            rows.GroupBy(row => (string)row["time"]!).Select(hour => hour.MaxBy(row => (double)row["value"]!)!["value"]!.ToString()),
            largest.Select(row => row["value"]!.ToString())
        );
    }

    [Theory]
    [InlineData("1h", 3)]
    [InlineData("30m", 5)]
    [InlineData("90s", 180)] // windows that reach into two steps belong to the one in which they begin
    [InlineData("1d", 2)]
    public async Task SeriesBySteps_HasTheSameSumAsTheWindows(string step, int most)
    {
        await Hours();

        JsonNode[] windows = await Json("series", "hosts", "total"),
            steps = await Json("series", "hosts", "total", "--step", step, "--utc");

        double seconds = step switch
        {
            "1h" => 3600,
            "30m" => 1800,
            "90s" => 90,
            _ => 86_400,
        };
        Assert.InRange(steps.Length, 1, most);
        Assert.Equal(windows.Sum(row => (double)row["value"]!) * 60, steps.Sum(row => (double)row["value"]!) * seconds, 3);
        Assert.All(steps, row => Assert.Equal(0, Seconds(row) % (long)seconds));

        static long Seconds(JsonNode row) =>
            DateTimeOffset.Parse((string)row["time"]!, System.Globalization.CultureInfo.InvariantCulture).ToUnixTimeSeconds();
    }

    [Theory]
    [InlineData("1 2 3", "--from", "2023-11-14T22:13:21Z", "--to", "2023-11-14T22:13:23Z")]
    [InlineData("8 9", "--from", "-1s")]
    [InlineData("0 1", "--to", "1700000001")]
    [InlineData("5", "--from", "22:13:25", "--to", "22:13:25.5", "--utc")]
    [InlineData("7", "--from", "-2s", "-c", "1")]
    public async Task Run_WithARange_TakesItsPackets(string expected, params string[] range)
    {
        Ticks();
        Outcome run = (await Probe.Run(_workspace, ["-r", "ticks.pcap", "--json", .. range])).MustExit(0);

        Assert.Equal(
            expected,
            string.Join(' ', Store.Ask(_workspace, "SELECT (first_ns / 1000000000) - 1700000000 FROM flows ORDER BY 1"))
        );
        if (range.Contains("-c"))
            return;
        int taken = expected.Split(' ').Length;
        Assert.Equal(10 - taken, (long)JsonNode.Parse(run.Output)!["details"]!["input.outside_range"]!);
    }

    [Fact]
    public async Task Run_WithARangeThatHoldsNothing_SaysWhatThereIs()
    {
        Ticks();
        Outcome run = await Probe.Run(_workspace, "-r", "ticks.pcap", "-q", "--to", "2020-01-01", "--utc");

        Assert.Contains(
            "no packet is in the range of --from and --to: they are from 2023-11-14 22:13:20.000 UTC to 2023-11-14 22:13:29.000 UTC",
            run.Error,
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData("--from 'soon' is no time", "--from", "soon")]
    [InlineData("--from is later than --to", "--from", "2024-01-01", "--to", "2023-01-01")]
    public async Task Run_WithARangeThatIsWrong_IsUsage(string told, params string[] range)
    {
        Ticks();

        Assert.Contains(told, (await Probe.Run(_workspace, ["-r", "ticks.pcap", .. range])).MustExit(2).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_WithARangeFromTheEndOfAPipe_NamesTheRemedy() =>
        Assert.Contains(
            "the end of '-' is not known before it is read: give a date with the time",
            (await Probe.Run(_workspace, "-r", "-", "--from", "-5m")).MustExit(2).Error,
            StringComparison.Ordinal
        );

    private static string[] Words(string text) => text.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    // One datagram a second, each a flow of its own.
    private void Ticks()
    {
        var recording = new Recording();
        for (ushort i = 0; i < 10; i++)
            recording.Add(Datagram.OfUdp(Client, (ushort)(1000 + i), Resolver, 2000, "x"u8));
        recording.Save(_workspace.PathOf("ticks.pcap"), stepNs: 1_000_000_000);
    }

    // Every five minutes for two hours, one host more than the other.
    private async Task Hours()
    {
        var recording = new Recording();
        for (int i = 0; i < 25; i++)
        {
            recording.Add(Datagram.OfUdp(Client, 1000, Resolver, 2000, new byte[100 + i]));
            recording.Add(Datagram.OfUdp(Other, 1000, Resolver, 2000, "x"u8));
            recording.Pause(300);
        }

        (await Probe.Run(_workspace, "-r", recording.Save(_workspace.PathOf("hours.pcap")), "-q")).MustExit(0);
    }

    private async Task Run()
    {
        var recording = new Recording();
        TcpConversation web = recording.Connect(Client, 50_000, Server, 80);
        web.ClientSends(Http.Get("/a"));
        web.ServerSends(Http.Ok(Http.Noise(20_000)));
        web.ClientSends(Http.Get("/b"));
        web.ServerSends(Http.Ok("<p>"u8.ToArray(), "text/html", "404 Not Found"));
        web.Close();
        recording.Connect(Client, 50_001, Server, 22);
        byte[] reset = [.. recording.Frames[^1]];
        reset[14 + 20 + 13] = 0x14;
        recording.Add(reset);
        var tagged = new Recording();
        tagged.Connect(Other, 50_002, Server, 443);
        byte[] syn = tagged.Frames[0];
        recording.Add([.. syn.AsSpan(0, 12), 0x81, 0, 0, 7, .. syn.AsSpan(12)]);
        recording.Add(Datagram.OfUdp(Client, 5000, Resolver, 53, Datagram.Dns(1, "www.example.org")));
        recording.Add(Datagram.OfUdp(Resolver, 53, Client, 5000, Datagram.Dns(1, "www.example.org", 0xCB007109)));
        recording.Add(Datagram.OfUdp(Client, 5000, Resolver, 53, Datagram.Dns(2, "gone.example.org")));
        byte[] gone = Datagram.Dns(2, "gone.example.org");
        (gone[2], gone[3]) = (0x81, 0x83);
        recording.Add(Datagram.OfUdp(Resolver, 53, Client, 5000, gone));
        recording.Add(Datagram.OfEcho(Client, Server, isReply: false, 1, "x"u8));
        (
            await Probe.Run(_workspace, "-r", recording.Save(_workspace.PathOf("a.pcap")), "-q", "--extract", _workspace.PathOf("f"))
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
