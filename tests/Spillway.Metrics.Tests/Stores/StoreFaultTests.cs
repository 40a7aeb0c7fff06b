using Microsoft.Data.Sqlite;
using Spillway.Metrics.Groups;
using Spillway.Metrics.Records;
using Spillway.Metrics.Results;
using Spillway.Metrics.Shards;
using Spillway.Metrics.Stores;
using static Spillway.Metrics.Tests.Helpers;

namespace Spillway.Metrics.Tests.Stores;

/// <summary>What is in the way of a store: told in one line with its remedy, counted, and never more than that.</summary>
public sealed class StoreFaultTests : IDisposable
{
    private static readonly SqliteStoreOptions Impatient = new() { BusyTimeoutMs = 20 };
    private readonly StoreFile _store = new();

    public void Dispose() => _store.Dispose();

    [Fact]
    public void Open_LockedByAnotherProgram_NamesTheRemedy()
    {
        StoreRun.Once(_store, Fill);
        using SqliteConnection other = _store.Connect();
        using SqliteTransaction transaction = other.BeginTransaction(deferred: false);

        RunResults results = StoreRun.Once(_store, Fill, Impatient);

        Assert.Contains("another program holds it locked", results.StoreFault, StringComparison.Ordinal);
        Assert.Contains("-o DIR", results.StoreFault, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', results.StoreFault!);
        Assert.True(results.LostRows > 0);
    }

    [Fact]
    public void Write_LockedForAWhile_LosesAndCountsThatAndGoesOn()
    {
        GroupRegistry registry = RegistryWith(MeterType.Counter);
        using var store = new SqliteStore(_store.Directory, registry, Impatient);
        store.Prepare();
        store.Open(StoreRun.Info, new MetricOptions());
        EventBatch batch = Alerts(registry, 3);
        using (SqliteConnection other = _store.Connect())
        {
            using SqliteTransaction transaction = other.BeginTransaction(deferred: false);
            StoreException exception = Assert.Throws<StoreException>(() => store.Write(batch));
            Assert.Contains("The run goes on", exception.Message, StringComparison.Ordinal);
        }

        store.Write(batch);
        store.Commit();
        store.Finish(new RunEnd(DateTimeOffset.UnixEpoch, 0, 0, null, null, 0));

        Assert.Equal(3, store.LostRows);
        Assert.Equal(["3"], _store.Ask("SELECT count(*) FROM alerts"));
        _store.MustBeWhole();
    }

    [Fact]
    public void Write_NoRoom_TakesTheTransactionBackAndGoesOnWhenThereIs()
    {
        GroupRegistry registry = RegistryWith(MeterType.Counter);
        using var store = new SqliteStore(_store.Directory, registry);
        store.Prepare();
        store.Open(StoreRun.Info, new MetricOptions());
        store.Write(Alerts(registry, 10));
        store.Commit();
        store.LimitPages(1);

        StoreException exception = Assert.Throws<StoreException>(() =>
        {
            for (int i = 0; i < 100; i++)
                store.Write(Alerts(registry, 1000));
        });
        Assert.Contains("the disk is full", exception.Message, StringComparison.Ordinal);
        long lost = store.LostRows;
        store.LimitPages(1 << 20);
        store.Write(Alerts(registry, 7));
        store.Commit();
        store.Finish(new RunEnd(DateTimeOffset.UnixEpoch, 0, 0, null, null, 0));

        Assert.True(lost > 0);
        Assert.Equal(lost, store.LostRows);
        Assert.Equal(["17"], _store.Ask("SELECT count(*) FROM alerts"));
        _store.MustBeWhole();
    }

    [Fact]
    public void Write_NoRoomWhereTheOldestMayGo_MakesRoomAndGoesOn()
    {
        StoreRun.Once(_store, shard => AddAlerts(shard, 40_000));
        int pages = (int)_store.Number("PRAGMA page_count");
        GroupRegistry registry = RegistryWith(MeterType.Counter);
        using var store = new SqliteStore(_store.Directory, registry, new SqliteStoreOptions { DropsOldestWhenFull = true });
        store.Prepare();
        store.Open(StoreRun.Info, new MetricOptions());
        store.LimitPages(pages + 20);

        int refused = 0;
        const int batches = 100;
        int batch = Alerts(registry, 1000).Count;
        for (int i = 0; i < batches; i++)
        {
            try
            {
                store.Write(Alerts(registry, 1000));
                store.Commit();
            }
            catch (StoreException exception)
            {
                refused++;
                Assert.Contains(
                    "the disk is full. The run goes on, and the oldest results make room",
                    exception.Message,
                    StringComparison.Ordinal
                );
            }

            while (store.Maintain()) { }
        }

        store.Finish(new RunEnd(DateTimeOffset.UnixEpoch, 0, 0, null, null, 0));

        Assert.InRange(refused, 1, 20);
        Assert.NotEqual(0, store.FullAt);
        Assert.Equal(refused * batch, store.LostRows);
        Assert.True(store.RemovedRows > 0);
        Assert.Equal([$"{(batches - refused) * batch}"], _store.Ask("SELECT count(*) FROM alerts WHERE run_id = 2"));
        Assert.False(File.Exists(Path.Combine(_store.Directory, ".reserve")));
        _store.MustBeWhole();
    }

    [Theory]
    [InlineData(100, 3900)]
    [InlineData(0, 60)]
    public void Open_OurStoreDamaged_IsPutAsideAndToldAndANewOneBegun(int from, int length)
    {
        StoreRun.Once(_store, Fill);
        byte[] bytes = File.ReadAllBytes(_store.Path);
        new Random(1).NextBytes(bytes.AsSpan(from, length));
        File.WriteAllBytes(_store.Path, bytes);

        RunResults results = StoreRun.Once(_store, Fill);

        Assert.Null(results.StoreFault);
        Assert.Contains("was damaged", results.StoreNotice, StringComparison.Ordinal);
        string aside = Assert.Single(Directory.GetFiles(_store.Directory, "spillway.db.damaged-*"));
        Assert.Contains(aside, results.StoreNotice, StringComparison.Ordinal);
        Assert.Equal(bytes, File.ReadAllBytes(aside));
        Assert.Equal(1, results.RunId);
        Assert.Equal(["1"], _store.Ask("SELECT count(*) FROM alerts"));
        _store.MustBeWhole();
    }

    [Fact]
    public void Start_DirectoryThatCannotBeWritten_SaysSoAtOnce()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows() || Environment.IsPrivilegedProcess, "the super-user may write anywhere");
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(_store.Directory, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        using var store = new SqliteStore(_store.Directory, RegistryWith(MeterType.Counter));

        StoreException exception = Assert.Throws<StoreException>(store.Prepare);

        Assert.Contains("permission denied", exception.Message, StringComparison.Ordinal);
        Assert.Contains("-o DIR", exception.Message, StringComparison.Ordinal);
    }

    private static void Fill(MetricShard shard)
    {
        shard.AdvanceTo(Noon);
        shard.Update(shard.FindCounterGroup(Utf8(TestGuid)), "key"u8, 0, 1);
        shard.AddAlert(0, default, "sid"u8, default, 1, "message"u8, default);
    }

    private static EventBatch Alerts(GroupRegistry registry, int count)
    {
        var sink = new CollectingSink();
        var shard = new MetricShard(registry, new MetricOptions(), 0, sink);
        AddAlerts(shard, count);
        shard.Complete();
        return sink.Batches[0];
    }

    private static void AddAlerts(MetricShard shard, int count)
    {
        shard.AdvanceTo(Noon);
        for (int i = 0; i < count; i++)
            shard.AddAlert(0, default, "sid"u8, default, 1, "message"u8, default);
    }
}
