using Spillway.Net.Flows;
using Spillway.Net.Packets;

namespace Spillway.Net.Tests.Flows;

public class FlowTableIndexTests
{
    [Theory]
    [InlineData(0xFFFFFFFF)] // hashes as they are
    [InlineData(0xFFFF0000)] // all begin their probes at the same slot
    [InlineData(0x0000FFFF)] // the upper bits tell nothing apart
    [InlineData(0x00000003)] // thousands have the same hash
    public void FindAndRemove_FlowsComeAndGo_AsADictionaryWould(uint mask)
    {
        var random = new Random(unchecked((int)mask));
        var index = new FlowTableIndex();
        var flows = new Dictionary<FlowKey, (Flow Flow, int Hash)>();
        int most = mask == 3 ? 1500 : 20_000;
        foreach (int target in (ReadOnlySpan<int>)[most, most / 10, most / 2, 0, 100])
        {
            while (flows.Count != target)
            {
                if (flows.Count < target)
                    Add(index, flows, random, mask);
                else
                    Remove(index, flows, random);
            }

            Assert.Equal(target, index.Count);
            Assert.All(flows, entry => Assert.Same(entry.Value.Flow, index.Find(entry.Key, entry.Value.Hash)));
            Assert.Null(index.Find(KeyOf(-1), random.Next()));
        }
    }

    [Fact]
    public void Remove_MostFlowsGone_GivesMemoryBack()
    {
        var index = new FlowTableIndex();
        var flows = new Dictionary<FlowKey, (Flow Flow, int Hash)>();
        var random = new Random(1);
        while (flows.Count < 50_000)
            Add(index, flows, random, uint.MaxValue);
        int full = index.PageCount;
        Assert.InRange(full, 50_000 / 192, 50_000 / 64);
        while (flows.Count > 500)
            Remove(index, flows, random);

        Assert.InRange(index.PageCount, 1, full / 8);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public void Add_HashesAllAlike_HoldsAsManyAsOnePageAndNoDirectory(int mask)
    {
        var index = new FlowTableIndex();
        var left = new List<Flow>();
        for (int i = 0; i < 5_000; i++)
        {
            int hash = i & mask;
            if (index.MakeRoom(hash) is { } crowding)
            {
                index.Remove(crowding, (int)(crowding.Key.AddressA - 1000) & mask);
                left.Add(crowding);
            }

            FlowKey key = KeyOf(i + 1000);
            index.Add(new Flow(in key, i, i), hash);
        }

        Assert.InRange(index.Count, 1, FlowTablePage.MostFlows);
        Assert.Equal(5_000, index.Count + left.Count);
        Assert.InRange(index.PageCount, 1, 32);
        // The quietest leave first.
        Assert.Equal(left.Select(flow => flow.Number).Order(), left.Select(flow => flow.Number));
    }

    private static void Add(FlowTableIndex index, Dictionary<FlowKey, (Flow Flow, int Hash)> flows, Random random, uint mask)
    {
        FlowKey key = KeyOf(random.Next());
        int hash = unchecked((int)(random.NextInt64(1L << 32) & mask));
        if (!flows.TryAdd(key, (new Flow(in key, 1, 0), hash)))
            return;
        index.MakeRoom(hash); // chance may crowd a page where hashes are few: it holds them all the same
        index.Add(flows[key].Flow, hash);
    }

    private static void Remove(FlowTableIndex index, Dictionary<FlowKey, (Flow Flow, int Hash)> flows, Random random)
    {
        // A dictionary's order is near enough to chance here, and picking by number would be slow.
        FlowKey key = flows.Keys.Skip(random.Next(Math.Min(flows.Count, 50))).First();
        flows.Remove(key, out (Flow Flow, int Hash) entry);
        index.Remove(entry.Flow, entry.Hash);
        Assert.Null(index.Find(in key, entry.Hash));
    }

    private static FlowKey KeyOf(int number) => FlowKey.Create((uint)number, 40000, 1, 80, protocol: 6, version: 4, out _);
}
