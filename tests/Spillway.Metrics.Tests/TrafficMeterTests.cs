using System.Text;
using Spillway.Metrics.Counters;
using Spillway.Metrics.Traffic;
using Spillway.Net.Flows;
using Spillway.Tests.Shared;
using static Spillway.Metrics.Tests.Helpers;

namespace Spillway.Metrics.Tests;

public class TrafficMeterTests
{
    private const uint Client = 0x0A000001; // 10.0.0.1
    private const uint Server = 0xC6336407; // 198.51.100.7
    private const byte Syn = 2,
        SynAck = 18,
        Ack = 16;

    [Fact]
    public void Connection_FromHomeToOutside_IsInEveryGroup()
    {
        var lane = new MeteredLane();
        lane.Take(Frames.Ipv4(Client, Server, 6, Frames.Tcp(49152, 443, Syn)), Noon);
        lane.Take(
            Frames.Ipv4(Server, Client, 6, Frames.Tcp(443, 49152, SynAck), sourceMac: Frames.ServerMac, destinationMac: Frames.ClientMac),
            Noon + 1
        );
        lane.Take(Frames.Ipv4(Client, Server, 6, Frames.Tcp(49152, 443, Ack, payload: 100)), Noon + 2);
        lane.Complete();

        // 54 bytes without payload: out 54 + 154, in 54.
        Assert.Equal(262, lane.Value("Hosts", "0A.00.00.01", 0));
        Assert.Equal(54, lane.Value("Hosts", "0A.00.00.01", 1));
        Assert.Equal(208, lane.Value("Hosts", "0A.00.00.01", 2));
        Assert.Equal(3, lane.Value("Hosts", "0A.00.00.01", 3));
        Assert.Equal(262, lane.Value("Hosts", "0A.00.00.01", 7));
        Assert.Equal(0, lane.Value("Hosts", "0A.00.00.01", 6));
        Assert.Equal(
            (1, 0, 0),
            (lane.Value("Hosts", "0A.00.00.01", 8), lane.Value("Hosts", "0A.00.00.01", 9), lane.Value("Hosts", "0A.00.00.01", 10))
        );
        Assert.Equal(
            (0, 1, 1),
            (lane.Value("Hosts", "C6.33.64.07", 8), lane.Value("Hosts", "C6.33.64.07", 9), lane.Value("Hosts", "C6.33.64.07", 10))
        );
        Assert.Equal(1, lane.Value("Hosts", "C6.33.64.07", 13));
        Assert.Equal(262, lane.Value("Hosts", "C6.33.64.07", 6));
        Assert.Equal(262, lane.Value("Internal Hosts", "0A.00.00.01", 0));
        Assert.Equal(262, lane.Value("External Hosts", "C6.33.64.07", 0));
        Assert.Equal(0, lane.Value("External Hosts", "0A.00.00.01", 0));
        Assert.Equal(
            (262, 54, 208, 1),
            (
                lane.Value("Apps", "p-01BB", 0),
                lane.Value("Apps", "p-01BB", 2),
                lane.Value("Apps", "p-01BB", 3),
                lane.Value("Apps", "p-01BB", 4)
            )
        );
        Assert.Equal(
            (262, 3, 1),
            (lane.Value("NetworkLayerStats", "06", 0), lane.Value("NetworkLayerStats", "06", 1), lane.Value("NetworkLayerStats", "06", 3))
        );
        Assert.Equal(
            (262, 3, 1),
            (lane.Value("Aggregates", "TOTALBW", 0), lane.Value("Aggregates", "TOTALBW", 1), lane.Value("Aggregates", "TOTALBW", 2))
        );
        Assert.Equal((208, 54), (lane.Value("Aggregates", "DIR_OUTOFHOME", 0), lane.Value("Aggregates", "DIR_INTOHOME", 0)));
        Assert.Equal(
            (262, 54, 208, 3),
            (
                lane.Value("Subnets", "0A.00.00.00/24", 0),
                lane.Value("Subnets", "0A.00.00.00/24", 1),
                lane.Value("Subnets", "0A.00.00.00/24", 2),
                lane.Value("Subnets", "0A.00.00.00/24", 3)
            )
        );
        Assert.Equal((208, 54), (lane.Value("Mac", "02:00:00:00:00:01", 0), lane.Value("Mac", "02:00:00:00:00:01", 1)));
        Assert.Equal(
            (262, 208, 54),
            (
                lane.Value("Dir Mac", "02:00:00:00:00:01_02:00:00:00:00:FE", 0),
                lane.Value("Dir Mac", "02:00:00:00:00:01_02:00:00:00:00:FE", 1),
                lane.Value("Dir Mac", "02:00:00:00:00:01_02:00:00:00:00:FE", 2)
            )
        );
        Assert.Equal((262, 3), (lane.Value("LinkLayerStats", "0800", 0), lane.Value("LinkLayerStats", "0800", 1)));
    }

    // Their table is hashed with a secret: what scripts see must not depend on it.
    [Fact]
    public void LinkKeys_ComeInTheOrderOfTheirFirstPackets()
    {
        var lane = new MeteredLane();
        var expected = new List<string>();
        for (int i = 0; i < 1000; i++)
        {
            ulong mac = 0x02_00_00_00_00_00 + (ulong)(i * 7919 % 65_000);
            expected.Add(
                string.Join(':', Convert.ToHexString([2, 0, 0, 0, (byte)(mac >> 8), (byte)mac]).Chunk(2).Select(pair => new string(pair)))
            );
            lane.Take(
                Frames.Ipv4(Client, Server, 17, Frames.Udp(1000, 53, 10), sourceMac: mac, destinationMac: 0x01_00_5E_00_00_01),
                Noon + i
            );
        }

        lane.Complete();
        CounterTable macs = lane.Windows[0].Find(lane.Registry.FindCounterGroup("{4B09BD22-3B99-40FC-8215-94A430EA0A35}")!.Index)!;
        IEnumerable<string> keys = Enumerable
            .Range(1, macs.RowCount - 1)
            .Select(row => Encoding.ASCII.GetString(macs.KeyAt(row)))
            .Where(key => key[1] == '2');

        Assert.Equal(expected, keys);
    }

    [Fact]
    public void Labels_TheSameOfManyFlows_AreOneObject()
    {
        var labels = new FlowLabels();
        FlowLabel label = labels.Single(1, 0, "www.example.com"u8);
        Assert.Same(label, labels.Single(1, 0, "www.example.com"u8));
        Assert.Equal(
            (2, "www.example.com"),
            (labels.Single(2, 0, label.Key).Group, System.Text.Encoding.ASCII.GetString(labels.Single(2, 0, label.Key).Key))
        );
        for (int i = 0; i < 5000; i++)
            Assert.Equal(Utf8($"host{i}"), labels.Single(1, 0, Utf8($"host{i}")).Key);
    }

    [Fact]
    public void Traffic_OfManyFlowsOverWindows_AgreesWithPlainSums()
    {
        const int seed = 20_261;
        var random = new Random(seed);
        var lane = new MeteredLane();
        var hosts = new Dictionary<string, double>();
        var packets = new Dictionary<string, double>();
        var apps = new Dictionary<string, double>();
        var macs = new Dictionary<string, double>();
        long total = 0;
        for (int i = 0; i < 40_000; i++)
        {
            uint source = 0x0A000000 + (uint)random.Next(300);
            uint destination = 0x50000000 + (uint)random.Next(300);
            int port = random.Next(1, 60);
            int mac = random.Next(20);
            byte[] frame = Frames.Ipv4(
                source,
                destination,
                17,
                Frames.Udp(1000 + random.Next(200), port, random.Next(400)),
                sourceMac: 0x020000000000 + (ulong)mac
            );
            if (random.Next(2) == 0)
                frame = Frames.Ipv4(
                    destination,
                    source,
                    17,
                    Frames.Udp(port, 1000 + random.Next(200), random.Next(400)),
                    sourceMac: 0x020000000000 + (ulong)mac
                );
            lane.Take(frame, Noon + (i * 10_000_000L));
            Add(hosts, Key(source), frame.Length);
            Add(hosts, Key(destination), frame.Length);
            Add(packets, Key(source), 1);
            Add(packets, Key(destination), 1);
            Add(apps, $"p-{port:X4}", frame.Length);
            Add(macs, $"02:00:00:00:00:{mac:X2}", frame.Length);
            total += frame.Length;
        }

        lane.Complete();
        Assert.True(lane.Windows.Count >= 6, $"seed {seed}: {lane.Windows.Count} windows");
        Assert.Equal(hosts.OrderBy(pair => pair.Key), lane.Sums("Hosts", 0).OrderBy(pair => pair.Key));
        Assert.Equal(packets.OrderBy(pair => pair.Key), lane.Sums("Hosts", 3).OrderBy(pair => pair.Key));
        Assert.Equal(apps.OrderBy(pair => pair.Key), lane.Sums("Apps", 0).OrderBy(pair => pair.Key));
        Assert.Equal(macs.OrderBy(pair => pair.Key), lane.Sums("Mac", 0).OrderBy(pair => pair.Key));
        Assert.Equal(total, lane.Sums("Aggregates", 0)["TOTALBW"]);

        static void Add(Dictionary<string, double> sums, string key, double value) => sums[key] = sums.GetValueOrDefault(key) + value;
        static string Key(uint address) => $"{address >> 24:X2}.{(address >> 16) & 255:X2}.{(address >> 8) & 255:X2}.{address & 255:X2}";
    }

    [Fact]
    public void Flow_OverTwoWindows_IsCountedInEachForWhatItCarriedThere()
    {
        var lane = new MeteredLane();
        byte[] frame = Frames.Ipv4(Client, Server, 17, Frames.Udp(5000, 53, 8));
        lane.Take(frame, Noon);
        lane.Take(frame, Noon + (30 * Second));
        lane.Take(frame, Noon + (61 * Second));
        lane.Complete();

        Assert.Equal((100, 50), (lane.Value("Hosts", "0A.00.00.01", 0), lane.Value("Hosts", "0A.00.00.01", 0, window: 1)));
        Assert.Equal((1, 0), (lane.Value("Apps", "p-0035", 4), lane.Value("Apps", "p-0035", 4, window: 1)));
        // samples: the run adds them up
        Assert.Equal((1, -1), (lane.Value("Apps", "p-0035", 7), lane.Value("Apps", "p-0035", 7, window: 1)));
    }

    [Fact]
    public void MoreFlowsThanABatchHolds_GoAheadOfTheWindowAndLoseNothing()
    {
        var lane = new MeteredLane();
        const int flows = Traffic.TrafficBatch.MaxRows + 1000;
        byte[] frame = Frames.Ipv4(Client, Server, 17, Frames.Udp(5000, 53, 0));
        for (int i = 0; i < flows; i++)
        {
            System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(frame.AsSpan(26), 0x0A000000 + (uint)i);
            lane.Take(frame, Noon + i);
        }

        Assert.Equal(1, lane.Batches);
        lane.Complete();
        Assert.Equal((double)flows * frame.Length, lane.Value("Apps", "p-0035", 0));
        Assert.Equal(flows, lane.Value("Apps", "p-0035", 4));
        Assert.Equal((double)flows * frame.Length, lane.Value("Hosts", "C6.33.64.07", 0));
    }

    [Fact]
    public void Fragments_CountForHostsAndProtocolOneByOne()
    {
        var lane = new MeteredLane();
        lane.Take(Frames.Ipv4(Client, Server, 17, Frames.Udp(5000, 53, 1472), fragment: 0x2000), Noon);
        lane.Take(Frames.Ipv4(Client, Server, 17, new byte[100], fragment: 1480 / 8), Noon + 1);
        lane.Complete();

        Assert.Equal(1514 + 134, lane.Value("Hosts", "0A.00.00.01", 2));
        Assert.Equal(2, lane.Value("NetworkLayerStats", "11", 1));
        Assert.Equal(2, lane.Value("Aggregates", "TOTALBW", 9));
        Assert.Equal(0, lane.Value("Apps", "p-0035", 0));
    }

    [Fact]
    public void VlanAndIcmp_HaveTheirKeys()
    {
        var lane = new MeteredLane();
        lane.Take(Frames.Ipv4(Client, Server, 1, [3, 4, 0, 0, 0, 0, 0, 0], vlan: 42), Noon);
        lane.Complete();

        Assert.Equal(46, lane.Value("VLANStats", "42", 0));
        Assert.Equal((46, 1), (lane.Value("ICMP Types", "icmp03/04", 0), lane.Value("ICMP Types", "icmp03/04", 1)));
        Assert.Equal(46, lane.Value("LinkLayerStats", "8100", 0));
    }

    [Fact]
    public void HttpHosts_GetTheBytesOfTheirConnectionUntilAnotherHostIsNamed()
    {
        var lane = new MeteredLane();
        byte[] frame = Frames.Ipv4(Client, Server, 6, Frames.Tcp(49152, 80, Ack, payload: 46)); // 100 bytes
        Flow flow = lane.Take(frame, Noon)!;
        lane.Meter.Applications.OnHttpRequest(flow, "GET"u8, "Example.org:80"u8);
        lane.Take(frame, Noon + 1);
        lane.Meter.Applications.OnHttpRequest(flow, "GET"u8, "other.example"u8);
        lane.Take(frame, Noon + 2);
        lane.Meter.Applications.OnHttpResponse(flow, 404);
        lane.Meter.Applications.OnHttpContent("text/HTML; charset=utf-8"u8, 1234);
        lane.Complete();

        Assert.Equal((200, 100), (lane.Value("HTTP Hosts", "example.org", 0), lane.Value("HTTP Hosts", "other.example", 0)));
        Assert.Equal((2, 1), (lane.Value("HTTP Methods", "GET", 0), lane.Value("HTTP Status Codes", "404", 0)));
        Assert.Equal((1234, 1), (lane.Value("HTTP Content Types", "text/html", 0), lane.Value("HTTP Content Types", "text/html", 1)));
    }

    [Fact]
    public void TlsGroups_GetTheBytesOfTheirConnectionFromItsBeginning()
    {
        var lane = new MeteredLane();
        byte[] frame = Frames.Ipv4(Client, Server, 6, Frames.Tcp(49152, 443, Ack, payload: 46));
        Flow flow = lane.Take(frame, Noon)!;
        lane.Meter.Applications.OnTlsCipher(flow, 0x1301);
        lane.Meter.Applications.OnTlsOrganization(flow, "Example Inc"u8);
        lane.Meter.Applications.OnTlsAuthority("Example Root"u8, isRoot: true);
        lane.Take(frame, Noon + (60 * Second));
        lane.Complete();

        Assert.Equal((100, 1), (lane.Value("TLS Organizations", "Example Inc", 0), lane.Value("TLS Organizations", "Example Inc", 1)));
        Assert.Equal(100, lane.Value("TLS Organizations", "Example Inc", 0, window: 1));
        Assert.Equal((100, 1), (lane.Value("TLS Cipher Suites", "1301", 0), lane.Value("TLS Cipher Suites", "1301", 1)));
        Assert.Equal(1, lane.Value("TLS Certificate Authorities", "Example Root", 1));
    }

    [Fact]
    public void Counting_OfKnownFlows_AllocatesNothing()
    {
        var lane = new MeteredLane();
        byte[][] frames = [.. Enumerable.Range(0, 500).Select(i => Frames.Ipv4(Client + (uint)i, Server, 17, Frames.Udp(5000, 53, 8)))];
        long now = Noon;
        Run();
        Run();
        Assert.Equal(0, Allocations.InSteadyState(Run, out _));

        void Run()
        {
            foreach (byte[] frame in frames)
                lane.Take(frame, now += 1000);
        }
    }
}
