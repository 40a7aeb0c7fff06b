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

    /// <summary>The tables in order of their groups; none without an update.</summary>
    public IReadOnlyList<CounterTable> Tables => _tables;

    /// <summary>True for the last window of its lane.</summary>
    public bool IsLast { get; internal init; }

    /// <summary>Adds the part that another lane counted, and takes its tables.</summary>
    internal void Merge(CounterWindow other, int maxKeys)
    {
        foreach (CounterTable theirs in other._tables)
        {
            int i = _tables.FindIndex(table => table.Group.Index >= theirs.Group.Index);
            if (i >= 0 && _tables[i].Group.Index == theirs.Group.Index)
            {
                _tables[i].Merge(theirs, successive: false, maxKeys);
                other._pool.Return(theirs);
            }
            else
            {
                _tables.Insert(i < 0 ? _tables.Count : i, theirs);
            }
        }

        other._tables.Clear();
    }

    /// <summary>Gives the tables back to be filled again. Nothing may be read from them afterwards.</summary>
    internal void Recycle()
    {
        foreach (CounterTable table in _tables) _pool.Return(table);
        _tables.Clear();
    }
}
