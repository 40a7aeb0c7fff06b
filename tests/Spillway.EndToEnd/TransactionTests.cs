using System.Text.Json.Nodes;
using Spillway.EndToEnd.Running;
using Spillway.EndToEnd.Traffic;

namespace Spillway.EndToEnd;

/// <summary>What clients asked servers for: the tables of the store, the questions to them, and the story of a host.</summary>
public sealed class TransactionTests : IDisposable
{
    private const uint Client = 0x0A010203; // 10.1.2.3
    private const uint Resolver = 0x0A0000FE; // 10.0.0.254
    private const uint Server = 0xC6336407; // 198.51.100.7

    private readonly Workspace _workspace = new();

    public void Dispose() => _workspace.Dispose();

    [Fact]
    public async Task Dns_EachQuestionIsARow_WithItsAnswerAndTime()
    {
        await Run();

        Assert.Equal(
            ["www.example.org|A|NOERROR|[\"198.51.100.7\"]|1000000", "gone.example.org|A|NXDOMAIN|[]|1000000", "silent.example.org|A|||"],
            Store.Ask(_workspace, "SELECT query, type, rcode, answers, took_ns FROM dns ORDER BY dns_id")
        );
        Assert.Equal(["10.1.2.3|10.0.0.254|53"], Store.Ask(_workspace, "SELECT DISTINCT client, server, server_port FROM dns"));
    }

    [Fact]
    public async Task Dns_QuestionThatIsRepeated_IsOneRowFromTheFirst()
    {
        var recording = new Recording();
        byte[] question = Datagram.OfUdp(Client, 5001, Resolver, 53, Datagram.Dns(7, "www.example.org"));
        recording.Add(question);
        recording.Add(question);
        recording.Add(Datagram.OfUdp(Resolver, 53, Client, 5001, Datagram.Dns(7, "www.example.org", Server)));
        await Run(recording);

        Assert.Equal(["NOERROR|2000000"], Store.Ask(_workspace, "SELECT rcode, took_ns FROM dns"));
    }

    [Fact]
    public async Task Dns_AnswerOfAnotherName_IsNotTakenForThisOne()
    {
        var recording = new Recording();
        recording.Add(Datagram.OfUdp(Client, 5001, Resolver, 53, Datagram.Dns(7, "a.example.org")));
        recording.Add(Datagram.OfUdp(Resolver, 53, Client, 5001, Datagram.Dns(7, "b.example.org", Server)));
        await Run(recording);

        Assert.Equal(
            ["a.example.org||", "b.example.org|NOERROR|"],
            Store.Ask(_workspace, "SELECT query, rcode, took_ns FROM dns ORDER BY query")
        );
    }

    [Fact]
    public async Task Http_EachRequestIsARow_BoundToItsFile()
    {
        await Run();

        Assert.Equal(
            [
                "10.1.2.3|198.51.100.7|80|GET|www.example.org|/page?x=1|200|text/html|40||test/1.0",
                "10.1.2.3|198.51.100.7|80|POST|www.example.org|/form|404|text/plain|9|5|",
                "10.1.2.3|198.51.100.7|80|GET|www.example.org|/never|||0||test/1.0",
            ],
            Store.Ask(
                _workspace,
                """
                SELECT client, server, server_port, method, host, uri, status, response_type, response_bytes, nullif(request_bytes, 0), user_agent
                FROM http ORDER BY http_id
                """
            )
        );
        Assert.Equal(
            ["/page?x=1|1", "/form|1"],
            Store.Ask(_workspace, "SELECT h.uri, count(f.name) FROM http h JOIN files f ON f.name = h.file_name GROUP BY h.http_id")
        );
    }

    [Fact]
    public async Task Tls_HandshakeIsARow_WithTheServersCertificate()
    {
        await Run();

        string row = Assert.Single(
            Store.Ask(
                _workspace,
                "SELECT client, server, server_port, sni, version, cipher, sha1, not_before < not_after, length(ja3), "
                    + "length(ja4), length(ja3s) FROM tls"
            )
        );
        Assert.Equal("10.1.2.3|198.51.100.7|443|certauth.idrix.fr|TLS 1.2|49200|aeae9d28724cf52cb8121c7aada7ec12784a2a64|1|32|36|32", row);
    }

    [Fact]
    public async Task Questions_FilterByWhatOneLooksFor()
    {
        await Run();

        Assert.Equal(["gone.example.org"], await Values("query", "dns", "--rcode", "nxdomain"));
        Assert.Equal(["silent.example.org"], await Values("query", "dns", "--rcode", "none"));
        Assert.Equal(["www.example.org"], await Values("query", "dns", "--answer", "198.51.100.7"));
        Assert.Equal(["/form"], await Values("uri", "http", "--status", "4xx"));
        Assert.Equal(["/never"], await Values("uri", "http", "--status", "none"));
        Assert.Equal(["/page?x=1"], await Values("uri", "http", "--agent", "TEST/1", "--status", "200"));
        Assert.Equal(["/form"], await Values("uri", "http", "--method", "post"));
        Assert.Equal(["certauth.idrix.fr"], await Values("sni", "tls", "--name", "idrix"));
        Assert.Empty(await Values("sni", "tls", "--host", "10.99.0.0/16"));
        Assert.Equal(3, (await Values("uri", "http", "--host", "10.0.0.0/8")).Length);
    }

    [Fact]
    public async Task Certs_AreJudgedByTheTimeTheyWereSeen()
    {
        await Run();

        JsonNode certificate = Assert.Single(await Json("certs"));
        Assert.Equal("expired", (string?)certificate["state"]); // of 2021, seen in 2023
        Assert.Single(await Json("certs", "--expired"));
        Assert.Empty(await Json("certs", "--self-signed"));
    }

    [Theory]
    [InlineData("10.1.2.3")]
    [InlineData("198.51.100.7")]
    [InlineData("www.example.org")]
    public async Task Host_TellsAllThatWasSeenOfIt(string host)
    {
        await Run();
        JsonNode story = Assert.Single(await Json("host", host));
        bool isClient = host == "10.1.2.3";

        Assert.Equal(isClient ? "10.1.2.3" : "198.51.100.7", (string?)Assert.Single(story["addresses"]!.AsArray()));
        Assert.Equal(isClient ? 3 : 0, story["names_asked"]!.AsArray().Count);
        Assert.Equal(isClient ? [] : ["www.example.org"], story["names_of_it"]!.AsArray().Select(name => (string)name!["query"]!));
        Assert.Equal([isClient ? "asked" : "served"], story["urls"]!.AsArray().Select(url => (string)url!["role"]!).Distinct());
        Assert.Equal(isClient ? 0 : 1, story["certificates"]!.AsArray().Count);
        Assert.Equal(isClient ? 1 : 0, story["server_names"]!.AsArray().Count);
        Assert.Equal(2, story["files"]!.AsArray().Count(file => (string)file!["direction"]! == "down"));
        Assert.Contains(isClient ? "198.51.100.7" : "10.1.2.3", story["peers"]!.AsArray().Select(peer => (string)peer!["peer"]!));
        Assert.Equal(
            Store.Ask(
                _workspace,
                $"SELECT sum(bytes_az + bytes_za) FROM flows WHERE '{(isClient ? "10.1.2.3" : "198.51.100.7")}' IN (address_a, address_z)"
            ),
            [$"{(long)story["bytes_sent"]! + (long)story["bytes_received"]!}"]
        );
    }

    [Fact]
    public async Task Host_AsText_HasChaptersThatAreNotEmpty()
    {
        await Run();
        string text = (await Ask("host", "10.1.2.3", "-n", "2")).MustExit(0).Output;

        Assert.Contains("Names it asked for (the first 2, all with -n 0)", text, StringComparison.Ordinal);
        Assert.Contains("Peers, by bytes", text, StringComparison.Ordinal);
        Assert.DoesNotContain("Certificates it showed", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("is a network", "host", "10.0.0.0/8")]
    [InlineData("no address of 'nobody.example' is known", "host", "nobody.example")]
    [InlineData("--status 'bad' is no status", "http", "--status", "bad")]
    public async Task Question_ThatCannotBeAnswered_NamesTheRemedy(string told, params string[] question)
    {
        await Run();

        Assert.Contains(told, Assert.Single((await Ask(question)).MustExit(1).Told), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Transactions_ThatAreNotWanted_AreNotRecorded()
    {
        await Run(null, "--transactions", "dns,tls", "--max-transactions", "2");

        Assert.Equal(
            ["0|2|1"],
            Store.Ask(_workspace, "SELECT (SELECT count(*) FROM http), (SELECT count(*) FROM dns), (SELECT count(*) FROM tls)")
        );
    }

    private async Task Run(Recording? recording = null, params string[] more)
    {
        string capture = (recording ?? Usual()).Save(_workspace.PathOf("a.pcap"));
        (await Probe.Run(_workspace, ["-r", capture, "-q", .. more])).MustExit(0);
    }

    private static Recording Usual()
    {
        var recording = new Recording();
        LookUp(recording, 1, "www.example.org", Datagram.Dns(1, "www.example.org", Server));
        byte[] gone = Datagram.Dns(2, "gone.example.org");
        (gone[2], gone[3]) = (0x81, 0x83);
        LookUp(recording, 2, "gone.example.org", gone);
        LookUp(recording, 3, "silent.example.org", null);
        TcpConversation connection = recording.Connect();
        connection.ClientSends(Http.Get("/page?x=1"));
        connection.ServerSends(Http.Ok(Http.Noise(40), "text/html; charset=utf-8"));
        connection.ClientSends(Http.Post("/form", "a=b&c"u8.ToArray()));
        connection.ServerSends(Http.Ok("not there"u8.ToArray(), "text/plain", "404 Not Found"));
        connection.ClientSends(Http.Get("/never"));
        connection.Close();
        TcpConversation secret = recording.Connect(49_200, 443);
        foreach (string line in File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Captured", "server-chain.txt")))
        {
            if (line.StartsWith('#'))
                continue;
            if (line[0] == 'C')
                secret.ClientSends(Convert.FromBase64String(line[2..]));
            else
                secret.ServerSends(Convert.FromBase64String(line[2..]));
        }

        secret.Close();
        return recording;
    }

    private static void LookUp(Recording recording, ushort id, string name, byte[]? answer)
    {
        recording.Add(Datagram.OfUdp(Client, (ushort)(5000 + id), Resolver, 53, Datagram.Dns(id, name)));
        if (answer is not null)
            recording.Add(Datagram.OfUdp(Resolver, 53, Client, (ushort)(5000 + id), answer));
    }

    private Task<Outcome> Ask(params string[] question) => Probe.Command(_workspace, [.. question, "-o", _workspace.Output]);

    private async Task<string[]> Values(string column, params string[] question) =>
        [.. (await Json(question)).Select(row => (string)row[column]!)];

    private async Task<JsonNode[]> Json(params string[] question) =>
        [
            .. (await Ask([.. question, "--json"]))
                .MustExit(0)
                .Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Select(line => JsonNode.Parse(line)!),
        ];
}
