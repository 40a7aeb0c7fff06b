namespace Spillway.Metrics.Counters;

/// <summary>
/// Brings the lanes' parts of each window together. A window is complete when every lane has delivered it or gone past it; its parts
/// are then merged in the order of the lanes, so that the result does not depend on who came first. Lanes never wait for each other:
/// when one lags behind by too many windows, the oldest goes on without it, and its part follows by itself.
/// </summary>
internal sealed class WindowMerger
{
    /// <summary>Windows that may wait for a lane, where lanes do not wait for the writer.</summary>
    public const int MaxOpenWindows = 8;

    private static readonly (int Epoch, long StartNs) First = (int.MinValue, long.MinValue),
        Last = (int.MaxValue, long.MaxValue);

    private readonly int _maxKeys;
    private readonly int _maxOpenWindows;
    private readonly (int Epoch, long StartNs)[] _delivered;
    private readonly SortedDictionary<(int Epoch, long StartNs), CounterWindow?[]> _open = [];
    private readonly List<CounterWindow> _ready = [];
    private (int Epoch, long StartNs) _passed = First;

    /// <summary>Creates a merger.</summary>
    /// <param name="lanes">How many lanes there are.</param>
    /// <param name="maxKeys">Most keys of a group in a window.</param>
    /// <param name="maxOpenWindows">Windows that may wait for a lane. Where lanes wait for the writer, what bounds them is the packets
    /// between two lanes.</param>
    public WindowMerger(int lanes, int maxKeys, int maxOpenWindows = MaxOpenWindows)
    {
        _maxKeys = maxKeys;
        _maxOpenWindows = maxOpenWindows;
        _delivered = new (int, long)[lanes];
        Array.Fill(_delivered, First);
    }

    /// <summary>The earliest window that waits for a lane; beyond all if none does.</summary>
    public (int Epoch, long StartNs) Earliest => _open.Count > 0 ? _open.First().Key : Last;

    /// <summary>Takes a part and returns the windows that are complete now, oldest first; valid until the next call.</summary>
    public List<CounterWindow> Add(CounterWindow part)
    {
        _ready.Clear();
        (int, long) key = KeyOf(part);
        _delivered[part.Lane] = part.IsLast ? Last : Later(_delivered[part.Lane], key);
        if ((_delivered.Length == 1 && _open.Count == 0) || (key.CompareTo(_passed) <= 0 && !_open.ContainsKey(key)))
            _ready.Add(part);
        else
            Keep(part);

        (int, long) complete = _delivered.Min();
        while (_open.Count > 0)
        {
            ((int, long) start, CounterWindow?[] parts) = _open.First();
            if (start.CompareTo(complete) > 0 && _open.Count <= _maxOpenWindows)
                break;
            _open.Remove(start);
            _passed = start;
            _ready.Add(Join(parts));
        }

        return _ready;
    }

    /// <summary>Takes a part of a window that goes on, and gives what its lane has of it so far. The part keeps its tables.</summary>
    public CounterWindow AddPart(CounterWindow part)
    {
        if (!_open.TryGetValue(KeyOf(part), out CounterWindow?[]? parts))
            _open.Add(KeyOf(part), parts = new CounterWindow?[_delivered.Length]);
        CounterWindow open = parts[part.Lane] ??= part.EmptyCopy();
        open.MergeCopy(part, _maxKeys);
        return open;
    }

    private void Keep(CounterWindow part)
    {
        if (!_open.TryGetValue(KeyOf(part), out CounterWindow?[]? parts))
            _open.Add(KeyOf(part), parts = new CounterWindow?[_delivered.Length]);
        if (parts[part.Lane] is { } earlier)
            earlier.Merge(part, _maxKeys);
        else
            parts[part.Lane] = part;
    }

    /// <summary>Where a window is in their order.</summary>
    public static (int Epoch, long StartNs) KeyOf(CounterWindow window) => (window.Epoch, window.StartNs);

    private static (int Epoch, long StartNs) Later((int Epoch, long StartNs) one, (int Epoch, long StartNs) other) =>
        one.CompareTo(other) >= 0 ? one : other;

    private CounterWindow Join(CounterWindow?[] parts)
    {
        CounterWindow? joined = null;
        foreach (CounterWindow? part in parts)
        {
            if (part is null)
                continue;
            if (joined is null)
                joined = part;
            else
                joined.Merge(part, _maxKeys);
        }

        return joined!;
    }
}
