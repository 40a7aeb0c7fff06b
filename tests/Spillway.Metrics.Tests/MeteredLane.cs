using Spillway.Metrics.Counters;
using Spillway.Metrics.Groups;
using Spillway.Metrics.Names;
using Spillway.Metrics.Records;
using Spillway.Metrics.Shards;
using Spillway.Metrics.Traffic;
using Spillway.Metrics.Traffic.Geo;
using Spillway.Net.Flows;
using Spillway.Net.Packets;

namespace Spillway.Metrics.Tests;

/// <summary>Decoding, a flow table and a traffic meter, as a lane has them; what comes out of the groups is asked for by key.</summary>
internal sealed class MeteredLane : IMetricSink, IFlowHandler
{
    private readonly TrafficAggregator _aggregator;
    private PacketInfo _info;

    public MeteredLane(
        string homenet = "10.0.0.0/8,fc00::/7",
        int maxKeys = 100_000,
        GeoDatabases? geo = null,
        PublicSuffixList? suffixes = null
    )
    {
        Assert.True(HomeNetworks.TryParse(homenet, out HomeNetworks? home, out _));
        var options = new MetricOptions
        {
            Traffic = new TrafficOptions
            {
                Home = home,
                Geo = geo,
                Suffixes = suffixes,
            },
            MaxKeysPerGroup = maxKeys,
        };
        Shard = new MetricShard(Registry, options, 0, this);
        Locator = geo is null ? null : new GeoLocator(geo, Registry);
        _aggregator = new TrafficAggregator(Registry, options.Traffic, maxKeys, Locator);
        Flows = new FlowTable<MeteredLane>(FlowTableOptions.Default, this);
        Shard.FindFlow = key => Flows.Find(in key);
    }

    public GroupRegistry Registry { get; } = new();
    public GeoLocator? Locator { get; }
    public MetricShard Shard { get; }
    public TrafficMeter Meter => Shard.Traffic!;
    public FlowTable<MeteredLane> Flows { get; }
    public List<CounterWindow> Windows { get; } = [];
    public int Batches { get; private set; }

    public Flow? Take(byte[] frame, long timestampNs)
    {
        Shard.AdvanceTo(timestampNs);
        Flows.Expire(timestampNs);
        PacketDecoder.Decode(Frames.Packet(frame, timestampNs), ref _info);
        Flow? flow = _info.Kind == PacketKind.Ip ? Flows.GetOrAdd(ref _info, out _) : null;
        Meter.Count(in _info, frame, flow);
        return flow;
    }

    /// <summary>Ends everything.</summary>
    public void Complete()
    {
        Flows.TerminateAll();
        Shard.Complete();
    }

    /// <summary>The value of a meter in a window; 0 if nothing was counted.</summary>
    public double Value(string group, string key, int meter, int window = 0)
    {
        foreach (CounterTable table in Windows[window].Tables)
        {
            if (table.Group.Name == group)
                return table.ValueOf(key, meter) ?? 0;
        }

        return 0;
    }

    /// <summary>All keys of a group with a meter's value, over all windows.</summary>
    public Dictionary<string, double> Sums(string group, int meter)
    {
        var sums = new Dictionary<string, double>();
        foreach (CounterTable table in Windows.SelectMany(window => window.Tables).Where(table => table.Group.Name == group))
        {
            for (int row = 1; row < table.RowCount; row++)
            {
                if (!table.TryGetValue(row, meter, out double value, out _))
                    continue;
                string key = System.Text.Encoding.UTF8.GetString(table.KeyAt(row));
                sums[key] = sums.GetValueOrDefault(key) + value;
            }
        }

        return sums;
    }

    public void Post(CounterWindow window)
    {
        _aggregator.Complete(window);
        Windows.Add(window);
    }

    public void Post(TrafficBatch batch)
    {
        Batches++;
        _aggregator.Add(batch);
        batch.Recycle();
    }

    public void Post(EventBatch batch) { }

    public void OnFlowStart(Flow flow) => Meter.OnFlowStart(flow);

    public void OnFlowUpdate(Flow flow) { }

    public void OnFlowEnd(Flow flow) => Meter.OnFlowEnd(flow);
}
