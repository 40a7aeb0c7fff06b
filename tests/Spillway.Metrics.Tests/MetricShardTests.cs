using Spillway.Metrics.Groups;
using Spillway.Metrics.Shards;
using Spillway.Tests.Shared;
using static Spillway.Metrics.Tests.Helpers;

namespace Spillway.Metrics.Tests;

public class MetricShardTests
{
    private readonly GroupRegistry _registry = RegistryWith(MeterType.Counter, MeterType.Average, MeterType.DeltaRateCounter);
    private readonly CollectingSink _sink = new();
    private readonly MetricShard _shard;
    private readonly int _group;

    public MetricShardTests()
    {
        _shard = new MetricShard(_registry, new MetricOptions(), 0, _sink);
        _group = _shard.FindCounterGroup(Utf8(TestGuid));
    }

    [Fact]
    public void Windows_AreAlignedToTheMinute()
    {
        _shard.AdvanceTo(Noon + (17 * Second));
        _shard.Update(_group, "a"u8, 0, 1);
        _shard.AdvanceTo(Noon + (60 * Second) - 1);
        _shard.Update(_group, "a"u8, 0, 1);
        _shard.AdvanceTo(Noon + (60 * Second));
        _shard.Update(_group, "a"u8, 0, 1);
        _shard.AdvanceTo(Noon + (200 * Second));
        _shard.Complete();

        Assert.Equal([Noon, Noon + (60 * Second), Noon + (180 * Second)], _sink.Windows.Select(window => window.StartNs));
        Assert.Equal(2, _sink.Windows[0].Tables[0].ValueOf("a", 0));
        Assert.Equal(1, _sink.Windows[1].Tables[0].ValueOf("a", 0));
        Assert.Empty(_sink.Windows[2].Tables);
        Assert.Equal([false, false, true], _sink.Windows.Select(window => window.IsLast));
    }

    [Fact]
    public void LatePackets_GoIntoTheOpenWindow()
    {
        _shard.AdvanceTo(Noon + Second);
        _shard.AdvanceTo(Noon - (3 * Second));
        _shard.Update(_group, "late"u8, 0, 1);
        _shard.Complete();

        Assert.Equal(Noon, Assert.Single(_sink.Windows).StartNs);
        Assert.Equal(1, _sink.Windows[0].Tables[0].ValueOf("late", 0));
        Assert.Equal(Noon - (3 * Second), _shard.NowNs);
    }

    [Fact]
    public void AnOlderCapture_OpensWindowsOfItsOwnTime()
    {
        _shard.AdvanceTo(Noon);
        _shard.Update(_group, "a"u8, 0, 1);
        _shard.AdvanceTo(Noon - (3600 * Second));
        _shard.Update(_group, "a"u8, 0, 2);
        _shard.Complete();

        Assert.Equal([Noon, Noon - (3600 * Second)], _sink.Windows.Select(window => window.StartNs));
        Assert.Equal(1, _shard.Counters.BackwardSteps);
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    [InlineData(double.NegativeInfinity)]
    public void Update_NotANumber_IsIgnored(double value)
    {
        _shard.Update(_group, "a"u8, 0, value);
        _shard.Update(_group, "a"u8, 0, 2);
        _shard.Complete();

        Assert.Equal(2, _sink.Windows[0].Tables[0].ValueOf("a", 0));
        Assert.Equal(1, _shard.Counters.IgnoredValues);
    }

    [Fact]
    public void Update_HostileKeys_AreTakenAsTheyAre()
    {
        byte[] longKey = new byte[400];
        Array.Fill(longKey, (byte)'x');
        _shard.Update(_group, "host\0\0"u8, 0, 1);
        _shard.Update(_group, "host"u8, 0, 1);
        _shard.Update(_group, "a\0b"u8, 0, 1);
        _shard.Update(_group, longKey, 0, 1);
        _shard.Update(_group, longKey.AsSpan(0, 255), 0, 1);
        _shard.Update(_group, longKey.AsSpan(0, 256), 0, 1);
        _shard.Update(_group, [0xFF, 0xFE], 0, 1);
        _shard.Update(_group, default, 0, 1);
        _shard.Update(_group, "\0\0"u8, 0, 1);
        _shard.Complete();

        Counters.CounterTable table = _sink.Windows[0].Tables[0];
        Assert.Equal(4, table.KeyCount);
        Assert.Equal(2, table.ValueOf("host", 0));
        Assert.Equal(1, table.ValueOf("a\0b", 0));
        Assert.Equal(3, table.ValueOf(new string('x', 255), 0));
        Assert.Equal(2, _shard.Counters.TruncatedKeys);
        Assert.Equal(2, _shard.Counters.EmptyKeys);
    }

    [Fact]
    public void Update_UnknownGroupOrMeter_IsCountedAndIgnored()
    {
        _shard.Update(_shard.FindCounterGroup("{00000000-0000-0000-0000-000000000000}"u8), "a"u8, 0, 1);
        _shard.Update(_group, "a"u8, 40, 1);
        _shard.AddAlert(GroupRegistry.Unknown, default, "k"u8, default, 1, "m"u8, default);
        _shard.Complete();

        Assert.Equal(2, _shard.Counters.UnknownGroup);
        Assert.Equal(1, _shard.Counters.UnknownMeter);
        Assert.Empty(_sink.Batches);
    }

    [Fact]
    public void Update_MoreKeysThanAllowed_KeepsTotalsRight()
    {
        var shard = new MetricShard(_registry, new MetricOptions { MaxKeysPerGroup = 10 }, 0, _sink);
        for (int i = 0; i < 100; i++)
            shard.Update(_group, Utf8($"k{i}"), 0, 1);
        shard.AdvanceTo(Noon);
        shard.AdvanceTo(Noon + (60 * Second));
        shard.Update(_group, "next window has room"u8, 0, 1);
        shard.Complete();

        Counters.CounterTable table = _sink.Windows[0].Tables[0];
        table.Close(null, 10);
        Assert.Equal(10, table.KeyCount);
        Assert.Equal(100, table.ValueOf("SYS:GROUP_TOTALS", 0));
        Assert.Equal(90, shard.Counters.EvictedKeys);
        Assert.Equal(1, _sink.Windows[1].Tables[0].KeyCount);
    }

    [Fact]
    public void Update_KnownKeys_AllocatesNothing()
    {
        byte[][] keys = [.. Enumerable.Range(0, 500).Select(i => Utf8($"C0.A8.{i:X2}"))];
        Run(1);

        long allocated = Allocations.InSteadyState(() => Run(20), out _);

        Assert.Equal(0, allocated);

        void Run(int rounds)
        {
            for (int round = 0; round < rounds; round++)
            {
                foreach (byte[] key in keys)
                {
                    _shard.AdvanceTo(Noon + round);
                    for (int meter = 0; meter < 3; meter++)
                        _shard.Update(_group, key, meter, 64);
                }

                foreach (byte[] key in keys.AsSpan(0, 50))
                    _shard.SetKeyInfo(_group, key, "label"u8, default);

                _shard.FindCounterGroup("{11111111-2222-3333-4444-5555aaaabbbb}"u8);
            }
        }
    }

    [Fact]
    public void Tables_GoRoundBetweenLaneAndWriter()
    {
        _shard.AdvanceTo(Noon);
        _shard.Update(_group, "a"u8, 0, 1);
        _shard.AdvanceTo(Noon + (60 * Second));
        Counters.CounterTable first = _sink.Windows[0].Tables[0];
        _sink.Windows[0].Recycle();
        _shard.Update(_group, "b"u8, 0, 1);
        _shard.Complete();

        Assert.Same(first, _sink.Windows[1].Tables[0]);
        Assert.Null(first.ValueOf("a", 0));
        Assert.Equal(1, first.ValueOf("b", 0));
    }
}
