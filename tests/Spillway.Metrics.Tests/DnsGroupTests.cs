using System.Text;
using Spillway.Net.Flows;
using Spillway.Net.Protocols.Dns;
using Spillway.Tests.Shared;
using static Spillway.Metrics.Tests.Helpers;

namespace Spillway.Metrics.Tests;

public class DnsGroupTests
{
    private const uint Client = 0x0A000001; // 10.0.0.1
    private const uint Resolver = 0x0A000035; // 10.0.0.53
    private const ushort A = 1,
        Txt = 16,
        Https = 65,
        Opt = 41;
    private const long Millisecond = 1_000_000;

    private readonly MeteredLane _lane = new();

    [Fact]
    public void QueryAndResponse_AreInEveryGroup()
    {
        byte[] query = Message(7, 0x0100, "WwW.Example.Co.Uk", A);
        byte[] response = Message(7, 0x8180, "www.example.co.uk", A);
        Say(query, Noon);
        Say(response, Noon + (20 * Millisecond));
        _lane.Complete();

        double bytes = query.Length + response.Length;
        foreach (
            (string group, string key) in ((string, string)[])
                [("DNS Query Types", "A"), ("DNS Domains", "example.co.uk"), ("DNS Servers", "0A.00.00.35"), ("DNS Clients", "0A.00.00.01")]
        )
        {
            Assert.Equal([key], _lane.Sums(group, 0).Keys);
            Assert.Equal(
                (1, 1, 0, 0, bytes),
                (
                    _lane.Value(group, key, 0),
                    _lane.Value(group, key, 1),
                    _lane.Value(group, key, 2),
                    _lane.Value(group, key, 3),
                    _lane.Value(group, key, 4)
                )
            );
        }

        Assert.Equal(1, _lane.Value("DNS Response Codes", "NOERROR", 0));
        Assert.Equal((17, 17), (_lane.Value("DNS Domains", "example.co.uk", 5), _lane.Value("DNS Domains", "example.co.uk", 6)));
        Assert.Equal((20_000, 20_000), (_lane.Value("DNS Servers", "0A.00.00.35", 5), _lane.Value("DNS Servers", "0A.00.00.35", 6)));
    }

    [Fact]
    public void Responses_AreToldApart_ByTheirCodes()
    {
        ushort id = 0;
        foreach (int code in (int[])[0, 3, 3, 2, 5, 12])
            Say(Message(++id, (ushort)(0x8180 | code), "no.example.org", Txt), Noon);
        Say(Message(++id, 0x8180, "no.example.org", Txt, extended: 1), Noon); // 16: BADVERS
        _lane.Complete();

        Dictionary<string, double> codes = _lane.Sums("DNS Response Codes", 0);
        Assert.Equal(
            ["BADVERS 1", "NOERROR 1", "NXDOMAIN 2", "RCODE12 1", "REFUSED 1", "SERVFAIL 1"],
            codes.Select(code => $"{code.Key} {code.Value}").Order()
        );
        Assert.Equal(
            (0, 7, 2, 4),
            (
                _lane.Value("DNS Domains", "example.org", 0),
                _lane.Value("DNS Domains", "example.org", 1),
                _lane.Value("DNS Domains", "example.org", 2),
                _lane.Value("DNS Domains", "example.org", 3)
            )
        );
        Assert.Equal(7, _lane.Value("DNS Query Types", "TXT", 1));
    }

    [Fact]
    public void Names_WithoutARegistrableDomain_StandForThemselves()
    {
        Say(Message(1, 0x0100, "wpad", A), Noon);
        Say(Message(2, 0x0100, "", A), Noon);
        Say(Message(3, 0x0100, "co.uk", A), Noon);
        Say(Message(4, 0x0100, "xn--55qx5d.cn", Https), Noon);
        _lane.Complete();

        Assert.Equal([".", "co.uk", "wpad", "xn--55qx5d.cn"], _lane.Sums("DNS Domains", 0).Keys.Order());
        Assert.Equal(["A", "HTTPS"], _lane.Sums("DNS Query Types", 0).Keys.Order());
    }

    [Fact]
    public void NamesOfATunnel_AreLong()
    {
        for (ushort i = 0; i < 10; i++)
            Say(Message(i, 0x0100, $"{new string('x', 60)}.{new string('y', 50 + i)}.tunnel.example", 65_280), Noon);
        _lane.Complete();

        Assert.Equal(
            (10, 130.5, 135),
            (
                _lane.Value("DNS Domains", "tunnel.example", 0),
                _lane.Value("DNS Domains", "tunnel.example", 5),
                _lane.Value("DNS Domains", "tunnel.example", 6)
            )
        );
        Assert.Equal(10, _lane.Value("DNS Query Types", "TYPE65280", 0));
    }

    [Fact]
    public void Name_WhoseDomainIsLongerThanAKey_IsCut()
    {
        // Each byte is written as four: the two labels that make the domain have 126 of them.
        string label = new('\u0001', 63);
        Say(Message(1, 0x0100, $"{label}.{label}", A), Noon);
        _lane.Complete();

        Assert.Equal(255, Assert.Single(_lane.Sums("DNS Domains", 0)).Key.Length);
    }

    [Fact]
    public void ResponseTime_OfARepeatedQuery_IsFromTheFirst_AndGivenOnce()
    {
        Say(Message(7, 0x0100, "a.example", A), Noon);
        Say(Message(7, 0x0100, "a.example", A), Noon + (500 * Millisecond));
        Say(Message(7, 0x8180, "a.example", A), Noon + (600 * Millisecond));
        Say(Message(7, 0x8180, "a.example", A), Noon + (700 * Millisecond));
        _lane.Complete();

        Assert.Equal(
            (2, 2, 600_000, 600_000),
            (
                _lane.Value("DNS Servers", "0A.00.00.35", 0),
                _lane.Value("DNS Servers", "0A.00.00.35", 1),
                _lane.Value("DNS Servers", "0A.00.00.35", 5),
                _lane.Value("DNS Servers", "0A.00.00.35", 6)
            )
        );
    }

    [Fact]
    public void ResponseTime_NeedsAQueryOfTheSameNumberAndPort_InTime()
    {
        Say(Message(1, 0x8180, "a.example", A), Noon); // none
        Say(Message(2, 0x0100, "a.example", A), Noon);
        Say(Message(3, 0x8180, "a.example", A), Noon + Millisecond); // another number
        Say(Message(2, 0x8180, "a.example", A), Noon + Millisecond, clientPort: 5001); // another port
        Say(Message(2, 0x8180, "a.example", A), Noon + (31 * Second)); // too late
        _lane.Complete();

        Assert.Equal(0, _lane.Value("DNS Servers", "0A.00.00.35", 6));
        Assert.Equal(4, _lane.Value("DNS Servers", "0A.00.00.35", 1));
    }

    [Fact]
    public void ResponseTime_OverTheEndOfAWindow_BelongsToTheResponse()
    {
        Say(Message(7, 0x0100, "a.example", A), Noon + (59 * Second));
        Say(Message(7, 0x8180, "a.example", A), Noon + (61 * Second));
        _lane.Complete();

        Assert.Equal(
            (0, 2_000_000),
            (_lane.Value("DNS Servers", "0A.00.00.35", 6), _lane.Value("DNS Servers", "0A.00.00.35", 6, window: 1))
        );
    }

    [Fact]
    public void ManyQueriesWithoutResponse_AreBounded_AndLaterOnesAreTimed()
    {
        // Eight times as many as there is room for, over all ports; then one that is answered.
        const int queries = 250_000;
        byte[] query = Message(0, 0x0100, "flood.example", A);
        for (int i = 0; i < queries; i++)
        {
            (query[0], query[1]) = ((byte)(i >> 8), (byte)i);
            Say(query, Noon + i, clientPort: 1024 + (i >> 16));
        }

        Say(Message(1, 0x0100, "a.example", A), Noon + queries, clientPort: 60_000);
        Say(Message(1, 0x8180, "a.example", A), Noon + queries + Millisecond, clientPort: 60_000);
        _lane.Complete();

        Assert.True(_lane.Batches > 10, $"{_lane.Batches} batches");
        Assert.Equal(queries, _lane.Sums("DNS Domains", 0)["flood.example"]);
        Assert.Equal(1000, _lane.Value("DNS Servers", "0A.00.00.35", 6));
    }

    [Theory]
    [InlineData(5353, 0x0100)]
    [InlineData(5355, 0x0100)]
    [InlineData(53, 0x2800)] // an update (RFC 2136)
    [InlineData(53, 0x2400)] // a notification (RFC 1996)
    public void OtherMessages_AreNotCounted(int port, int flags)
    {
        Say(Message(1, (ushort)flags, "a.example", A), Noon, serverPort: port);
        _lane.Complete();

        Assert.Empty(_lane.Sums("DNS Clients", 0));
    }

    [Fact]
    public void Message_WithoutAQuestion_CountsForItsEnds()
    {
        Say([0, 1, 0x81, 0x82, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, (byte)Opt, 4, 0, 0, 0, 0, 0, 0, 0], Noon);
        _lane.Complete();

        Assert.Equal((1, 1), (_lane.Value("DNS Servers", "0A.00.00.35", 3), _lane.Value("DNS Response Codes", "SERVFAIL", 0)));
        Assert.Empty(_lane.Sums("DNS Domains", 1));
        Assert.Empty(_lane.Sums("DNS Query Types", 1));
    }

    [Fact]
    public void Messages_InSteadyState_AllocateNothingInTheLane()
    {
        byte[][] messages =
        [
            .. Enumerable.Range(0, 200).Select(i => Message((ushort)i, (ushort)(i % 2 == 0 ? 0x0100 : 0x8180), $"h{i}.example.org", A)),
        ];
        Flow flow = Say(messages[0], Noon);
        Run();
        Assert.Equal(0, Allocations.InSteadyState(Run, out _));

        void Run()
        {
            foreach (byte[] message in messages)
            {
                DnsMessage read = DnsMessage.Read(message);
                _lane.Meter.Applications.OnDnsMessage(flow, in read);
            }
        }
    }

    private Flow Say(byte[] message, long timestampNs, int clientPort = 5000, int serverPort = 53)
    {
        DnsMessage read = DnsMessage.Read(message);
        byte[] frame = read.IsResponse
            ? Frames.Ipv4(Resolver, Client, 17, Frames.Udp(serverPort, clientPort, 0))
            : Frames.Ipv4(Client, Resolver, 17, Frames.Udp(clientPort, serverPort, 0));
        Flow flow = _lane.Take(frame, timestampNs)!;
        _lane.Meter.Applications.OnDnsMessage(flow, in read);
        return flow;
    }

    private static byte[] Message(ushort id, ushort flags, string name, ushort type, byte? extended = null)
    {
        var bytes = new List<byte>
        {
            (byte)(id >> 8),
            (byte)id,
            (byte)(flags >> 8),
            (byte)flags,
            0,
            1,
            0,
            0,
            0,
            0,
            0,
            (byte)(extended is null ? 0 : 1),
        };
        foreach (string label in name.Split('.', StringSplitOptions.RemoveEmptyEntries))
            bytes.AddRange([(byte)label.Length, .. Encoding.Latin1.GetBytes(label)]);
        bytes.AddRange([0, (byte)(type >> 8), (byte)type, 0, 1]);
        if (extended is { } high)
            bytes.AddRange([0, 0, (byte)Opt, 4, 0, high, 0, 0, 0, 0, 0]);
        return [.. bytes];
    }
}
