using System.Buffers.Binary;
using Spillway.Metrics.Counters;
using Spillway.Metrics.Groups;
using static Spillway.Metrics.Tests.Helpers;

namespace Spillway.Metrics.Tests;

public class CounterTableTests
{
    private static CounterTable NewTable(params MeterType[] types) => new(RegistryWith(types).FindCounterGroup(TestGuid)!);

    [Fact]
    public void Update_ManyKeysOfAllLengths_AgreesWithADictionary()
    {
        const int seed = 4711;
        var random = new Random(seed);
        CounterTable table = NewTable(MeterType.Counter, MeterType.Maximum);
        var expected = new Dictionary<string, double>();
        for (int i = 0; i < 60_000; i++)
        {
            // Few enough different keys that most come again, of every length.
            byte[] key = new byte[random.Next(2, 256)];
            BinaryPrimitives.WriteUInt16LittleEndian(key, (ushort)random.Next(100));
            string text = Convert.ToHexString(key);
            expected[text] = expected.GetValueOrDefault(text) + i;
            table.Update(key, 0, i);
        }

        Assert.True(expected.Count == table.KeyCount, $"seed {seed}");
        for (int row = 1; row < table.RowCount; row++)
        {
            Assert.True(table.TryGetValue(row, 0, out double value, out _));
            Assert.Equal(expected[Convert.ToHexString(table.KeyAt(row))], value);
        }
    }

    [Fact]
    public void Rows_AreInOrderOfArrival()
    {
        CounterTable table = NewTable(MeterType.Counter);
        for (int i = 0; i < 2000; i++)
            table.Update(Utf8($"key {i}"), 0, 1);

        for (int i = 0; i < 2000; i++)
            Assert.Equal($"key {i}", System.Text.Encoding.UTF8.GetString(table.KeyAt(i + 1)));
    }

    [Fact]
    public void Clear_LeavesNoValueBehindAndKeepsMemoryInUse()
    {
        CounterTable table = NewTable(MeterType.Counter, MeterType.Average);
        for (int i = 0; i < 3000; i++)
            table.Update(Utf8($"key {i}"), i & 1, 5);
        long before = table.MemoryBytes;

        table.Clear();
        Assert.Equal(0, table.KeyCount);
        Assert.Equal(before, table.MemoryBytes);
        table.Update("key 1"u8, 0, 7);

        Assert.Equal(7, table.ValueOf("key 1", 0));
        Assert.Null(table.ValueOf("key 1", 1));
        Assert.Null(table.ValueOf("key 2", 0));
    }

    [Fact]
    public void Clear_AfterASpike_GivesMemoryBack()
    {
        CounterTable table = NewTable(MeterType.Counter);
        for (int i = 0; i < 100_000; i++)
            table.Update(Utf8($"key {i}"), 0, 1);
        long spike = table.MemoryBytes;

        table.Clear();
        table.Update("one"u8, 0, 1);
        table.Clear();

        Assert.True(table.MemoryBytes < spike / 20, $"{table.MemoryBytes} of {spike} bytes are still held");
    }

    [Fact]
    public void Update_NoRoomForKey_TakesThePlaceOfTheLeast()
    {
        CounterTable table = NewTable(MeterType.Counter);
        table.MaxKeys = 2;
        table.Update("a"u8, 0, 1);
        table.Update("b"u8, 0, 2);

        Assert.Equal(UpdateResult.Evicted, table.Update("c"u8, 0, 10));
        Assert.Equal(UpdateResult.Updated, table.Update("c"u8, 0, 1));
        table.Close(null, 100);

        Assert.Equal(2, table.KeyCount);
        Assert.Null(table.ValueOf("a", 0));
        Assert.Equal(2, table.ValueOf("b", 0));
        Assert.Equal(11, table.ValueOf("c", 0));
        Assert.Equal((1, 1), (table.EvictedKeys, table.MaxShortfall));
        Assert.Equal(14, table.ValueOf("SYS:GROUP_TOTALS", 0));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(1)]
    [InlineData(64)]
    [InlineData(int.MinValue)]
    public void Update_UnknownMeter_ChangesNothing(int meter)
    {
        CounterTable table = NewTable(MeterType.Counter);

        Assert.Equal(UpdateResult.UnknownMeter, table.Update("a"u8, meter, 1));
        Assert.Equal(0, table.KeyCount);
    }

    [Fact]
    public void Merge_OlderLayout_FindsMetersByTheirIds()
    {
        GroupRegistry registry = new();
        CounterGroup group = registry.Add(
            new CounterGroupDefinition
            {
                Guid = TestGuid,
                Name = "T",
                Meters = [Meter(1, MeterType.Counter)],
            }
        );
        var older = new CounterTable(group);
        older.Update("a"u8, 1, 5);
        registry.Add(
            new CounterGroupDefinition
            {
                Guid = TestGuid,
                Name = "T",
                Meters = [Meter(0, MeterType.Average)],
            }
        );
        var newer = new CounterTable(group);
        newer.Update("a"u8, 0, 9);

        newer.Merge(older, successive: true, 10);

        Assert.False(older.IsCurrent);
        Assert.Equal(9, newer.ValueOf("a", 0));
        Assert.Equal(5, newer.ValueOf("a", 1));
    }

    [Fact]
    public void KeyArena_KeysOfOddLengths_SurviveSlabBorders()
    {
        var arena = new KeyArena();
        var references = new List<(int Reference, byte[] Key)>();
        for (int i = 0; i < 3000; i++)
        {
            byte[] key = new byte[i % 256];
            Array.Fill(key, (byte)i);
            references.Add((arena.Add(key), key));
        }

        foreach ((int reference, byte[] key) in references)
            Assert.Equal(key, arena[reference].ToArray());
        Assert.True(arena.MemoryBytes >= 3000 * 128);
    }
}
