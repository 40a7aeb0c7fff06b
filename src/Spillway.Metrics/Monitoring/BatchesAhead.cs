using System.Diagnostics.CodeAnalysis;
using Spillway.Metrics.Records;

namespace Spillway.Metrics.Monitoring;

/// <summary>
/// Events of lanes that are ahead of others, by window and then as they came. Lanes are apart by no more than what the reader
/// has handed to one and not to another, which bounds what waits here. The writer's thread only.
/// </summary>
internal sealed class BatchesAhead
{
    private readonly SortedDictionary<(int Epoch, long StartNs), Queue<EventBatch>> _windows = [];

    /// <summary>Keeps a batch until its window's turn.</summary>
    public void Add(EventBatch batch)
    {
        if (!_windows.TryGetValue(batch.Window, out Queue<EventBatch>? batches))
            _windows.Add(batch.Window, batches = new());
        batches.Enqueue(batch);
    }

    /// <summary>Takes the next batch of a window or one before it.</summary>
    public bool TryTake((int Epoch, long StartNs) window, [NotNullWhen(true)] out EventBatch? batch)
    {
        batch = null;
        if (_windows.Count == 0)
            return false;
        (var earliest, Queue<EventBatch> batches) = _windows.First();
        if (earliest.CompareTo(window) > 0)
            return false;
        batch = batches.Dequeue();
        if (batches.Count == 0)
            _windows.Remove(earliest);
        return true;
    }
}
