using Spillway.Metrics.Counters;
using Spillway.Metrics.Groups;
using Spillway.Metrics.Stores;
using static Spillway.Metrics.Tests.Helpers;

namespace Spillway.Metrics.Tests.Stores;

public class HourTablesTests
{
    private readonly CounterGroup _group = RegistryWith(MeterType.Counter).FindCounterGroup(TestGuid)!;

    [Fact]
    public void GrowthBy_KeysThatAreThere_IsNothing()
    {
        var hours = new HourTables();
        CounterTable first = Table(0, 1000);
        Assert.InRange(hours.GrowthBy(first), 1000 * sizeof(double), 1000 * 100);
        hours.Add(first, slice: 1);
        long held = hours.MemoryBytes;

        Assert.Equal(0, hours.GrowthBy(Table(0, 1000)));
        long growth = hours.GrowthBy(Table(500, 1000));
        Assert.InRange(growth, held / 3, held * 2 / 3);
        hours.Add(Table(500, 1000), slice: 2);
        Assert.InRange(hours.MemoryBytes - held, growth * 9 / 10, growth * 11 / 10);
    }

    [Fact]
    public void Clear_NextHour_BeginsAtZero()
    {
        var hours = new HourTables();
        hours.Add(Table(0, 100), slice: 1);
        hours.Clear();
        hours.Add(Table(50, 1), slice: 2);

        HourTables.Part part = Assert.Single(hours.Parts);
        Assert.Equal([2], part.Slices);
        Assert.Equal((1, 1.0), (part.Table.KeyCount, part.Table.ValueOf("k50", 0)));

        hours.Clear();
        hours.Clear(); // an hour without this group
        Assert.Empty(hours.Parts);
        Assert.Equal(0, hours.MemoryBytes);
    }

    private CounterTable Table(int firstKey, int keys)
    {
        var table = new CounterTable(_group);
        for (int key = firstKey; key < firstKey + keys; key++)
            table.Update(Utf8($"k{key}"), 0, 1);
        return table;
    }
}
