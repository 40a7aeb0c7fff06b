using System.Text;
using BenchmarkDotNet.Attributes;
using Spillway.Metrics;
using Spillway.Metrics.Counters;
using Spillway.Metrics.Groups;
using Spillway.Metrics.Records;
using Spillway.Metrics.Shards;

namespace Spillway.Benchmarks;

/// <summary>One sample into a lane's shard, over so many keys in no order.</summary>
public class MetricBenchmarks
{
    private const int Samples = 4096;
    private const string Group = "{6D1C7B5E-0E0C-4F6B-9F63-0A4C3F6C2D11}";

    private readonly byte[][] _keys = new byte[Samples][];
    private MetricShard _shard = null!;
    private int _group;

    [Params(100, 50_000)]
    public int Keys { get; set; }

    [GlobalSetup]
    public void Fill()
    {
        var registry = new GroupRegistry();
        registry.Add(
            new CounterGroupDefinition
            {
                Guid = Group,
                Name = "Hosts",
                Meters = [new Meter(0, MeterType.RateCounter, "Bytes", "", "Bps", TopCount: 10, BottomCount: 0)],
            }
        );
        _shard = new MetricShard(registry, new MetricOptions(), lane: 0, new DiscardingSink());
        _shard.AdvanceTo(1);
        _group = _shard.FindCounterGroup(Encoding.ASCII.GetBytes(Group));
        for (int key = 0; key < Keys; key++)
            _shard.Update(_group, Key(key), meter: 0, value: 1);
        var random = new Random(1);
        for (int i = 0; i < Samples; i++)
            _keys[i] = Key(random.Next(Keys));
    }

    [Benchmark(OperationsPerInvoke = Samples)]
    public void Update()
    {
        foreach (byte[] key in _keys)
            _shard.Update(_group, key, meter: 0, value: 1);
    }

    private static byte[] Key(int number) => Encoding.ASCII.GetBytes($"0A.{number:X6}");

    private sealed class DiscardingSink : IMetricSink
    {
        public void Post(CounterWindow window) { }

        public void Post(EventBatch batch) { }
    }
}
