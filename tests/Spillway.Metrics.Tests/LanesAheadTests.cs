using Spillway.Metrics.Counters;
using Spillway.Metrics.Groups;
using Spillway.Metrics.Monitoring;
using Spillway.Metrics.Records;
using Spillway.Metrics.Shards;
using Spillway.Metrics.Stores;
using static Spillway.Metrics.Tests.Helpers;

namespace Spillway.Metrics.Tests;

/// <summary>A lane may be windows ahead of another one: who watches sees each window with what happened in it all the same.</summary>
public sealed class LanesAheadTests
{
    [Fact]
    public void Monitor_LaneAhead_SeesItsEventsAfterTheWindowsBefore()
    {
        GroupRegistry registry = RegistryWith(MeterType.Counter);
        var monitor = new Journal();
        using var writer = new MetricsWriter(registry, new MetricOptions(), new NullStore(), lanes: 2);
        writer.Start(new RunInfo("1", "probe0", [], DateTimeOffset.UnixEpoch));
        writer.Attach(monitor);
        MetricShard slow = writer.CreateShard(0),
            fast = writer.CreateShard(1);

        Tell(fast, 0, "a");
        Tell(fast, 60, "c");
        Tell(fast, 120, "d");
        fast.AdvanceTo(Noon + (180 * Second));
        Tell(slow, 0, "b");
        slow.AdvanceTo(Noon + (180 * Second));
        slow.Complete();
        fast.Complete();
        writer.Complete(new RunEnd(DateTimeOffset.UnixEpoch, 0, 0, null, null, 0));

        // Window 1 ends for the slow lane with its step to window 3: until then the fast one's are not to be seen.
        Assert.Equal(["a", "b", "end 0", "c", "end 60", "d", "end 120"], monitor.Seen.Where(seen => seen != "end 180"));
    }

    [Fact]
    public void Monitor_OneLane_SeesEventsAtOnce()
    {
        GroupRegistry registry = RegistryWith(MeterType.Counter);
        var monitor = new Journal();
        using var writer = new MetricsWriter(registry, new MetricOptions(), new NullStore(), lanes: 1);
        writer.Start(new RunInfo("1", "probe0", [], DateTimeOffset.UnixEpoch));
        writer.Attach(monitor);
        MetricShard shard = writer.CreateShard(0);

        Tell(shard, 0, "a");
        shard.AdvanceTo(Noon + Second);
        writer.Settle();
        Assert.Equal(["a"], monitor.Seen);

        shard.Complete();
        writer.Complete(new RunEnd(DateTimeOffset.UnixEpoch, 0, 0, null, null, 0));
    }

    private static void Tell(MetricShard shard, int second, string key)
    {
        shard.AdvanceTo(Noon + (second * Second));
        shard.AddAlert(shard.FindAlertGroup(Utf8(WellKnownGuids.UserAlerts)), default, Utf8(key), default, 1, "m"u8, default);
    }

    private sealed class Journal : IMetricMonitor
    {
        public List<string> Seen { get; } = [];

        public bool WantsParts => false;

        public bool IsBehind => false;

        public EventBatch Take(EventBatch batch)
        {
            Seen.AddRange(batch.Alerts.Select(alert => alert.Key));
            return batch;
        }

        public void BeginFlush(long startNs, long endNs, bool isRest) =>
            Seen.Add(FormattableString.Invariant($"end {(startNs - Noon) / Second}"));

        public void Take(IMonitorMessage message) { }

        public void OnPart(CounterWindow part, CounterWindow open) { }

        public void CatchUp() { }

        public CounterTable? TakeAdded(int group) => null;

        public void OnTable(CounterTable table) { }

        public void OnNoTable(int group) { }

        public EventBatch EndFlush() => new();

        public TimeSpan Turn() => Timeout.InfiniteTimeSpan;

        public void Finish() { }
    }
}
