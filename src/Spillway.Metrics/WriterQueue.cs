using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;

namespace Spillway.Metrics;

/// <summary>
/// What lanes have handed over and the writer has not finished. Bounded by number and by bytes: rows of a few thousand flows and those of a
/// hundred thousand are one item each. Any thread adds, one takes.
/// </summary>
/// <remarks>
/// Both bounds hold for batches that a lane hands over because they are full. What it hands over because the time has come (the end of a
/// window, a second's events) may take as much again: so a lane that is faster than the writer waits for it in the middle of a window, a
/// batch at a time, and not at the end, where packets of a new window are waiting.
/// </remarks>
/// <param name="maxItems">Items that may wait.</param>
/// <param name="maxBytes">An item is let in while less than this waits or is being worked on, so that none is too large to pass.</param>
internal sealed class WriterQueue(int maxItems, long maxBytes)
{
    private readonly object _gate = new();
    private readonly Queue<(object Item, long Bytes, long At)> _items = new();
    private long _bytes;
    private long _bytesInWork;
    private bool _isComplete;

    /// <summary>Items that wait.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
                return _items.Count;
        }
    }

    /// <summary>Bytes of what waits or is being worked on.</summary>
    public long Bytes
    {
        get
        {
            lock (_gate)
                return _bytes;
        }
    }

    /// <summary>When the item that waits longest was added, by <see cref="Stopwatch"/>; 0 if none waits.</summary>
    public long WaitingSince
    {
        get
        {
            lock (_gate)
                return _items.TryPeek(out (object Item, long Bytes, long At) first) ? first.At : 0;
        }
    }

    /// <summary>When the item that was taken last was added, by <see cref="Stopwatch"/>. For who takes.</summary>
    public long TakenAt { get; private set; }

    /// <summary>Whether nothing waits, and nothing will come.</summary>
    public bool IsCompleted
    {
        get
        {
            lock (_gate)
                return _isComplete && _items.Count == 0;
        }
    }

    /// <summary>Adds an item, as soon as there is room.</summary>
    /// <param name="item">The item.</param>
    /// <param name="bytes">What it holds.</param>
    /// <param name="isDue">Whether it comes because its time has come, and may use the reserve.</param>
    public void Add(object item, long bytes = 0, bool isDue = false)
    {
        lock (_gate)
        {
            while (!HasRoom(isDue))
                Monitor.Wait(_gate);
            Enqueue(item, bytes);
        }
    }

    /// <summary>Adds an item if there is room.</summary>
    /// <param name="item">The item.</param>
    /// <param name="bytes">What it holds.</param>
    /// <param name="isDue">Whether it comes because its time has come, and may use the reserve.</param>
    public bool TryAdd(object item, long bytes, bool isDue = false)
    {
        lock (_gate)
        {
            if (!HasRoom(isDue))
                return false;
            Enqueue(item, bytes);
            return true;
        }
    }

    /// <summary>Takes the next item, and with that ends the work on the one before.</summary>
    /// <param name="item">The item.</param>
    /// <param name="wait">How long to wait for one.</param>
    /// <returns>False if none has come, or <see cref="IsCompleted"/>.</returns>
    public bool TryTake([NotNullWhen(true)] out object? item, TimeSpan wait)
    {
        lock (_gate)
        {
            _bytes -= _bytesInWork;
            _bytesInWork = 0;
            Monitor.PulseAll(_gate);
            if (_items.Count == 0 && !_isComplete && wait != TimeSpan.Zero)
                Monitor.Wait(_gate, wait);
            if (!_items.TryDequeue(out (object Item, long Bytes, long At) next))
            {
                item = null;
                return false;
            }

            (item, _bytesInWork, TakenAt) = next;
            return true;
        }
    }

    /// <summary>Nothing will be added any more.</summary>
    public void CompleteAdding()
    {
        lock (_gate)
        {
            _isComplete = true;
            Monitor.PulseAll(_gate);
        }
    }

    private bool HasRoom(bool isDue) =>
        isDue ? _items.Count / 2 < maxItems && _bytes / 2 < maxBytes : _items.Count < maxItems && _bytes < maxBytes;

    private void Enqueue(object item, long bytes)
    {
        if (_isComplete)
            throw new InvalidOperationException("Nothing can be added after the end.");
        _items.Enqueue((item, bytes, Stopwatch.GetTimestamp()));
        _bytes += bytes;
        Monitor.PulseAll(_gate);
    }
}
