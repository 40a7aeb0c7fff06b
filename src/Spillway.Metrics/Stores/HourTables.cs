using Spillway.Metrics.Counters;

namespace Spillway.Metrics.Stores;

/// <summary>
/// The sums of the hour that is being written, group by group, with the slices that are in them. Kept beside the writing, since to read the
/// slices again and sort them would cost half as much as it cost to write them.
/// </summary>
internal sealed class HourTables
{
    private readonly SortedDictionary<int, Part> _parts = [];

    /// <summary>The groups in their order.</summary>
    public IEnumerable<Part> Parts => _parts.Values;

    /// <summary>Bytes that the sums take.</summary>
    public long MemoryBytes { get; private set; }

    /// <summary>Bytes that they take more if a table is added: those of the keys that are new.</summary>
    public long GrowthBy(CounterTable table)
    {
        if (!_parts.TryGetValue(table.Group.Index, out Part? part))
            return table.UsedBytes;
        int added = 0;
        for (int row = 0; row < table.RowCount; row++)
        {
            if (part.Table.FindRow(table.KeyAt(row)) < 0)
                added++;
        }

        return table.UsedBytes / table.RowCount * added;
    }

    /// <summary>Adds a closed table that was written as a slice.</summary>
    public void Add(CounterTable table, long slice)
    {
        if (!_parts.TryGetValue(table.Group.Index, out Part? part))
            _parts.Add(table.Group.Index, part = new Part(new CounterTable(table.Group)));
        MemoryBytes -= part.Table.UsedBytes;
        if (part.Table.MeterCount < table.MeterCount)
        {
            // The group has got more meters since.
            var grown = new CounterTable(table.Group);
            grown.Merge(part.Table, successive: true, int.MaxValue);
            part.Table = grown;
        }

        part.Table.Merge(table, successive: true, int.MaxValue);
        part.Slices.Add(slice);
        MemoryBytes += part.Table.UsedBytes;
    }

    /// <summary>Begins another hour. Tables are kept for it, those of groups that had nothing in this one are not.</summary>
    public void Clear()
    {
        MemoryBytes = 0;
        foreach ((int group, Part part) in _parts.ToArray())
        {
            if (part.Slices.Count == 0 || !part.Table.IsCurrent)
            {
                _parts.Remove(group);
                continue;
            }

            part.Table.Clear();
            part.Slices.Clear();
            MemoryBytes += part.Table.UsedBytes;
        }
    }

    /// <summary>What a group has in the hour.</summary>
    internal sealed class Part(CounterTable table)
    {
        /// <summary>The sums.</summary>
        public CounterTable Table { get; set; } = table;

        /// <summary>The slices that are in them.</summary>
        public List<long> Slices { get; } = [];
    }
}
