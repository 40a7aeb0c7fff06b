using Microsoft.Data.Sqlite;
using Spillway.Metrics.Groups;
using Spillway.Metrics.Shards;
using Spillway.Metrics.Stores;
using Spillway.Net.Flows;
using Spillway.Net.Packets;
using static Spillway.Metrics.Tests.Helpers;

namespace Spillway.Metrics.Tests.Stores;

public sealed class FlowWriterTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("spillway-flows-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void Flow_ThatLasts_HasOneRowWithWhatWasToldLast()
    {
        Assert.Equal(["132|www.example.com"], Store(seconds: 132, ends: true));
    }

    [Fact]
    public void Flow_OfARunThatWasKilled_IsThereAsOfItsLastReport()
    {
        Assert.Equal(["121|www.example.com"], Store(seconds: 132, ends: false));
    }

    [Fact]
    public void Flow_AfterAnotherOfTheSameKey_HasARowOfItsOwn()
    {
        // The second begins after the time-out of the first.
        Assert.Equal(["132|www.example.com", "1|"], Store(seconds: 132, ends: true, again: true));
    }

    [Theory]
    [InlineData(6, 4, 49152, 443)]
    [InlineData(17, 6, 65535, 0)]
    [InlineData(1, 4, 8, 0)]
    [InlineData(47, 6, 0, 0)]
    public void Flow_OfAnyKind_IsWrittenAsTheTextsSay(byte protocol, byte version, ushort portA, ushort portZ)
    {
        UInt128 network = version == 6 ? new UInt128(0x2001_0DB8_0000_0000, 1) : 0x0A000001;
        FlowKey key = FlowKey.CreateAsGiven(network, portA, network + 1, portZ, protocol, version);
        using (var store = new StoreFile())
        {
            StoreRun.Once(
                store,
                shard =>
                {
                    shard.AddFlow(
                        new Flow(in key, 1, Noon)
                        {
                            BytesAZ = 1L << 40,
                            PacketsZA = 7,
                            SetupRttMicroseconds = 5,
                            Retransmissions = 3,
                        }
                    );
                    shard.AddFlow(new Flow(in key, 2, Noon), new NetFlowOrigin(1, 2, 3));
                }
            );

            string Text(string column, int row) =>
                Assert.Single(store.Ask($"SELECT {column} FROM flows ORDER BY flow_row LIMIT 1 OFFSET {row}"));
            Assert.Equal(FlowId.ToString(in key), Text("flow_id", 0));
            Assert.Equal(FlowId.ToString(in key, new NetFlowOrigin(1, 2, 3)), Text("flow_id", 1));
            Assert.Equal(FlowText.Address(network, version), Text("address_a", 0));
            Assert.Equal(FlowText.Address(network + 1, version), Text("address_z", 0));
            Assert.Equal(FlowText.Port(portA, protocol), Text("port_a", 0));
            Assert.Equal(FlowText.Port(portZ, protocol), Text("port_z", 0));
            Assert.Equal("text text text", Text("typeof(port_a) || ' ' || typeof(address_z) || ' ' || typeof(tags)", 0));
            Assert.Equal(
                $"{protocol} 1 {1L << 40} 0 7 5 3",
                Text(
                    "protocol || ' ' || client_is_a || ' ' || bytes_az || ' ' || bytes_za || ' ' || packets_za || ' ' "
                        + "|| setup_rtt_us || ' ' || retransmissions",
                    0
                )
            );
            Assert.Equal("null", Text("typeof(setup_rtt_us)", 1));
        }
    }

    [Fact]
    public void Flow_SeenOnTheWire_HasItsAddressesFlagsAndHistory()
    {
        using var store = new StoreFile();
        StoreRun.Once(
            store,
            shard =>
            {
                var table = new FlowTable<Handler>(FlowTableOptions.Default, new Handler(shard));
                Take(fromClient: true, TcpFlags.Syn);
                Take(fromClient: false, TcpFlags.Rst | TcpFlags.Ack);
                table.TerminateAll();
                shard.AddFlow(new Flow(FlowKey.CreateAsGiven(1, 1, 2, 2, 17, 4), 2, Noon));

                void Take(bool fromClient, TcpFlags flags)
                {
                    var info = new PacketInfo
                    {
                        Kind = PacketKind.Ip,
                        Protocol = 6,
                        TimestampNs = Noon,
                        WireLength = 60,
                        TcpWindow = 1,
                        TcpFlags = flags,
                        TcpSequence = 1,
                        TcpAcknowledgment = 2,
                    };
                    // The client has the lower port: it is end Z.
                    info.Key = fromClient
                        ? FlowKey.Create(0x0A000001, 50, 0x0A000002, 5000, 6, 4, out info.FromA)
                        : FlowKey.Create(0x0A000002, 5000, 0x0A000001, 50, 6, 4, out info.FromA);
                    Flow flow = table.GetOrAdd(ref info, out bool isNew);
                    if (!isNew)
                        return;
                    flow.Capture = 2;
                    flow.Link = new LinkAddresses(0x0200_0000_0001, 0x0200_0000_00FF);
                }
            }
        );

        Assert.Equal(
            ["2||02:00:00:00:00:01|02:00:00:00:00:ff|20|2|Sr", "||||||"],
            store.Ask("SELECT capture, vlan, mac_a, mac_z, flags_az, flags_za, history FROM flows ORDER BY flow_row")
        );
    }

    [Fact]
    public void Captures_OfARun_AreListed_AndGoWithARunThatFails()
    {
        using var store = new StoreFile();
        Run(exitCode: 0);
        Run(exitCode: 1);

        Assert.Equal(["1|1|a.pcap", "1|2|b.pcap"], store.Ask("SELECT * FROM captures ORDER BY number"));

        void Run(int exitCode)
        {
            var registry = new GroupRegistry();
            using var writer = new MetricsWriter(registry, new MetricOptions(), new SqliteStore(store.Directory, registry), 1);
            writer.Start(StoreRun.Info with { Captures = ["a.pcap", "b.pcap"] });
            writer.CreateShard(0).Complete();
            long packets = exitCode == 0 ? 1 : 0;
            writer.Complete(new RunEnd(DateTimeOffset.UnixEpoch, packets, packets, Noon, Noon, exitCode));
        }
    }

    private List<string> Store(int seconds, bool ends, bool again = false)
    {
        var registry = new GroupRegistry();
        using (var writer = new MetricsWriter(registry, new MetricOptions(), new SqliteStore(_directory, registry), 1))
        {
            writer.Start(new RunInfo("1", "probe0", ["a"], DateTimeOffset.UnixEpoch));
            MetricShard shard = writer.CreateShard(0);
            var table = new FlowTable<Handler>(new FlowTableOptions { UpdateInterval = TimeSpan.FromSeconds(60) }, new Handler(shard));
            for (int second = 0; second < seconds; second++)
                Take(second);
            if (again)
                Take(seconds + 1000);
            if (ends)
                table.TerminateAll();
            shard.Complete();
            writer.Complete(new RunEnd(DateTimeOffset.UnixEpoch, 1, 1, Noon, Noon, 0));

            void Take(int second)
            {
                long now = Noon + (second * Second);
                var info = new PacketInfo
                {
                    Kind = PacketKind.Ip,
                    TimestampNs = now,
                    WireLength = 100,
                    Protocol = 17,
                };
                info.Key = FlowKey.Create(0x0A000001, 5000, 0x0A000002, 53, 17, 4, out info.FromA);
                shard.AdvanceTo(now);
                table.Expire(now);
                Flow flow = table.GetOrAdd(ref info, out bool isNew);
                if (second == 0 && isNew)
                    flow.SetAttribute("SNI"u8, "www.example.com"u8);
            }
        }

        using var connection = new SqliteConnection($"Data Source={Path.Combine(_directory, "spillway.db")};Pooling=False");
        connection.Open();
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = """
            SELECT packets_az || '|' || coalesce((SELECT value FROM flow_attributes a WHERE a.flow_row = f.flow_row AND name = 'SNI'), '')
            FROM flows f ORDER BY flow_row
            """;
        using SqliteDataReader reader = command.ExecuteReader();
        var rows = new List<string>();
        while (reader.Read())
            rows.Add(reader.GetString(0));
        return rows;
    }

    private readonly struct Handler(MetricShard shard) : IFlowHandler
    {
        public void OnFlowStart(Flow flow) { }

        public void OnFlowUpdate(Flow flow) => shard.AddFlowUpdate(flow);

        public void OnFlowEnd(Flow flow) => shard.AddFlow(flow);
    }
}
