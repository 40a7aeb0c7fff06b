using Spillway.Metrics.Results;
using Spillway.Metrics.Shards;
using Spillway.Metrics.Stores;
using Spillway.Net.Flows;
using Spillway.Net.Packets;
using static Spillway.Metrics.Tests.Helpers;

namespace Spillway.Metrics.Tests.Stores;

public sealed class RetentionTests : IDisposable
{
    private const long Hour = 3600 * Second;
    private const long Day = 24 * Hour;
    private static readonly FlowKey Key = FlowKey.Create(0x0A010203, 49152, 0xC6336407, 443, 6, 4, out _);
    private readonly StoreFile _store = new();

    public void Dispose() => _store.Dispose();

    [Fact]
    public void KeepDays_OfARunOverDays_LeavesTheLastOnes()
    {
        RunResults results = StoreRun.Once(
            _store,
            shard => FillDays(shard, 5),
            new SqliteStoreOptions { MaxAge = TimeSpan.FromDays(2) },
            lastNs: Noon + (5 * Day)
        );

        long from = Noon + (3 * Day);
        Assert.Null(results.StoreFault);
        Assert.True(results.RemovedRows > 100, $"{results.RemovedRows} rows removed");
        foreach (
            string time in (string[])
                [
                    "time_ns) FROM alerts",
                    "time_ns) FROM resources",
                    "time_ns) FROM documents",
                    "last_ns) FROM flows",
                    "start * 1000000000) FROM counter_slices WHERE level = 0",
                ]
        )
            Assert.InRange(_store.Number("SELECT min(" + time), from, from + (2 * Hour));
        Assert.Equal(["48"], _store.Ask("SELECT count(*) FROM alerts"));
        Assert.Equal(["48|48"], _store.Ask("SELECT count(*), count(DISTINCT flow_row) FROM tags"));
        Assert.Equal(["48"], _store.Ask("SELECT count(*) FROM document_index('word')"));
        Assert.Equal(["0"], _store.Ask("SELECT count(*) FROM document_index('day0')"));
        Assert.Equal([from.ToString(System.Globalization.CultureInfo.InvariantCulture)], _store.Ask("SELECT kept_from_ns FROM runs"));
        _store.MustBeWhole();
    }

    [Theory]
    [InlineData(26)] // the day in which the removal ends
    [InlineData(50)]
    public void KeepDays_CutsADay_SumsCountWhatIsKept(int hours)
    {
        StoreRun.Once(
            _store,
            shard => FillWindows(shard, hours * 60),
            new SqliteStoreOptions { MaxAge = TimeSpan.FromDays(1) },
            lastNs: Noon + (hours * Hour)
        );

        MustAddUp();
        Assert.InRange(_store.Number("SELECT count(*) FROM counter_slices WHERE level = 0"), 24 * 60, 25 * 60);
        Assert.True(_store.Number("SELECT count(*) FROM counter_slices WHERE level = 1") >= 23);
    }

    [Fact]
    public void StoreSize_CutsAnHourOfARunThatGoesOn_SumsCountWhatIsKept()
    {
        StoreRun.Once(
            _store,
            shard => FillWindows(shard, 100, keys: 1500),
            new SqliteStoreOptions { MaxBytes = 2 << 20 },
            lastNs: Noon + (100 * 60 * Second)
        );

        Assert.True(_store.Number("SELECT kept_from_ns FROM runs") > Noon);
        Assert.Equal(0, _store.Number("SELECT kept_from_ns % 60000000000 FROM runs"));
        MustAddUp();
    }

    [Fact]
    public void KeepDays_EarlierRun_AgesFromItsEnd()
    {
        var clock = new StoppedClock();
        StoreRun.Once(_store, shard => FillDays(shard, 1), clock: clock, lastNs: Noon + Day);
        clock.Now += TimeSpan.FromDays(6);
        var options = new SqliteStoreOptions { MaxAge = TimeSpan.FromDays(7) };

        // However old its packets are: six days after it was read nothing of it is older than a week.
        RunResults within = StoreRun.Once(_store, shard => FillDays(shard, 1), options, clock, lastNs: Noon + Day);
        clock.Now += TimeSpan.FromDays(2);
        RunResults after = StoreRun.Once(_store, _ => { }, options, clock);

        Assert.Equal(0, within.RemovedRows);
        Assert.True(after.RemovedRows > 0);
        Assert.Equal(["2|24"], _store.Ask("SELECT run_id, count(*) FROM alerts GROUP BY run_id"));
        Assert.Equal(["2"], _store.Ask("SELECT DISTINCT run_id FROM counter_slices"));
        Assert.Equal(["1", "2", "3"], _store.Ask("SELECT run_id FROM runs ORDER BY run_id"));
        _store.MustBeWhole();
    }

    [Fact]
    public void StoreSize_OldestRunMakesRoom()
    {
        var options = new SqliteStoreOptions { MaxBytes = 2 << 20 };
        for (int run = 0; run < 6; run++)
            StoreRun.Once(_store, FillMegabyte, options, lastNs: Noon + Hour);

        Assert.InRange(_store.Size, 1 << 19, 2 << 20);
        Assert.Equal("6", _store.Ask("SELECT max(run_id) FROM documents")[0]);
        Assert.True(_store.Number("SELECT min(run_id) FROM documents") > 3);
        Assert.Equal(["1"], _store.Ask("SELECT count(*) FROM runs WHERE run_id = 1 AND kept_from_ns > last_packet_ns"));
        _store.MustBeWhole();
    }

    [Fact]
    public void Keys_ThatNothingHasAnyMore_AreForgotten()
    {
        var clock = new StoppedClock();
        StoreRun.Once(_store, shard => FillDays(shard, 1), clock: clock, lastNs: Noon + Day);
        clock.Now += TimeSpan.FromDays(3);
        // As if so many slices had been written since.
        _store.Execute("UPDATE counter_slices SET slice_id = slice_id + 20000; UPDATE counter_values SET slice_id = slice_id + 20000");
        _store.Execute("UPDATE sqlite_sequence SET seq = seq + 20000");
        long keys = _store.Number("SELECT count(*) FROM keys");

        StoreRun.Once(
            _store,
            shard => FillDays(shard, 1, "other"),
            new SqliteStoreOptions { MaxAge = TimeSpan.FromDays(2) },
            clock,
            lastNs: Noon + Day
        );

        Assert.True(keys >= 25);
        Assert.Empty(_store.Ask("SELECT key FROM keys WHERE key LIKE 'key%'"));
        Assert.NotEmpty(_store.Ask("SELECT key FROM keys WHERE key LIKE 'other%'"));
        Assert.Equal(["0"], _store.Ask("SELECT count(*) FROM counter_values WHERE key_id NOT IN (SELECT key_id FROM keys)"));
    }

    // Every hour something of each kind.
    private static void FillDays(MetricShard shard, int days, string key = "key")
    {
        int group = shard.FindCounterGroup(Utf8(TestGuid));
        for (int hour = 0; hour < 24 * days; hour++)
        {
            shard.AdvanceTo(Noon + (hour * Hour));
            shard.Update(group, Utf8($"{key}{hour}"), 0, 1);
            shard.AddAlert(0, default, "sid"u8, default, 1, "message"u8, default);
            shard.AddResource(0, default, "uri"u8, "label"u8);
            StoreRun.AddDocument(shard, $"a word of day{hour / 24}");
            shard.TagFlow(Key, "tag"u8);
            shard.AddFlow(new Flow(Key, 1, Noon + (hour * Hour)));
        }

        shard.AdvanceTo(Noon + (days * Day));
    }

    private static void FillMegabyte(MetricShard shard)
    {
        for (int i = 0; i < 120; i++)
        {
            shard.AdvanceTo(Noon + (i * 30 * Second));
            StoreRun.AddDocument(shard, string.Join(' ', Enumerable.Range(i * 800, 800)));
        }
    }

    // One of each key in each window.
    private static void FillWindows(MetricShard shard, int windows, int keys = 2)
    {
        int group = shard.FindCounterGroup(Utf8(TestGuid));
        for (int i = 0; i < windows; i++)
        {
            shard.AdvanceTo(Noon + (i * 60 * Second));
            for (int key = 0; key < keys; key++)
                shard.Update(group, Utf8($"key {key}"), 0, 1);
        }

        shard.AdvanceTo(Noon + (windows * 60 * Second));
    }

    // What stands for itself adds up to the windows that are there, and is all after what was removed.
    private void MustAddUp()
    {
        Assert.Equal(
            _store.Ask("SELECT sum(value) FROM counters WHERE meter = 0"),
            _store.Ask(
                "SELECT sum(v.value) FROM counter_slices s JOIN counter_values v USING (slice_id) JOIN keys k USING "
                    + "(key_id) WHERE s.parent_id IS NULL AND v.meter = 0"
            )
        );
        Assert.Equal(
            0,
            _store.Number(
                "SELECT count(*) FROM counter_slices s JOIN runs r USING (run_id) WHERE s.start * 1000000000 < "
                    + "r.kept_from_ns AND s.level < 2"
            )
        );
        Assert.Equal(0, _store.Number("SELECT count(*) FROM counter_slices WHERE parent_id NOT IN (SELECT slice_id FROM counter_slices)"));
        _store.MustBeWhole();
    }

    private sealed class StoppedClock : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = DateTimeOffset.UnixEpoch.AddDays(20_000);

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
