using System.Collections.Concurrent;
using System.Diagnostics;
using Spillway.Metrics.Counters;
using Spillway.Metrics.Groups;
using Spillway.Metrics.Records;
using Spillway.Metrics.Results;
using Spillway.Metrics.Shards;
using Spillway.Metrics.Stores;
using static Spillway.Metrics.Tests.Helpers;

namespace Spillway.Metrics.Tests;

public class MetricsWriterTests
{
    private static readonly RunInfo Info = new("1", "probe0", [], DateTimeOffset.UnixEpoch);
    private static readonly RunEnd End = new(DateTimeOffset.UnixEpoch, 0, 0, null, null, 0);

    [Fact]
    public void Lanes_OnTheirThreads_AddUpToOneResult()
    {
        GroupRegistry registry = RegistryWith(MeterType.Counter, MeterType.Maximum);
        using var writer = new MetricsWriter(registry, new MetricOptions { QueueCapacity = 2 }, new NullStore(), 4);
        writer.Start(Info);
        Thread[] lanes =
        [
            .. Enumerable
                .Range(0, 4)
                .Select(lane => new Thread(() =>
                {
                    MetricShard shard = writer.CreateShard(lane);
                    int group = shard.FindCounterGroup(Utf8(TestGuid));
                    for (int minute = 0; minute < 20; minute++)
                    {
                        shard.AdvanceTo(Noon + (minute * 60 * Second));
                        for (int i = 0; i < 100; i++)
                            shard.Update(group, Utf8($"k{i}"), 0, 1);
                        shard.Update(group, "k0"u8, 1, (lane * 100) + minute);
                    }

                    shard.Complete();
                })),
        ];
        foreach (Thread lane in lanes)
            lane.Start();
        foreach (Thread lane in lanes)
            lane.Join();
        RunResults results = writer.Complete(End);

        Assert.Equal(4 * 20 * 100, results.Toppers[0].Total);
        Assert.Equal(100, results.Toppers[0].KeyCount);
        Assert.Equal("k0", results.Toppers[0].Keys[0].Key);
        Assert.All(results.Toppers[0].Keys, key => Assert.Equal(80, key.Value));
        Assert.Equal(319, results.Toppers[1].Total);
    }

    [Fact]
    public void Toppers_ComeFromTheRunsTotalsWithLabelsOfTheResolver()
    {
        GroupRegistry registry = RegistryWith(MeterType.RateCounter);
        registry.Add(
            new CounterGroupDefinition
            {
                Guid = "{0}",
                Name = "Derived",
                ResolverGuid = "{11111111-2222-3333-4444-5555aaaabbbb}",
                Meters = [Meter(0, MeterType.RateCounter, "Bps")],
            }
        );
        using var writer = new MetricsWriter(registry, new MetricOptions(), new NullStore(), 1);
        writer.Start(Info);
        MetricShard shard = writer.CreateShard(0);
        shard.SetKeyInfo(shard.FindCounterGroup(Utf8(TestGuid)), "k7"u8, "seven"u8, default);
        for (int i = 0; i < 50; i++)
            shard.Update(shard.FindCounterGroup("{0}"u8), Utf8($"k{i}"), 0, i == 7 ? 1000 : i);
        shard.Complete();
        CounterToppers toppers = Assert.Single(writer.Complete(End).Toppers);

        Assert.Equal(("Derived", "B", 50, 10), (toppers.GroupName, toppers.Units, toppers.KeyCount, toppers.Keys.Count));
        Assert.Equal([new CounterTopper("k7", "seven", 1000), new CounterTopper("k49", "", 49)], toppers.Keys.Take(2));
    }

    [Fact]
    public void Run_MoreKeysThanTheSummaryKeeps_CountsThem()
    {
        GroupRegistry registry = RegistryWith(MeterType.Counter);
        using var writer = new MetricsWriter(registry, new MetricOptions { MaxKeysPerRun = 10 }, new NullStore(), 1);
        writer.Start(Info);
        MetricShard shard = writer.CreateShard(0);
        for (int i = 0; i < 25; i++)
            shard.Update(shard.FindCounterGroup(Utf8(TestGuid)), Utf8($"k{i}"), 0, 1);
        shard.Complete();
        RunResults results = writer.Complete(End);

        Assert.Equal(15, results.KeysLeftOut);
        Assert.Equal(25, results.Toppers[0].Total);
        Assert.Equal(10, results.Toppers[0].KeyCount);
    }

    [Fact]
    public void FullQueue_InLiveMode_DropsAndCounts()
    {
        GroupRegistry registry = RegistryWith(MeterType.Counter);
        using var store = new BlockingStore();
        using var writer = new MetricsWriter(registry, new MetricOptions { QueueCapacity = 3, WaitWhenQueueFull = false }, store, 1);
        writer.Start(Info);
        MetricShard shard = writer.CreateShard(0);
        for (int minute = 0; minute < 50; minute++)
        {
            shard.AdvanceTo(Noon + (minute * 60 * Second));
            shard.Update(shard.FindCounterGroup(Utf8(TestGuid)), "k"u8, 0, 1);
        }

        store.Release();
        shard.Complete();
        RunResults results = writer.Complete(End);

        Assert.InRange(results.DroppedBatches, 43, 44); // 49 windows, of which six may wait; the last one may still find them there
        Assert.Equal(50 - results.DroppedBatches, results.Toppers[0].Total);
    }

    [Fact]
    public async Task FullQueue_InLiveModeAfterTheLastPacket_Waits()
    {
        GroupRegistry registry = RegistryWith(MeterType.Counter);
        using var store = new BlockingStore();
        using var writer = new MetricsWriter(registry, new MetricOptions { QueueCapacity = 3, WaitWhenQueueFull = false }, store, 1);
        writer.Start(Info);
        MetricShard shard = writer.CreateShard(0);
        writer.WaitFromNowOn(TimeSpan.FromMinutes(1));
        Task end = Task.Run(() =>
        {
            for (int minute = 0; minute < 50; minute++)
            {
                shard.AdvanceTo(Noon + (minute * 60 * Second));
                shard.Update(shard.FindCounterGroup(Utf8(TestGuid)), "k"u8, 0, 1);
            }

            shard.Complete();
        });
        store.Release();
        await end;
        RunResults results = writer.Complete(End);

        Assert.Equal(0, results.DroppedBatches);
        Assert.Equal(50, results.Toppers[0].Total);
    }

    [Fact]
    public void FullQueue_EndOfAWindow_FindsRoom()
    {
        GroupRegistry registry = RegistryWith(MeterType.Counter);
        using var store = new BlockingStore();
        using var writer = new MetricsWriter(registry, new MetricOptions { QueueBytes = 512 << 10, WaitWhenQueueFull = false }, store, 1);
        writer.Start(Info);
        MetricShard shard = writer.CreateShard(0);
        shard.AdvanceTo(Noon);
        shard.Update(shard.FindCounterGroup(Utf8(TestGuid)), "k"u8, 0, 7);
        byte[] message = [.. Enumerable.Repeat((byte)'m', 1024)]; // 256 of them are a full batch, and a little more than the bound
        for (int i = 0; i < 2600; i++)
            shard.AddAlert(shard.FindAlertGroup("{9AFD8C08-07EB-47E0-BF05-28B4A7AE8DC9}"u8), default, "k"u8, default, 1, message, default);
        long full = writer.DroppedBatches;
        shard.AdvanceTo(Noon + (60 * Second));
        shard.Complete();
        long afterwards = writer.DroppedBatches;
        store.Release();
        RunResults results = writer.Complete(End);

        Assert.Equal(9, full); // of ten full batches
        Assert.Equal(full, afterwards);
        Assert.Equal(7, results.Toppers[0].Total);
        Assert.Equal(2600 - (9 * 256), results.AlertCount);
    }

    [Fact]
    public void FullDisk_RunGoesOnAndTellsOnce()
    {
        string directory = Directory.CreateTempSubdirectory("spillway-full-").FullName;
        Assert.SkipUnless(Mount("-t tmpfs -o size=500k tmpfs " + directory), "needs the right to mount a tmpfs");
        try
        {
            GroupRegistry registry = RegistryWith(MeterType.Counter);
            var told = new ConcurrentQueue<string>();
            using var writer = new MetricsWriter(registry, new MetricOptions(), new SqliteStore(directory, registry), 1)
            {
                StoreFailed = told.Enqueue,
            };
            writer.Start(Info);
            writer.WaitUntilOpen();
            MetricShard shard = writer.CreateShard(0);
            for (int minute = 0; minute < 20; minute++)
            {
                shard.AdvanceTo(Noon + (minute * 60 * Second));
                for (int i = 0; i < 1000; i++)
                    shard.Update(shard.FindCounterGroup(Utf8(TestGuid)), Utf8($"a key of some length {i}"), 0, 1);
            }

            shard.Complete();
            RunResults results = writer.Complete(End);

            Assert.Contains("disk is full", Assert.Single(told), StringComparison.Ordinal);
            Assert.Equal(told.First(), results.StoreFault);
            Assert.True(results.LostRows > 1000, $"{results.LostRows} rows lost");
            Assert.Equal(20_000, results.Toppers[0].Total);
        }
        finally
        {
            using Process? process = Process.Start("umount", directory);
            process?.WaitForExit();
            Directory.Delete(directory, recursive: true);
        }
    }

    [Theory]
    [InlineData(0, 100, "Window")]
    [InlineData(60, 0, "QueueCapacity")]
    public void Options_OutOfRange_AreNamed(int window, int queue, string name)
    {
        var options = new MetricOptions { Window = TimeSpan.FromSeconds(window), QueueCapacity = queue };

        Assert.Equal(name, Assert.Throws<ArgumentOutOfRangeException>(options.Validate).ParamName);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(65L << 30)]
    public void Options_QueueBytesOutOfRange_AreNamed(long bytes)
    {
        var options = new MetricOptions { QueueBytes = bytes };

        Assert.Equal("QueueBytes", Assert.Throws<ArgumentOutOfRangeException>(options.Validate).ParamName);
    }

    private static bool Mount(string arguments)
    {
        if (!OperatingSystem.IsLinux())
            return false;
        try
        {
            using Process process = Process.Start(new ProcessStartInfo("mount", arguments) { RedirectStandardError = true })!;
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }

    /// <summary>Opens only when it is told to: the writer takes nothing from its queue until then.</summary>
    private sealed class BlockingStore : IStore
    {
        private readonly ManualResetEventSlim _released = new();

        public string? Location => null;
        public long RunId => 1;
        public long PendingRows => 0;
        public long LostRows => 0;

        public long RemovedRows => 0;

        public string? Notice => null;

        public bool Maintain() => false;

        public void Release() => _released.Set();

        public void Prepare() { }

        public void Open(RunInfo run, MetricOptions options) => _released.Wait();

        public void Write(CounterWindow window) { }

        public void Write(EventBatch batch) { }

        public void Commit() { }

        public void Finish(RunEnd end) { }

        public IEnumerable<FileRecord> ReadFiles() => [];

        public void Dispose() => _released.Dispose();
    }
}
