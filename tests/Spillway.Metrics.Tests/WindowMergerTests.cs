using Spillway.Metrics.Counters;
using Spillway.Metrics.Groups;
using static Spillway.Metrics.Tests.Helpers;

namespace Spillway.Metrics.Tests;

public class WindowMergerTests
{
    private readonly CounterGroup _group = RegistryWith(MeterType.Counter, MeterType.Gauge).FindCounterGroup(TestGuid)!;
    private readonly TablePool _pool = new();

    [Fact]
    public void Add_OneLane_PassesThrough()
    {
        var merger = new WindowMerger(1, 100);
        CounterWindow part = Part(0, 5, 1);

        Assert.Same(part, Assert.Single(merger.Add(part)));
    }

    [Fact]
    public void Add_TwoLanes_WaitsForBothAndMergesInOrderOfLanes()
    {
        var merger = new WindowMerger(2, 100);

        Assert.Empty(merger.Add(Part(1, 0, 10)));
        Assert.Empty(merger.Add(Part(1, 60, 20)));
        CounterWindow merged = Assert.Single(merger.Add(Part(0, 0, 1)));

        Assert.Equal(0, merged.StartNs);
        Assert.Equal(11, merged.Tables[0].ValueOf("k", 0));
        Assert.Equal(10, merged.Tables[0].ValueOf("k", 1));
    }

    [Fact]
    public void Add_LaneSkipsAWindow_ItGoesOnWithoutIt()
    {
        var merger = new WindowMerger(2, 100);
        merger.Add(Part(0, 0, 1));
        merger.Add(Part(0, 60, 1));

        Assert.Equal([0, 60], merger.Add(Part(1, 120, 1)).Select(window => window.StartNs));
    }

    [Fact]
    public void Add_LaneEnds_NobodyWaitsForIt()
    {
        var merger = new WindowMerger(2, 100);
        merger.Add(Part(0, 0, 1));
        merger.Add(Part(0, 60, 1));

        Assert.Equal([0, 60], merger.Add(Part(1, 0, 1, isLast: true)).Select(window => window.StartNs));
        Assert.Equal([120], merger.Add(Part(0, 120, 1, isLast: true)).Select(window => window.StartNs));
    }

    [Fact]
    public void Add_LaneLagsBehind_OldestGoesOnAndItsPartFollows()
    {
        var merger = new WindowMerger(2, 100);
        var ready = new List<long>();
        for (int i = 0; i < 9; i++)
            ready.AddRange(merger.Add(Part(0, i * 60, 1)).Select(window => window.StartNs));
        Assert.Equal([0], ready);

        CounterWindow late = Part(1, 0, 7);
        Assert.Contains(late, merger.Add(late));
        Assert.Equal(7, late.Tables[0].ValueOf("k", 0));
    }

    [Fact]
    public void Add_SameWindowTwiceFromOneLane_AddsUp()
    {
        var merger = new WindowMerger(2, 100);
        merger.Add(Part(0, 0, 1));
        merger.Add(Part(0, 0, 2));

        Assert.Equal(6, Assert.Single(merger.Add(Part(1, 0, 3))).Tables[0].ValueOf("k", 0));
    }

    private CounterWindow Part(int lane, long start, double value, bool isLast = false)
    {
        CounterTable table = _pool.Take(_group);
        table.Update("k"u8, 0, value);
        table.Update("k"u8, 1, value);
        return new CounterWindow(lane, start, [table], _pool) { IsLast = isLast };
    }
}
