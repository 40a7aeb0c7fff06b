using System.Buffers.Binary;
using System.Text.Json;
using System.Text.Json.Nodes;
using Spillway.EndToEnd.Running;
using Spillway.EndToEnd.Traffic;

namespace Spillway.EndToEnd;

/// <summary>Events as EVE JSON: each line parsed, values compared with what was sent.</summary>
public sealed class EveTests : IDisposable
{
    private static readonly JsonSerializerOptions Relaxed = new()
    {
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private readonly Workspace _workspace = new();

    public void Dispose() => _workspace.Dispose();

    [Fact]
    public async Task HttpDownload_GivesHttpFileinfoFlowAndStats_OfOneFlow()
    {
        byte[] body = Http.Noise(5000);
        Recording
            .Of(Http.Get("/dir/a.bin?x=1", more: "Referer: http://r.example/\r\n"), Http.Ok(body, "application/x-test; v=1"))
            .Save(_workspace.PathOf("a.pcap"));
        IReadOnlyList<JsonNode> events = await Events("a.pcap", "--magic", "off");

        JsonNode http = Single(events, "http"),
            file = Single(events, "fileinfo"),
            flow = Single(events, "flow"),
            stats = Single(events, "stats");
        Assert.Equal("10.1.2.3 49152 198.51.100.7 80 TCP", Ends(http));
        Assert.Equal("198.51.100.7 80 10.1.2.3 49152 TCP", Ends(file));
        Assert.Equal("10.1.2.3 49152 198.51.100.7 80 TCP", Ends(flow));
        Assert.Equal((long)http["flow_id"]!, (long)file["flow_id"]!);
        Assert.Equal((long)http["flow_id"]!, (long)flow["flow_id"]!);
        Assert.InRange((long)flow["flow_id"]!, 1, 1L << 51);
        Assert.Equal("1:5mdNuxISXzAfiYm2PZn4+dk78fY=", (string?)flow["community_id"]);
        Assert.StartsWith("2023-11-14T22:13:20.", (string?)http["timestamp"], StringComparison.Ordinal);
        Assert.EndsWith("+0000", (string?)http["timestamp"], StringComparison.Ordinal);
        Assert.Equal(
            """{"hostname":"www.example.org","url":"/dir/a.bin?x=1","http_user_agent":"test/1.0","http_refer":"http://r.example/","http_method":"GET","protocol":"HTTP/1.1","http_content_type":"application/x-test","status":200,"length":5000}""",
            http["http"]!.ToJsonString()
        );
        Assert.Equal(http["http"]!.ToJsonString(), file["http"]!.ToJsonString());
        Assert.Equal(
            $$"""{"filename":"/dir/a.bin","gaps":false,"state":"CLOSED","sha1":"{{Http.Sha1(body)}}","stored":false,"size":5000,"tx_id":0}""",
            file["fileinfo"]!.ToJsonString()
        );
        Assert.Equal("closed http", $"{flow["flow"]!["state"]} {flow["app_proto"]}");
        Assert.True((long)flow["flow"]!["bytes_toclient"]! > 5000);
        Assert.Equal(1, (long)stats["stats"]!["app_layer"]!["tx"]!["http"]!);
    }

    [Fact]
    public async Task TlsHandshake_IsOneEventWithNamesAndFingerprints()
    {
        var recording = new Recording();
        TcpConversation connection = recording.Connect(serverPort: 4433);
        foreach (
            string line in File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Captured", "server-chain.txt"))
                .Where(line => !line.StartsWith('#'))
        )
        {
            byte[] data = Convert.FromBase64String(line[2..]);
            if (line[0] == 'C')
                connection.ClientSends(data);
            else
                connection.ServerSends(data);
        }

        connection.Close();
        recording.Save(_workspace.PathOf("tls.pcap"));
        JsonNode tls = Single(await Events("tls.pcap"), "tls")["tls"]!;

        Assert.Equal("certauth.idrix.fr", (string?)tls["sni"]);
        Assert.Equal("CN=certauth.idrix.fr", (string?)tls["subject"]);
        Assert.Equal("C=US, O=Let's Encrypt, CN=R3", (string?)tls["issuerdn"]);
        Assert.Equal("ae:ae:9d:28:72:4c:f5:2c:b8:12:1c:7a:ad:a7:ec:12:78:4a:2a:64", (string?)tls["fingerprint"]);
        Assert.Equal("TLS 1.2", (string?)tls["version"]);
        Assert.Matches("^([0-9A-F]{2}:){8,}[0-9A-F]{2}$", (string?)tls["serial"]);
        Assert.Matches("^20..-..-..T..:..:..$", (string?)tls["notbefore"]);
        Assert.Matches("^[0-9a-f]{32}$", (string?)tls["ja3"]!["hash"]);
        Assert.Matches(@"^771,[\d-]+,[\d-]*,[\d-]*,[\d-]*$", (string?)tls["ja3"]!["string"]);
        Assert.Matches(@"^771,49200,[\d-]+$", (string?)tls["ja3s"]!["string"]);
    }

    [Fact]
    public async Task DnsOverTcp_GivesQueryAndAnswer()
    {
        var recording = new Recording();
        TcpConversation connection = recording.Connect(serverPort: 53);
        byte[] question = [.. "\u0003www\u0007example\u0003org\0"u8, 0, 1, 0, 1];
        connection.ClientSends(OverTcp([0x12, 0x34, 0x01, 0x00, 0, 1, 0, 0, 0, 0, 0, 0, .. question]));
        connection.ServerSends(
            OverTcp([0x12, 0x34, 0x81, 0x80, 0, 1, 0, 1, 0, 0, 0, 0, .. question, 0xC0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 192, 0, 2, 1])
        );
        connection.Close();
        recording.Save(_workspace.PathOf("dns.pcap"));
        IReadOnlyList<JsonNode> events = await Events("dns.pcap", "--eve-types", "dns");

        Assert.Equal(
            [
                """{"type":"query","id":4660,"rrname":"www.example.org","rrtype":"A","tx_id":0,"opcode":0}""",
                """{"version":2,"type":"answer","id":4660,"flags":"8180","qr":true,"rd":true,"ra":true,"opcode":0,"rrname":"www.example.org","rrtype":"A","rcode":"NOERROR","answers":[{"rrname":"www.example.org","rrtype":"A","ttl":60,"rdata":"192.0.2.1"}],"grouped":{"A":["192.0.2.1"]}}""",
            ],
            events.Select(e => e["dns"]!.ToJsonString())
        );
        Assert.All(events, e => Assert.Equal("10.1.2.3 49152 198.51.100.7 53 TCP", Ends(e)));

        File.Delete(_workspace.PathOf("eve.json"));
        Assert.Equal(
            [
                """{"version":3,"type":"request","tx_id":0,"id":4660,"flags":"100","rd":true,"opcode":0,"rcode":"NOERROR","queries":[{"rrname":"www.example.org","rrtype":"A"}]}""",
                """{"version":3,"type":"response","tx_id":1,"id":4660,"flags":"8180","qr":true,"rd":true,"ra":true,"opcode":0,"rcode":"NOERROR","queries":[{"rrname":"www.example.org","rrtype":"A"}],"answers":[{"rrname":"www.example.org","rrtype":"A","ttl":60,"rdata":"192.0.2.1"}],"grouped":{"A":["192.0.2.1"]}}""",
            ],
            (await Events("dns.pcap", "--eve-types", "dns", "--eve-dns", "3")).Select(e => e["dns"]!.ToJsonString())
        );
    }

    [Fact]
    public async Task DnsAnswers_AreGroupedByType_AndTextsAreStrings()
    {
        byte[] question = [.. "\u0001q\u0007example\0"u8, 0, 16, 0, 1];
        byte[] Record(byte type, params byte[] data) => [0xC0, 12, 0, type, 0, 1, 0, 0, 0, 9, 0, (byte)data.Length, .. data];
        byte[] response =
        [
            0,
            7,
            0x81,
            0x80,
            0,
            1,
            0,
            5,
            0,
            0,
            0,
            1,
            .. question,
            .. Record(16, [2, .. "a\""u8, 0, 1, 0xFF]),
            .. Record(1, 192, 0, 2, 1),
            .. Record(15, 0, 10, 0xC0, 12),
            .. Record(44, 1, 2, 0xAB, 0xCD),
            .. Record(16, 1, (byte)'z'),
            0,
            0,
            41,
            4,
            0xD0,
            0,
            0,
            0,
            0,
            0,
            6,
            0,
            10,
            0,
            2,
            0xBE,
            0xEF,
        ];
        var recording = new Recording();
        recording.Add(Datagram.OfUdp(0x0A010203, 5000, 0xC6336435, 53, [0, 7, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, .. question]));
        recording.Add(Datagram.OfUdp(0xC6336435, 53, 0x0A010203, 5000, response));
        recording.Save(_workspace.PathOf("dns.pcap"));
        IReadOnlyList<JsonNode> events = await Events("dns.pcap", "--eve-types", "dns", "--eve-dns", "3", "--eve-ethernet");

        Assert.Equal("10.1.2.3 5000 198.51.100.53 53 UDP", Ends(events[0]));
        Assert.Equal("198.51.100.53 53 10.1.2.3 5000 UDP", Ends(events[1]));
        Assert.Equal(events[0]["ether"]!["src_mac"]!.ToString(), events[1]["ether"]!["dest_mac"]!.ToString());
        JsonNode dns = events[1]["dns"]!;
        Assert.Equal(
            ["a\"", "", @"\xFF", "192.0.2.1", "q.example", "", "z"],
            dns["answers"]!.AsArray().Select(answer => (string?)answer!["rdata"] ?? "")
        );
        Assert.Equal(
            """{"A":["192.0.2.1"],"MX":["q.example"],"SSHFP":[{"fingerprint":"ab:cd","algo":1,"type":2}],"TXT":["a\"","","\\xFF","z"]}""",
            dns["grouped"]!.ToJsonString(Relaxed)
        );
        Assert.Equal("""[{"rrname":"","rrtype":"OPT","opt":[{"code":10,"data":"beef"}]}]""", dns["additionals"]!.ToJsonString());
    }

    [Theory]
    [InlineData(
        5353,
        "mdns",
        """{"type":"response","id":7,"flags":["aa"],"opcode":0,"rcode":0,"answers":[{"rrname":"_ipp._tcp.local","ptr":"p._ipp._tcp.local"}]}"""
    )]
    [InlineData(
        5355,
        "llmnr",
        """{"type":"response","tx_id":0,"id":7,"flags":["aa"],"opcode":0,"answers":[{"rrname":"_ipp._tcp.local","rrtype":"PTR","ttl":9,"ptr":"p._ipp._tcp.local"}]}"""
    )]
    public async Task RelativesOfDns_HaveEventsOfTheirOwn(ushort port, string type, string expected)
    {
        byte[] response =
        [
            0,
            7,
            0x84,
            0,
            0,
            0,
            0,
            1,
            0,
            0,
            0,
            0,
            .. "\u0004_ipp\u0004_tcp\u0005local\0"u8,
            0,
            12,
            0x80,
            1,
            0,
            0,
            0,
            9,
            0,
            4,
            1,
            (byte)'p',
            0xC0,
            12,
        ];
        var recording = new Recording();
        recording.Add(Datagram.OfUdp(0x0A010203, port, 0xE00000FB, port, response));
        recording.Save(_workspace.PathOf("dns.pcap"));
        IReadOnlyList<JsonNode> events = await Events("dns.pcap", "--eve-types", "dns,flow");

        JsonNode one = Single(events, type);
        Assert.Equal(expected, one[type]!.ToJsonString());
        Assert.Equal($"10.1.2.3 {port} 224.0.0.251 {port} UDP", Ends(one));
        Assert.Equal(type, (string?)Single(events, "flow")["app_proto"]);
    }

    [Fact]
    public async Task Flow_HasTheFlagsOfBothEnds()
    {
        Recording.Of(Http.Get("/"), Http.Ok([])).Save(_workspace.PathOf("a.pcap"));
        JsonNode flow = Single(await Events("a.pcap", "--eve-types", "flow", "--eve-ethernet"), "flow");

        Assert.Equal(
            """{"tcp_flags":"1b","tcp_flags_ts":"1b","tcp_flags_tc":"1b","syn":true,"fin":true,"psh":true,"ack":true}""",
            flow["tcp"]!.ToJsonString()
        );
        Assert.Matches("^([0-9a-f]{2}:){5}[0-9a-f]{2}$", (string?)flow["ether"]!["src_macs"]![0]);
        Assert.NotEqual((string?)flow["ether"]!["src_macs"]![0], (string?)flow["ether"]!["dest_macs"]![0]);
    }

    [Fact]
    public async Task Alert_OfAScript_HasSignatureAndFlow()
    {
        Recording.Of(Http.Get("/"), Http.Ok([])).Save(_workspace.PathOf("a.pcap"));
        _workspace.Write(
            "alert.lua",
            """
            TrisulPlugin = { id = { name = "alerts", description = "" },
              reassembly_handler = {
                onnewflow = function(engine, timestamp, flow)
                  engine:add_alert("{B5F1DECB-51D5-4395-B71B-6FA730B772D9}", flow:id(), "1:2019401:3", 2, "beacon\1 seen")
                end } }
            """
        );
        IReadOnlyList<JsonNode> events = await Events("a.pcap", "-s", "alert.lua", "--eve-types", "alert,flow");

        JsonNode alert = Single(events, "alert"),
            flow = Single(events, "flow");
        Assert.Equal((long)flow["flow_id"]!, (long)alert["flow_id"]!);
        Assert.Equal(
            (1, 2019401, 3, 2),
            (
                (int)alert["alert"]!["gid"]!,
                (int)alert["alert"]!["signature_id"]!,
                (int)alert["alert"]!["rev"]!,
                (int)alert["alert"]!["severity"]!
            )
        );
        Assert.Equal("beacon\u0001 seen", (string?)alert["alert"]!["signature"]);
        Assert.Equal("allowed", (string?)alert["alert"]!["action"]);
        Assert.Equal("User Alerts", (string?)alert["alert"]!["metadata"]!["alert_group"]![0]);
    }

    [Fact]
    public async Task Types_ThatAreNotNamed_AreNotWritten_AndRunsAppend()
    {
        Recording.Of(Http.Get("/"), Http.Ok([])).Save(_workspace.PathOf("a.pcap"));
        await Events("a.pcap", "--eve-types", "flow");
        IReadOnlyList<JsonNode> events = await Events("a.pcap", "--eve-types", "flow");

        Assert.Equal(["flow", "flow"], events.Select(e => (string?)e["event_type"]));
    }

    [Fact]
    public async Task StandardOutput_HasNothingButEvents()
    {
        Recording.Of(Http.Get("/"), Http.Ok([])).Save(_workspace.PathOf("a.pcap"));
        Outcome run = (await Probe.Run(_workspace, "-r", "a.pcap", "--eve", "-")).MustExit(0);

        Assert.All(
            run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries),
            line => Assert.NotNull(JsonNode.Parse(line)!["event_type"])
        );
    }

    [Fact]
    public async Task FullDisk_IsToldAndCounted_AndTheRunGoesOn()
    {
        Recording.Of(Http.Get("/"), Http.Ok([])).Save(_workspace.PathOf("a.pcap"));
        Outcome run = (await Probe.Run(_workspace, "-r", "a.pcap", "--eve", "/dev/full", "--json")).MustExit(1);

        Assert.Contains("EVE events cannot be written to '/dev/full'", run.Error, StringComparison.Ordinal);
        Assert.True((long)run.Json["details"]!["eve.events_lost"]! > 0);
        Assert.Equal(0, (long)run.Json["details"]!["eve.events"]!);
        Assert.Equal(["1"], Store.Ask(_workspace, "SELECT count(*) FROM flows"));
    }

    [Fact]
    public async Task FileSystemThatFillsUp_KeepsWholeLinesOnly()
    {
        Recording
            .Of(
                [.. Enumerable.Range(0, 400).SelectMany(i => Http.Get($"/{i}"))],
                [.. Enumerable.Range(0, 400).SelectMany(_ => Http.Ok([1]))]
            )
            .Save(_workspace.PathOf("a.pcap"));
        Outcome run = await Probe.Shell(
            _workspace,
            """
            mkdir small && mount -t tmpfs -o size=100k tmpfs small 2>/dev/null || exit 77
            trap 'umount small' EXIT
            $spillway run -r a.pcap -q -o out --eve small/eve.json --eve-types http,fileinfo
            code=$?
            cp small/eve.json eve.json
            exit $code
            """
        );
        Assert.SkipWhen(run.ExitCode == 77, "mounting a small file system needs root");

        run.MustExit(1);
        string[] lines = File.ReadAllLines(_workspace.PathOf("eve.json"));
        Assert.InRange(lines.Length, 1, 799);
        Assert.All(lines, line => Assert.NotNull(JsonNode.Parse(line)));
        Assert.Contains("lost", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task PipeWhoseReaderGoes_IsTold_AndTheRunGoesOn()
    {
        Recording
            .Of(
                [.. Enumerable.Range(0, 400).SelectMany(i => Http.Get($"/{i}"))],
                [.. Enumerable.Range(0, 400).SelectMany(_ => Http.Ok([1]))]
            )
            .Save(_workspace.PathOf("a.pcap"));
        Outcome run = await Probe.Shell(
            _workspace,
            """
            mkfifo pipe
            head -n 1 pipe > first &
            $spillway run -r a.pcap -q -o out --eve pipe
            """
        );

        run.MustExit(1);
        Assert.Contains("EVE events cannot be written to 'pipe'", run.Error, StringComparison.Ordinal);
        Assert.Equal(["1"], Store.Ask(_workspace, "SELECT count(*) FROM flows"));
    }

    private async Task<IReadOnlyList<JsonNode>> Events(string capture, params string[] more)
    {
        (await Probe.Run(_workspace, ["-r", capture, "-q", "--eve", "eve.json", .. more])).MustExit(0);
        return [.. File.ReadLines(_workspace.PathOf("eve.json")).Select(line => JsonNode.Parse(line)!)];
    }

    private static JsonNode Single(IEnumerable<JsonNode> events, string type) =>
        Assert.Single(events, e => (string?)e["event_type"] == type);

    private static string Ends(JsonNode e) => $"{e["src_ip"]} {e["src_port"]} {e["dest_ip"]} {e["dest_port"]} {e["proto"]}";

    private static byte[] OverTcp(byte[] message)
    {
        byte[] framed = new byte[message.Length + 2];
        BinaryPrimitives.WriteUInt16BigEndian(framed, (ushort)message.Length);
        message.CopyTo(framed, 2);
        return framed;
    }
}
