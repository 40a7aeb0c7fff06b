namespace Spillway.Metrics.Counters;

/// <summary>
/// Brings the lanes' parts of each window together. A window is complete when every lane has delivered it or gone past it; its parts
/// are then merged in the order of the lanes, so that the result does not depend on who came first. Lanes never wait:
/// when one lags behind by too many windows, the oldest goes on without it, and its part follows by itself.
/// </summary>
internal sealed class WindowMerger
{
    private const int MaxOpenWindows = 8;

    private readonly int _maxKeys;
    private readonly long[] _delivered;
    private readonly SortedDictionary<long, CounterWindow?[]> _open = [];
    private readonly List<CounterWindow> _ready = [];
    private long _passed = long.MinValue;

    public WindowMerger(int lanes, int maxKeys)
    {
        _maxKeys = maxKeys;
        _delivered = new long[lanes];
        Array.Fill(_delivered, long.MinValue);
    }

    /// <summary>Takes a part and returns the windows that are complete now, oldest first; valid until the next call.</summary>
    public List<CounterWindow> Add(CounterWindow part)
    {
        _ready.Clear();
        _delivered[part.Lane] = part.IsLast ? long.MaxValue : Math.Max(_delivered[part.Lane], part.StartNs);
        if ((_delivered.Length == 1 && _open.Count == 0) || (part.StartNs <= _passed && !_open.ContainsKey(part.StartNs))) _ready.Add(part);
        else Keep(part);

        long complete = _delivered.Min();
        while (_open.Count > 0)
        {
            (long start, CounterWindow?[] parts) = _open.First();
            if (start > complete && _open.Count <= MaxOpenWindows) break;
            _open.Remove(start);
            _passed = start;
            _ready.Add(Join(parts));
        }

        return _ready;
    }

    /// <summary>Takes a part of a window that goes on, and gives what its lane has of it so far. The part keeps its tables.</summary>
    public CounterWindow AddPart(CounterWindow part)
    {
        if (!_open.TryGetValue(part.StartNs, out CounterWindow?[]? parts)) _open.Add(part.StartNs, parts = new CounterWindow?[_delivered.Length]);
        CounterWindow open = parts[part.Lane] ??= part.EmptyCopy();
        open.MergeCopy(part, _maxKeys);
        return open;
    }

    private void Keep(CounterWindow part)
    {
        if (!_open.TryGetValue(part.StartNs, out CounterWindow?[]? parts)) _open.Add(part.StartNs, parts = new CounterWindow?[_delivered.Length]);
        if (parts[part.Lane] is { } earlier) earlier.Merge(part, _maxKeys);
        else parts[part.Lane] = part;
    }

    private CounterWindow Join(CounterWindow?[] parts)
    {
        CounterWindow? joined = null;
        foreach (CounterWindow? part in parts)
        {
            if (part is null) continue;
            if (joined is null) joined = part;
            else joined.Merge(part, _maxKeys);
        }

        return joined!;
    }
}
