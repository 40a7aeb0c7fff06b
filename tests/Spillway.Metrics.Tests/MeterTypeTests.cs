using Spillway.Metrics.Counters;
using Spillway.Metrics.Groups;
using Spillway.Metrics.Results;
using static Spillway.Metrics.Tests.Helpers;

namespace Spillway.Metrics.Tests;

/// <summary>The table of T.K.vartype: what two windows of samples become.</summary>
public class MeterTypeTests
{
    private static readonly double[] FirstWindow = [10, 30, 20];
    private static readonly double[] SecondWindow = [25, 5];

    [Theory]
    [InlineData(MeterType.Counter, 60.0, 30.0, 90.0)]
    [InlineData(MeterType.RateCounter, 60.0, 30.0, 90.0)]
    [InlineData(MeterType.Gauge, 20.0, 5.0, 5.0)]
    [InlineData(MeterType.RunningCounter, 60.0, 90.0, 90.0)]
    [InlineData(MeterType.Average, 20.0, 15.0, 18.0)]
    [InlineData(MeterType.DeltaRateCounter, 20.0, 5.0, 25.0)]
    [InlineData(MeterType.Maximum, 30.0, 25.0, 30.0)]
    [InlineData(MeterType.Minimum, 10.0, 5.0, 5.0)]
    public void Samples_OfTwoWindows_BecomeTheValueOfTheType(MeterType type, double first, double second, double run)
    {
        GroupRegistry registry = RegistryWith(type);
        var aggregates = new RunAggregates(registry, new MetricOptions());
        var sink = new CollectingSink();
        var shard = new Shards.MetricShard(registry, new MetricOptions(), 0, sink);
        int group = shard.FindCounterGroup(Utf8(TestGuid));

        shard.AdvanceTo(Noon);
        foreach (double sample in FirstWindow)
            shard.Update(group, "key"u8, 0, sample);
        shard.AdvanceTo(Noon + (60 * Second));
        foreach (double sample in SecondWindow)
            shard.Update(group, "key"u8, 0, sample);
        shard.Complete();

        aggregates.Close(sink.Windows[0]);
        aggregates.Close(sink.Windows[1]);
        Assert.Equal(first, sink.Windows[0].Tables[0].ValueOf("key", 0));
        Assert.Equal(second, sink.Windows[1].Tables[0].ValueOf("key", 0));
        Assert.Equal(run, aggregates.Toppers(1)[0].Keys[0].Value);
    }

    [Theory]
    [InlineData(MeterType.Counter, 12.0)]
    [InlineData(MeterType.RateCounter, 12.0)]
    [InlineData(MeterType.Gauge, 10.0)]
    [InlineData(MeterType.RunningCounter, 12.0)]
    [InlineData(MeterType.Average, 4.0)]
    [InlineData(MeterType.DeltaRateCounter, 1.0)]
    [InlineData(MeterType.Maximum, 7.0)]
    [InlineData(MeterType.Minimum, 2.0)]
    public void GroupTotals_AreComputedFromTheKeys(MeterType type, double expected)
    {
        var table = new CounterTable(RegistryWith(type).FindCounterGroup(TestGuid)!);
        table.Update("a"u8, 0, 2);
        table.Update("a"u8, 0, 3);
        table.Update("b"u8, 0, 7);

        table.Close(new CounterTable(table.Group), 100);

        Assert.Equal(expected, table.ValueOf("SYS:GROUP_TOTALS", 0));
    }

    [Fact]
    public void RunningCounter_NegativeSamples_CountDown()
    {
        var table = new CounterTable(RegistryWith(MeterType.RunningCounter).FindCounterGroup(TestGuid)!);
        table.Update("a"u8, 0, 3);
        table.Update("a"u8, 0, -5);

        table.Close(new CounterTable(table.Group), 100);

        Assert.Equal(-2, table.ValueOf("a", 0));
    }

    [Fact]
    public void DeltaRate_FirstAndDecreasingReading_GiveNoValue()
    {
        CounterGroup group = RegistryWith(MeterType.DeltaRateCounter).FindCounterGroup(TestGuid)!;
        var carried = new CounterTable(group);
        double?[] values =
        [
            .. new double[] { 1000, 1600, 40, 90 }.Select(reading =>
            {
                var table = new CounterTable(group);
                table.Update("if1"u8, 0, reading);
                table.Close(carried, 100);
                return table.ValueOf("if1", 0);
            }),
        ];

        Assert.Equal([null, 600, null, 50], values);
    }

    [Theory]
    [InlineData(MeterType.Counter, 8.0)]
    [InlineData(MeterType.Gauge, 5.0)]
    [InlineData(MeterType.RunningCounter, 8.0)]
    [InlineData(MeterType.Average, 4.0)]
    [InlineData(MeterType.Maximum, 5.0)]
    [InlineData(MeterType.Minimum, 3.0)]
    public void PartsOfTwoLanes_MergeToOneWindow(MeterType type, double expected)
    {
        CounterGroup group = RegistryWith(type).FindCounterGroup(TestGuid)!;
        var table = new CounterTable(group);
        var other = new CounterTable(group);
        table.Update("a"u8, 0, 3);
        other.Update("a"u8, 0, 5);
        other.Update("b"u8, 0, 1);

        table.Merge(other, successive: false, maxKeys: 10);

        Assert.Equal(expected, table.ValueOf("a", 0));
        Assert.Equal(1, table.ValueOf("b", 0));
    }

    [Fact]
    public void EmptyMeter_HasNoValue()
    {
        var table = new CounterTable(RegistryWith(MeterType.Average, MeterType.Counter).FindCounterGroup(TestGuid)!);
        table.Update("a"u8, 1, 1);

        Assert.Null(table.ValueOf("a", 0));
        Assert.Equal(1, table.ValueOf("a", 1));
    }
}
