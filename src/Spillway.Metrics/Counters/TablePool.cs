using System.Collections.Concurrent;
using Spillway.Metrics.Groups;

namespace Spillway.Metrics.Counters;

/// <summary>Keeps one spare table per group, so that a lane and the writer take turns with two. Thread-safe.</summary>
internal sealed class TablePool
{
    private readonly ConcurrentDictionary<int, CounterTable> _spare = new();

    public CounterTable Take(CounterGroup group) =>
        _spare.TryRemove(group.Index, out CounterTable? table) && table.IsCurrent ? table : new CounterTable(group);

    public void Return(CounterTable table)
    {
        if (!table.IsCurrent || _spare.ContainsKey(table.Group.Index))
            return;
        table.Clear();
        _spare.TryAdd(table.Group.Index, table);
    }
}
