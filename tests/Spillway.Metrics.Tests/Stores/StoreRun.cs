using Spillway.Metrics.Groups;
using Spillway.Metrics.Results;
using Spillway.Metrics.Shards;
using Spillway.Metrics.Stores;
using static Spillway.Metrics.Tests.Helpers;

namespace Spillway.Metrics.Tests.Stores;

/// <summary>Runs into a store, without packets.</summary>
internal static class StoreRun
{
    public static readonly RunInfo Info = new("1.2.3", "probe0", ["a.pcap"], DateTimeOffset.UnixEpoch);

    /// <summary>One run of one lane; the end says what packet time it had.</summary>
    public static RunResults Once(
        StoreFile store,
        Action<MetricShard> fill,
        SqliteStoreOptions? options = null,
        TimeProvider? clock = null,
        long firstNs = Noon,
        long lastNs = Noon + Second
    )
    {
        GroupRegistry registry = RegistryWith(MeterType.Counter, MeterType.Gauge, MeterType.Average, MeterType.Maximum);
        using var writer = new MetricsWriter(registry, new MetricOptions(), new SqliteStore(store.Directory, registry, options, clock), 1);
        writer.Start(Info);
        MetricShard shard = writer.CreateShard(0);
        fill(shard);
        shard.Complete();
        return writer.Complete(new RunEnd((clock ?? TimeProvider.System).GetUtcNow(), 100, 6400, firstNs, lastNs, 0));
    }

    /// <summary>Adds a document of the HTTP header group.</summary>
    public static void AddDocument(MetricShard shard, string text) =>
        shard.AddDocument(shard.FindDocumentGroup("{28217924-E7A5-4523-993C-44B52758D5A8}"u8), default, Utf8(text));
}
