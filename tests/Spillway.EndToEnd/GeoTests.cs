using System.Text.Json.Nodes;
using Spillway.EndToEnd.Running;
using Spillway.EndToEnd.Traffic;
using Spillway.Tests.Shared;
using static Spillway.Tests.Shared.MmdbFile;

namespace Spillway.EndToEnd;

/// <summary>Countries, cities, AS numbers and networks of a run with databases (10.1.2.3 is home, 198.51.100.7 is in Paris).</summary>
public sealed class GeoTests : IDisposable
{
    private readonly Workspace _workspace = new();

    public GeoTests()
    {
        Recording.Of(Http.Get("/some/file"), Http.Ok(Http.Noise(3000))).Save(_workspace.PathOf("a.pcap"));
        new MmdbFile()
            .Add(
                "198.51.100.0/24",
                Of(
                    ("country", Named("France", "FR")),
                    ("city", Named("Paris")),
                    ("subdivisions", new List<object> { Named("Île-de-France", "IDF") })
                )
            )
            .Save(_workspace.PathOf("city.mmdb"));
        new MmdbFile(recordSize: 28)
            .Add("198.51.0.0/16", Of(("asn", "AS64500"), ("as_name", "Example Net")))
            .Save(_workspace.PathOf("as.mmdb"));
    }

    public void Dispose() => _workspace.Dispose();

    [Theory]
    [InlineData("--geoip", "city.mmdb,as.mmdb")]
    [InlineData("--geoip", "city.mmdb", "--geoip", "as.mmdb")]
    public async Task Run_WithDatabases_AnswersByCountryCityAsNumberAndNetwork(params string[] databases)
    {
        Outcome run = await Run([.. databases, "--json"]);
        string up = Flow("bytes_az"),
            down = Flow("bytes_za");

        await Holds("country", "FR", "FR", "France");
        await Holds("city", "Paris, Île-de-France, FR", "Paris, Île-de-France, FR", "");
        await Holds("asnumber", "64500", "AS64500", "Example Net");
        await Holds("prefix", "C6.33.00.00/16", "198.51.0.0/16", "AS64500 Example Net");
        Assert.Equal(
            (1, 1),
            (
                (int)JsonNode.Parse(run.Output)!["details"]!["geo.lookups"]!,
                (int)JsonNode.Parse(run.Output)!["details"]!["geo.hosts_described"]!
            )
        );
        foreach (string key in (string[])["AS64500", "as64500", "64500", "Example Net"])
            Assert.Single(await Json("series", "asn", key, "--meter", "download"));

        async Task Holds(string group, string key, string name, string label)
        {
            JsonNode sent = Assert.Single(await Json("top", group)),
                received = Assert.Single(await Json("top", group, "--meter", "download"));
            Assert.Equal(
                (key, name, label, up),
                ((string?)sent["key"], (string?)sent["name"], (string?)sent["label"], sent["value"]!.ToString())
            );
            Assert.Equal((key, down), ((string?)received["key"], received["value"]!.ToString()));
        }
    }

    [Fact]
    public async Task Hosts_AndFlows_SayWhereTheyBelong()
    {
        await Run("--geoip", "city.mmdb,as.mmdb");
        JsonNode host = Assert.Single(await Json("top", "external hosts"));
        JsonNode home = (await Json("top", "hosts")).Single(row => (string?)row["name"] == "10.1.2.3");
        JsonNode flow = Assert.Single(await Json("flows", "--country", "fr", "--as", "AS64500"));

        Assert.Equal("FR|Paris, Île-de-France, FR|64500|Example Net", $"{host["country"]}|{host["city"]}|{host["as"]}|{host["as_name"]}");
        Assert.Null(home["country"]);
        Assert.Equal(
            "FR|64500|Example Net|",
            $"{flow["server_country"]}|{flow["server_as"]}|{flow["server_as_name"]}|{flow["client_country"]}"
        );
        Assert.Empty(await Json("flows", "--country", "DE"));
        Assert.Empty(await Json("flows", "--as", "1"));
        Assert.Contains("FR AS64500 Example Net", (await Ask("top", "external")).MustExit(0).Output, StringComparison.Ordinal);
        Assert.Contains("FR AS64500", (await Ask("flows")).MustExit(0).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_WithoutDatabases_LeavesNoTrace()
    {
        await Run();

        Assert.Equal(
            ["0|0"],
            Store.Ask(
                _workspace,
                "SELECT (SELECT count(*) FROM key_attributes), (SELECT count(*) FROM top_counters WHERE group_name IN "
                    + "('Country', 'City', 'ASNumber', 'Prefix'))"
            )
        );
        Assert.Contains(
            "give databases to the run, 'spillway run --geoip FILE'",
            (await Ask("flows", "--country", "FR")).MustExit(1).Error,
            StringComparison.Ordinal
        );
        Assert.DoesNotContain("country", (await Ask("top", "hosts", "--csv")).MustExit(0).Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--geoip missing.mmdb", "error: --geoip: 'missing.mmdb': no such file")]
    [InlineData("--geoip city.mmdb,a.pcap", "error: --geoip: 'a.pcap' is no MaxMind DB file (.mmdb), or is damaged")]
    [InlineData("--geoip ,", "error: --geoip names no file")]
    [InlineData("--geoip city.mmdb --no-metrics", "error: --geoip has no meaning with --no-metrics")]
    public async Task Database_ThatCannotBeUsed_StopsTheProgramBeforeAnything(string arguments, string expected)
    {
        Outcome run = (await Probe.Command(_workspace, ["run", "-r", "a.pcap", .. arguments.Split(' ')])).MustExit(2);

        Assert.StartsWith(expected, Assert.Single(run.Told), StringComparison.Ordinal);
        Assert.False(Directory.Exists(_workspace.PathOf("spillway-out")));
    }

    [Fact]
    public async Task Database_WithADamagedRecord_IsToldAndTheRunIsWhole()
    {
        // Beside its damaged record it has a good one, or it would not be opened.
        byte[] two = new MmdbFile()
            .Add("198.51.100.0/24", Of(("country", Named("France", "FR"))))
            .Add("203.0.113.0/24", Of(("country", Named("Germany", "DE"))))
            .ToArray();
        two[two.AsSpan().IndexOf("France"u8) - 1] = 0xFF;
        _workspace.Write("damaged.mmdb", two);
        Outcome run = await Run("--geoip", "damaged.mmdb", "--json");

        Assert.StartsWith(
            "warning: --geoip: 'damaged.mmdb' is damaged: the record of 198.51.100.7 cannot be read",
            Assert.Single(run.Told),
            StringComparison.Ordinal
        );
        JsonNode summary = JsonNode.Parse(run.Output)!;
        Assert.Equal((1, 1), ((int)summary["details"]!["geo.faults"]!, (int)summary["details"]!["geo.unknown"]!));
        Assert.Contains(
            summary["warnings"]!.AsArray(),
            warning => ((string?)warning)!.StartsWith("--geoip: 'damaged.mmdb' is damaged", StringComparison.Ordinal)
        );
        Assert.Equal(2, (await Json("top", "hosts")).Length);
    }

    private string Flow(string column) => Store.Ask(_workspace, $"SELECT sum({column}) FROM flows")[0];

    private async Task<Outcome> Run(params string[] more) =>
        (await Probe.Run(_workspace, ["-r", "a.pcap", .. more.Contains("--json") ? [] : (string[])["-q"], .. more])).MustExit(0);

    private Task<Outcome> Ask(params string[] question) => Probe.Command(_workspace, [.. question, "-o", _workspace.Output]);

    private async Task<JsonNode[]> Json(params string[] question) =>
        [
            .. (await Ask([.. question, "--json"]))
                .MustExit(0)
                .Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Select(line => JsonNode.Parse(line)!),
        ];
}
