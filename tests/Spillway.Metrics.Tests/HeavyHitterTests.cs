using Spillway.Metrics.Counters;
using Spillway.Metrics.Groups;
using static Spillway.Metrics.Tests.Helpers;

namespace Spillway.Metrics.Tests;

/// <summary>
/// What Space-Saving promises (Metwally et al. 2005; an eighth of the keys gives way at once), held against exact sums of random streams.
/// </summary>
public class HeavyHitterTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void FullTable_KeepsEveryKeyThatIsHeavy(int seed)
    {
        const int room = 200;
        var random = new Random(seed);
        CounterTable table = NewTable(room);
        var exact = new Dictionary<string, double>();
        double sum = 0;
        for (int i = 0; i < 60_000; i++)
        {
            // A few keys come often, and thousands once: keys of all lengths.
            int number = random.Next(4) == 0 ? random.Next(40) : random.Next(100_000);
            string key = $"{number}{new string('x', number % 50)}";
            int value = random.Next(1, 1500);
            table.Update(Utf8(key), 0, value);
            exact[key] = exact.GetValueOrDefault(key) + value;
            sum += value;
        }

        Assert.Equal(room, table.KeyCount);
        Assert.True(table.EvictedKeys > 10_000, $"seed {seed}");
        Assert.True(table.MaxShortfall <= sum / room * 8 / 7, $"seed {seed}: {table.MaxShortfall} of {sum}");
        foreach ((string key, double value) in exact)
        {
            double? kept = table.ValueOf(key, 0);
            if (value > table.MaxShortfall)
                Assert.True(kept.HasValue, $"seed {seed}: {key} with {value} is missing");
            if (kept is { } found)
                Assert.InRange(found, value - table.MaxShortfall, value);
        }

        table.Close(null, room);
        Assert.Equal(sum, table.ValueOf("SYS:GROUP_TOTALS", 0));
    }

    [Fact]
    public void Eviction_OfEveryMeterType_KeepsTotalsRight()
    {
        GroupRegistry registry = RegistryWith(
            MeterType.Counter,
            MeterType.Average,
            MeterType.Maximum,
            MeterType.Minimum,
            MeterType.RunningCounter
        );
        var table = new CounterTable(registry.FindCounterGroup(TestGuid)!) { MaxKeys = 2 };
        for (int i = 1; i <= 50; i++)
        {
            byte[] key = Utf8($"key {i}");
            for (int meter = 0; meter < 5; meter++)
                table.Update(key, meter, i);
        }

        table.Close(null, 100);
        int row = CounterTable.TotalsRow;
        double[] totals =
        [
            .. Enumerable.Range(0, 5).Select(meter => table.TryGetValue(row, meter, out double value, out _) ? value : double.NaN),
        ];
        Assert.Equal([1275, 25.5, 50, 1, 1275], totals);
    }

    [Fact]
    public void Merge_OfMoreKeysThanThereIsRoom_KeepsTheLargest()
    {
        CounterTable table = NewTable(10);
        CounterTable other = NewTable(100);
        for (int i = 0; i < 10; i++)
            table.Update(Utf8($"small {i}"), 0, 1);
        for (int i = 0; i < 5; i++)
            other.Update(Utf8($"large {i}"), 0, 1000);

        Assert.Equal(5, table.Merge(other, successive: false, maxKeys: 10));
        table.Close(null, 10);

        for (int i = 0; i < 5; i++)
            Assert.Equal(1000, table.ValueOf($"large {i}", 0));
        Assert.Equal(5010, table.ValueOf("SYS:GROUP_TOTALS", 0));
    }

    [Fact]
    public void FullTable_EqualRanks_TheKeyThatCameFirstGivesWay()
    {
        CounterTable table = NewTable(800);
        for (int i = 0; i < 900; i++)
            table.Update(Utf8($"k{i}"), 0, 1);

        Assert.Equal(100, table.EvictedKeys);
        for (int i = 0; i < 900; i++)
            Assert.Equal(i >= 100, table.ValueOf($"k{i}", 0).HasValue);
    }

    [Fact]
    public void FullTable_KeyThatGrowsWhileOthersGiveWay_Stays()
    {
        CounterTable table = NewTable(80);
        for (int i = 0; i < 80; i++)
            table.Update(Utf8($"k{i}"), 0, 1 + i);
        table.Update("new"u8, 0, 1); // the least eighth is known now: k0 went, k5 is among those to go
        table.Update("k5"u8, 0, 1000);
        for (int i = 0; i < 40; i++)
            table.Update(Utf8($"once {i}"), 0, 1);

        Assert.Equal(1006, table.ValueOf("k5", 0));
        Assert.Null(table.ValueOf("k6", 0));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(1000)]
    public void Select_AnyOrder_BringsTheLeastToTheFront(int size)
    {
        var random = new Random(size);
        Ranked[][] orders =
        [
            [.. Enumerable.Range(0, size).Select(i => new Ranked(i, i))],
            [.. Enumerable.Range(0, size).Select(i => new Ranked(size - i, i))],
            [.. Enumerable.Range(0, size).Select(i => new Ranked(7, i))],
            [.. Enumerable.Range(0, size).Select(i => new Ranked(random.Next(10), i))],
            [.. Enumerable.Range(0, size).Select(i => new Ranked(Math.Abs(i - (size / 2)), i))],
        ];
        foreach (Ranked[] order in orders)
        {
            foreach (int count in new[] { 1, size / 8, size / 2, size }.Where(count => count > 0))
            {
                Ranked[] rows = [.. order];
                Ranked.Select(rows, count);
                Assert.Equal(order.Order().Take(count), rows.Take(count).Order());
            }
        }
    }

    [Fact]
    public void Clear_ForgetsEvictions()
    {
        CounterTable table = NewTable(2);
        for (int i = 0; i < 100; i++)
            table.Update(Utf8($"k{i}"), 0, i);
        table.Clear();
        table.Update("a"u8, 0, 1);
        table.Update("b"u8, 0, 1);

        Assert.Equal((0, 0.0, 2), (table.EvictedKeys, table.MaxShortfall, table.KeyCount));
        Assert.Equal(UpdateResult.Evicted, table.Update("c"u8, 0, 1));
        Assert.Equal(1, table.MaxShortfall);
    }

    private static CounterTable NewTable(int maxKeys) =>
        new(RegistryWith(MeterType.Counter).FindCounterGroup(TestGuid)!) { MaxKeys = maxKeys };
}
