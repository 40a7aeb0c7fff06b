using Spillway.Metrics.Groups;

namespace Spillway.Metrics.Counters;

/// <summary>The counters of one lane, or of all, in one streaming window. Handed over whole: the receiver owns the tables.</summary>
public sealed class CounterWindow
{
    private readonly List<CounterTable> _tables;
    private readonly TablePool _pool;

    internal CounterWindow(int lane, long startNs, List<CounterTable> tables, TablePool pool)
    {
        Lane = lane;
        StartNs = startNs;
        _tables = tables;
        _pool = pool;
    }

    /// <summary>The lane that counted.</summary>
    public int Lane { get; }

    /// <summary>Packet time of the window's start, nanoseconds since 1970 UTC.</summary>
    public long StartNs { get; }

    /// <summary>
    /// How often packet time had stepped back before, in its lane: windows are in the order of this, then of their starts.
    /// </summary>
    public int Epoch { get; internal init; }

    /// <summary>The tables in order of their groups; none without an update.</summary>
    public IReadOnlyList<CounterTable> Tables => _tables;

    /// <summary>True for the last window of its lane.</summary>
    public bool IsLast { get; internal set; }

    /// <summary>True if more of the window will come from the same lane.</summary>
    public bool IsPart { get; internal init; }

    /// <summary>True if packet time jumps to and fro, so that more of the window may come later.</summary>
    public bool MayReturn { get; internal set; }

    /// <summary>Bytes held by its tables.</summary>
    internal long MemoryBytes
    {
        get
        {
            long bytes = 0;
            foreach (CounterTable table in _tables)
                bytes += table.MemoryBytes;
            return bytes;
        }
    }

    /// <summary>Packet time at which the lane handed it over, within the window; nanoseconds since 1970 UTC.</summary>
    public long EndNs { get; internal set; }

    /// <summary>The table of a group, or null.</summary>
    public CounterTable? Find(int group) => _tables.Find(table => table.Group.Index == group);

    /// <summary>Adds the part that another lane counted, and takes its tables.</summary>
    internal void Merge(CounterWindow other, int maxKeys)
    {
        EndNs = Math.Max(EndNs, other.EndNs);
        IsLast &= other.IsLast;
        MayReturn |= other.MayReturn;
        foreach (CounterTable theirs in other._tables)
        {
            if (Merge(theirs, maxKeys))
                other._pool.Return(theirs);
        }

        other._tables.Clear();
    }

    /// <summary>The table of a group, made if need be.</summary>
    internal CounterTable Open(CounterGroup group, int maxKeys)
    {
        if (Find(group.Index) is { } table)
            return table;
        Merge(_pool.Take(group), maxKeys);
        table = Find(group.Index)!;
        table.MaxKeys = maxKeys;
        return table;
    }

    /// <summary>The same window without tables.</summary>
    internal CounterWindow EmptyCopy() =>
        new(Lane, StartNs, [], _pool)
        {
            IsLast = IsLast,
            EndNs = EndNs,
            MayReturn = MayReturn,
            Epoch = Epoch,
        };

    /// <summary>Adds the part that a lane has counted since the part before, and leaves the part as it is.</summary>
    internal void MergeCopy(CounterWindow part, int maxKeys)
    {
        EndNs = Math.Max(EndNs, part.EndNs);
        foreach (CounterTable theirs in part._tables)
        {
            if (Find(theirs.Group.Index) is null)
                Merge(_pool.Take(theirs.Group), maxKeys);
            Merge(theirs, maxKeys);
        }
    }

    /// <summary>Adds a table. False if it is now one of this window's own.</summary>
    internal bool Merge(CounterTable theirs, int maxKeys)
    {
        int i = _tables.FindIndex(table => table.Group.Index >= theirs.Group.Index);
        if (i >= 0 && _tables[i].Group.Index == theirs.Group.Index)
        {
            _tables[i].Merge(theirs, successive: false, maxKeys);
            return true;
        }

        _tables.Insert(i < 0 ? _tables.Count : i, theirs);
        return false;
    }

    /// <summary>Gives the tables back to be filled again. Nothing may be read from them afterwards.</summary>
    internal void Recycle()
    {
        foreach (CounterTable table in _tables)
            _pool.Return(table);
        _tables.Clear();
    }
}
