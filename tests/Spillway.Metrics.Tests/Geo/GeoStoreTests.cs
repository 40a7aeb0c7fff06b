using Microsoft.Data.Sqlite;
using Spillway.Metrics.Groups;
using Spillway.Metrics.Shards;
using Spillway.Metrics.Stores;
using Spillway.Metrics.Traffic;
using Spillway.Metrics.Traffic.Geo;
using Spillway.Net.Flows;
using Spillway.Net.Packets;
using static Spillway.Metrics.Tests.Helpers;

namespace Spillway.Metrics.Tests.Geo;

/// <summary>Counters, labels and attributes on the writer's thread and in the store.</summary>
public sealed class GeoStoreTests : IDisposable
{
    private const uint Home = 0x0A000001,
        Paris = 0xC6336407,
        Germany = 0xCB007109;

    private readonly GeoFiles _files = new();

    [Fact]
    public void Store_HasCountersLabelsAndWhereHostsBelong()
    {
        Run(null, Paris, Paris + 1, Germany);

        Assert.Equal(
            ["DE|Germany|42", "FR|France|84"],
            Ask("SELECT key, label, total FROM top_counters WHERE group_name = 'Country' AND meter_name = 'Download Bytes' ORDER BY key")
        );
        Assert.Equal(
            ["64500|Example Net|84"],
            Ask("SELECT key, label, total FROM top_counters WHERE group_name = 'ASNumber' AND meter_name = 'Download Bytes'")
        );
        Assert.Equal(
            ["Paris, Île-de-France, FR||84"],
            Ask("SELECT key, label, total FROM top_counters WHERE group_name = 'City' AND meter_name = 'Download Bytes'")
        );
        Assert.Equal(
            ["C6.33.00.00/16|AS64500 Example Net|84", "CB.00.71.00/24||42"],
            Ask("SELECT key, label, total FROM top_counters WHERE group_name = 'Prefix' AND meter_name = 'Download Bytes' ORDER BY key")
        );
        Assert.Equal(
            [
                "C6.33.64.07|ASNumber|64500",
                "C6.33.64.07|City|Paris, Île-de-France, FR",
                "C6.33.64.07|Country|FR",
                "C6.33.64.08|ASNumber|64500",
                "C6.33.64.08|City|Paris, Île-de-France, FR",
                "C6.33.64.08|Country|FR",
                "CB.00.71.09|Country|DE",
            ],
            Ask(
                "SELECT key, a.name, value FROM key_attributes a JOIN groups g ON g.group_id = a.group_id AND g.name = "
                    + "'Hosts' ORDER BY key, a.name"
            )
        );
    }

    [Fact]
    public void Hosts_BeyondTheLimitOfAWindow_AreDescribedInALaterOne()
    {
        Run(new GeoOptions { MaxDescribedHosts = 1 }, Paris, Paris + 1, Germany);
        Assert.Equal(["C6.33.64.07"], Ask("SELECT DISTINCT key FROM key_attributes"));

        Run(new GeoOptions { MaxDescribedHosts = 1 }, windows: 3, Paris, Paris + 1, Germany);
        Assert.Equal(["C6.33.64.07", "C6.33.64.08", "CB.00.71.09"], Ask("SELECT DISTINCT key FROM key_attributes ORDER BY key"));
    }

    [Fact]
    public void Group_ThatDatabasesFeed_StaysAsItIsWhateverScriptsDefine()
    {
        var definition = new CounterGroupDefinition
        {
            Guid = "{00990011-44BD-4C55-891A-77823D59161B}",
            Name = "My countries",
            Meters = [new Meter(0, MeterType.Maximum, "Mine", "", "u", 10, 0), new Meter(7, MeterType.Counter, "More", "", "u", 10, 0)],
        };
        Run(null, windows: 1, registry => registry.Add(definition), Paris);

        Assert.Equal(["FR|42"], Ask("SELECT key, total FROM top_counters WHERE group_name = 'Country' AND meter_name = 'Download Bytes'"));
        Assert.Equal(
            ["Upload Bytes", "Download Bytes", "More"],
            Ask("SELECT m.name FROM meters m JOIN groups g USING (group_id) WHERE g.name = 'Country' ORDER BY meter")
        );
    }

    public void Dispose() => _files.Dispose();

    private void Run(GeoOptions? options, params uint[] hosts) => Run(options, windows: 1, hosts);

    private void Run(GeoOptions? options, int windows, params uint[] hosts) => Run(options, windows, _ => { }, hosts);

    // One packet of 42 bytes from each host in each window.
    private void Run(GeoOptions? options, int windows, Action<GroupRegistry> define, params uint[] hosts)
    {
        using GeoDatabases databases = _files.Open(options, GeoFiles.Cities, GeoFiles.Systems);
        var registry = new GroupRegistry();
        using var writer = new MetricsWriter(
            registry,
            new MetricOptions { Traffic = new TrafficOptions { Geo = databases } },
            new SqliteStore(_files.PathOf("out"), registry),
            lanes: 1
        );
        define(registry);
        writer.Start(new RunInfo("1", "probe0", [], DateTimeOffset.UnixEpoch));
        writer.WaitUntilOpen();
        MetricShard shard = writer.CreateShard(0);
        var flows = new FlowTable<NoHandler>(FlowTableOptions.Default, default);
        PacketInfo info = default;
        for (int window = 0; window < windows; window++)
        {
            foreach (uint host in hosts)
            {
                byte[] frame = Frames.Ipv4(host, Home, 17, Frames.Udp(53, 5000, 0));
                long now = Noon + (window * 60 * Second);
                shard.AdvanceTo(now);
                PacketDecoder.Decode(Frames.Packet(frame, now), ref info);
                shard.Traffic!.Count(in info, frame, flows.GetOrAdd(ref info, out _));
            }
        }

        shard.Complete();
        writer.Complete(new RunEnd(DateTimeOffset.UnixEpoch, 0, 0, null, null, 0));
    }

    private List<string> Ask(string query)
    {
        using var connection = new SqliteConnection(
            $"Data Source={Path.Combine(_files.PathOf("out"), "spillway.db")};Mode=ReadOnly;Pooling=False"
        );
        connection.Open();
        using SqliteCommand command = connection.CreateCommand();
#pragma warning disable CA2100 // the tests' own constants
        command.CommandText = query;
#pragma warning restore CA2100
        using SqliteDataReader reader = command.ExecuteReader();
        var rows = new List<string>();
        while (reader.Read())
            rows.Add(
                string.Join(
                    '|',
                    Enumerable
                        .Range(0, reader.FieldCount)
                        .Select(i => Convert.ToString(reader.GetValue(i), System.Globalization.CultureInfo.InvariantCulture))
                )
            );
        return rows;
    }

    private struct NoHandler : IFlowHandler
    {
        public readonly void OnFlowStart(Flow flow) { }

        public readonly void OnFlowUpdate(Flow flow) { }

        public readonly void OnFlowEnd(Flow flow) { }
    }
}
