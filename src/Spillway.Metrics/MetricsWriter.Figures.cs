using System.Diagnostics;
using Spillway.Metrics.Stores;

namespace Spillway.Metrics;

/// <content>How far the writer is behind, for those who watch. Any thread.</content>
public sealed partial class MetricsWriter
{
    private long _uncommittedSince;
    private long _closedNs;

    /// <summary>What the run before has left in the store without an end, a line; null if it ended. Once the store is open.</summary>
    public string? Interrupted => _store.Interrupted;

    /// <summary>When the store's disk was full last, by <see cref="Stopwatch"/>; 0 if it never was.</summary>
    public long DiskFullAt => _store.FullAt;

    /// <summary>Batches and windows that lanes have handed over and the writer has not taken.</summary>
    public int QueuedBatches => _queue.Count;

    /// <summary>Bytes of those, and of the one that is being worked on.</summary>
    public long QueuedBytes => _queue.Bytes;

    /// <summary>How long the oldest result has been on its way to the store: handed over by a lane, and not committed.</summary>
    public TimeSpan StoreLag
    {
        get
        {
            long since = Volatile.Read(ref _uncommittedSince);
            if (since == 0)
                since = _queue.WaitingSince;
            return since == 0 ? TimeSpan.Zero : Stopwatch.GetElapsedTime(since);
        }
    }

    /// <summary>Packet time at which the last window ended that all lanes have left; 0 before the first.</summary>
    public long ClosedNs => Volatile.Read(ref _closedNs);

    /// <summary>Changes how long and how much the store keeps, from its next look on.</summary>
    public void Keep(SqliteStoreOptions options) => _store.Keep(options);

    private void NoteTaken()
    {
        if (_uncommittedSince == 0)
            Volatile.Write(ref _uncommittedSince, _queue.TakenAt);
    }

    private void NoteCommitted() => Volatile.Write(ref _uncommittedSince, 0);
}
