using System.Diagnostics.CodeAnalysis;

namespace Spillway.Metrics;

/// <summary>
/// What lanes have handed over and the writer has not finished. Bounded by number and by bytes: rows of a few thousand flows and those of a hundred
/// thousand are one item each. Any thread adds, one takes.
/// </summary>
/// <param name="maxItems">Items that may wait.</param>
/// <param name="maxBytes">An item is let in while less than this waits or is being worked on, so that none is too large to pass.</param>
internal sealed class WriterQueue(int maxItems, long maxBytes)
{
    private readonly object _gate = new();
    private readonly Queue<(object Item, long Bytes)> _items = new();
    private long _bytes;
    private long _bytesInWork;
    private bool _isComplete;

    /// <summary>Items that wait.</summary>
    public int Count
    {
        get
        {
            lock (_gate) return _items.Count;
        }
    }

    /// <summary>Whether nothing waits, and nothing will come.</summary>
    public bool IsCompleted
    {
        get
        {
            lock (_gate) return _isComplete && _items.Count == 0;
        }
    }

    private bool HasRoom => _items.Count < maxItems && _bytes < maxBytes;

    /// <summary>Adds an item, as soon as there is room.</summary>
    public void Add(object item, long bytes = 0)
    {
        lock (_gate)
        {
            while (!HasRoom) Monitor.Wait(_gate);
            Enqueue(item, bytes);
        }
    }

    /// <summary>Adds an item if there is room.</summary>
    public bool TryAdd(object item, long bytes)
    {
        lock (_gate)
        {
            if (!HasRoom) return false;
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
            if (_items.Count == 0 && !_isComplete && wait != TimeSpan.Zero) Monitor.Wait(_gate, wait);
            if (!_items.TryDequeue(out (object Item, long Bytes) next))
            {
                item = null;
                return false;
            }

            (item, _bytesInWork) = next;
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

    private void Enqueue(object item, long bytes)
    {
        if (_isComplete) throw new InvalidOperationException("Nothing can be added after the end.");
        _items.Enqueue((item, bytes));
        _bytes += bytes;
        Monitor.PulseAll(_gate);
    }
}
