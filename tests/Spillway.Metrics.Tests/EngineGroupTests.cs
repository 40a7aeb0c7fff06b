using System.Text;
using Spillway.Metrics.Counters;
using Spillway.Metrics.Engine;
using Spillway.Metrics.Groups;
using Spillway.Metrics.Records;
using Spillway.Metrics.Results;
using Spillway.Metrics.Shards;
using Spillway.Metrics.Stores;
using Spillway.Metrics.Traffic;
using static Spillway.Metrics.Tests.Helpers;

namespace Spillway.Metrics.Tests;

/// <summary>What the engine counts of itself.</summary>
public class EngineGroupTests
{
    private static readonly RunInfo Info = new("1", "probe0", [], DateTimeOffset.UnixEpoch);
    private static readonly RunEnd End = new(DateTimeOffset.UnixEpoch, 0, 0, null, null, 0);
    private static readonly SystemSample Sample = new()
    {
        ProcessorPercent = 50,
        OwnProcessorPercent = 25,
        MemoryBytes = 1000,
        UsedMemoryBytes = 600,
        DiskBytes = 5000,
        UsedDiskBytes = 4000,
        Reads = 7,
    };

    [Fact]
    public void MetaCounterGroup_SaysHowManyKeysEachGroupHas()
    {
        KeepingStore store = Run(new MetricOptions { Traffic = new TrafficOptions(), MaxKeysPerGroup = 30 }, windows: 2);

        Assert.Equal([30, 30, 70, 40], store.Of("Meta Counter Group", TestGuid, 0, 4, 5, 9)); // keys, stored, came, made room
        Assert.Equal([30, 30, 70, 40], store.In(1, "Meta Counter Group", TestGuid, 0, 4, 5, 9));
        Assert.True(store.Of("Meta Counter Group", TestGuid, 8)[0] > 0);
        Assert.True(store.Of("Meta Counter Group", TestGuid, 3)[0] >= 0);
        Assert.Equal("Test", store.Labels[TestGuid]);
        Assert.Equal("Hosts", store.Labels[WellKnownGuids.Hosts]);
        Assert.DoesNotContain(WellKnownGuids.MetaCounters, store.Labels.Keys);
        Assert.Null(store.Windows[0].GetValueOrDefault(("Meta Counter Group", WellKnownGuids.SystemPerformance, 0)));
    }

    [Fact]
    public void SystemPerformance_HasWhatTheProbeKnows()
    {
        KeepingStore store = Run(new MetricOptions { Traffic = new TrafficOptions() }, windows: 2);

        Assert.Equal([50, 25, 1000, 600, 5000, 4000], store.Of("System performance", "engine-1", 1, 2, 3, 4, 6, 7));
        Assert.Null(store.Windows[0].GetValueOrDefault(("System performance", "engine-1", 5))); // not known
        Assert.Null(store.Windows[0].GetValueOrDefault(("System performance", "engine-1", 0))); // no flush before
        Assert.True(store.Windows[1][("System performance", "engine-1", 0)] > 0);
    }

    [Fact]
    public void Reproducible_LeavesOutWhatDiffersFromRunToRun()
    {
        KeepingStore store = Run(new MetricOptions { Traffic = new TrafficOptions(), IsReproducible = true }, windows: 2);

        Assert.Equal([70, 70, 70, 0], store.Of("Meta Counter Group", TestGuid, 0, 4, 5, 9));
        Assert.DoesNotContain(store.Windows.SelectMany(window => window.Keys), key => key.Group == "System performance");
        Assert.DoesNotContain(
            store.Windows.SelectMany(window => window.Keys),
            key => key is { Group: "Meta Counter Group", Meter: 3 or 8 }
        );
    }

    [Fact]
    public void WithoutTraffic_NothingIsCountedOfTheEngine()
    {
        KeepingStore store = Run(new MetricOptions(), windows: 1);

        Assert.Equal(["Test"], store.Windows[0].Keys.Select(key => key.Group).Distinct());
    }

    [Fact]
    public void WindowEnds_IsCalledOnceForEachWindow_AndWhatItCountsBelongsToIt()
    {
        var sink = new CollectingSink();
        var shard = new MetricShard(RegistryWith(MeterType.Counter), new MetricOptions(), 0, sink);
        int group = shard.FindCounterGroup(Utf8(TestGuid));
        shard.WindowEnds = () => shard.Update(group, "end"u8, 0, 1);
        shard.AdvanceTo(Noon);
        shard.AdvanceTo(Noon + (30 * Second));
        shard.AdvanceTo(Noon + (61 * Second));
        shard.Complete();

        Assert.Equal([1.0, 1.0], sink.Windows.Select(window => window.Tables[0].ValueOf("end", 0)));
    }

    private static KeepingStore Run(MetricOptions options, int windows)
    {
        GroupRegistry registry = RegistryWith(MeterType.Counter);
        var store = new KeepingStore();
        using var writer = new MetricsWriter(registry, options, store, 1);
        writer.Attach(new FixedProbe());
        writer.Start(Info);
        MetricShard shard = writer.CreateShard(0);
        for (int window = 0; window < windows; window++)
        {
            shard.AdvanceTo(Noon + (window * 60 * Second));
            for (int i = 0; i < 70; i++)
                shard.Update(shard.FindCounterGroup(Utf8(TestGuid)), Utf8($"k{i}"), 0, 1);
            if (options.Traffic is not null)
                shard.Update(shard.FindCounterGroup(Utf8(WellKnownGuids.Hosts)), "h"u8, 0, 1);
        }

        shard.Complete();
        RunResults results = writer.Complete(End);
        Assert.Null(results.StoreFault);
        return store;
    }

    private sealed class FixedProbe : ISystemProbe
    {
        public bool TrySample(out SystemSample sample)
        {
            sample = Sample;
            return true;
        }
    }

    private sealed class KeepingStore : IStore
    {
        public List<Dictionary<(string Group, string Key, int Meter), double?>> Windows { get; } = [];
        public Dictionary<string, string> Labels { get; } = [];
        public string? Location => null;
        public long RunId => 1;
        public long PendingRows => 0;
        public long LostRows => 0;
        public long RemovedRows => 0;
        public string? Notice => null;

        public double[] Of(string group, string key, params int[] meters) => In(0, group, key, meters);

        public double[] In(int window, string group, string key, params int[] meters) =>
            [.. meters.Select(meter => Windows[window][(group, key, meter)]!.Value)];

        public void Write(CounterWindow window)
        {
            var values = new Dictionary<(string, string, int), double?>();
            foreach (CounterTable table in window.Tables)
            {
                for (int row = 1; row < table.RowCount; row++)
                {
                    for (int meter = 0; meter < table.MeterCount; meter++)
                        if (table.TryGetValue(row, meter, out double value, out _))
                            values.Add((table.Group.Name, Encoding.ASCII.GetString(table.KeyAt(row)), meter), value);
                }
            }

            Windows.Add(values);
        }

        public void Write(EventBatch batch)
        {
            foreach (KeyLabelRecord label in batch.KeyLabels)
                Labels[label.Key] = label.Label;
        }

        public bool Maintain() => false;

        public void Prepare() { }

        public void Open(RunInfo run, MetricOptions options) { }

        public void Commit() { }

        public void Finish(RunEnd end) { }

        public IEnumerable<FileRecord> ReadFiles() => [];

        public void Dispose() { }
    }
}
