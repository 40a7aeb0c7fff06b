namespace Spillway.Metrics.Counters;

/// <summary>
/// Windows that packet time has left and may come back to, as it does in merged captures: they wait here, so that a window which is entered
/// a thousand times is closed and written once. Bounded by its memory; the one that was left longest ago is closed first. One thread.
/// </summary>
internal sealed class ReturningWindows(int maxKeys)
{
    private const long MostBytes = 64 << 20;
    private const int MostWindows = 4096;

    private readonly Dictionary<long, LinkedListNode<Held>> _byStart = [];
    private readonly LinkedList<Held> _order = new(); // by the time when they were left
    private readonly List<CounterWindow> _ready = [];
    private long _bytes;

    /// <summary>Windows that wait.</summary>
    public int Count => _byStart.Count;

    /// <summary>Takes a window and returns those to be closed now; valid until the next call.</summary>
    public List<CounterWindow> Add(CounterWindow window)
    {
        _ready.Clear();
        if (_byStart.Remove(window.StartNs, out LinkedListNode<Held>? known))
        {
            _order.Remove(known);
            _bytes -= known.Value.Bytes;
            bool mayReturn = window.MayReturn;
            known.Value.Window.Merge(window, maxKeys);
            known.Value.Window.IsLast = window.IsLast;
            window = known.Value.Window;
            window.MayReturn = mayReturn;
        }

        if (window.MayReturn && !window.IsLast)
            Hold(window);
        // Time is steady again, or at its end.
        else
        {
            while (_order.First is not null)
                Release();
            _ready.Add(window);
        }

        while (_bytes > MostBytes || _byStart.Count > MostWindows)
            Release();
        return _ready;
    }

    private void Hold(CounterWindow window)
    {
        long bytes = window.MemoryBytes;
        _bytes += bytes;
        _byStart.Add(window.StartNs, _order.AddLast(new Held(window, bytes)));
    }

    private void Release()
    {
        Held first = _order.First!.Value;
        _order.RemoveFirst();
        _byStart.Remove(first.Window.StartNs);
        _bytes -= first.Bytes;
        _ready.Add(first.Window);
    }

    private readonly record struct Held(CounterWindow Window, long Bytes);
}
