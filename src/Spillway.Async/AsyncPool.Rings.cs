using Spillway.Async.Rings;

namespace Spillway.Async;

/// <content>The rings of the lanes: see <see cref="TaskRing"/>.</content>
public sealed partial class AsyncPool
{
    private volatile TaskRing[] _rings = [];

    /// <summary>The rings that there are. Any thread.</summary>
    internal TaskRing[] Rings => _rings;

    /// <summary>A lane: its ring has its memory.</summary>
    internal void AddRing(TaskRing ring)
    {
        lock (_lock)
        {
            _rings = [.. _rings, ring];
            if (IsStopping)
                ring.SetEnded();
        }
    }

    /// <summary>A lane: a task was put into its ring while the worker sleeps, has not been started, or is no more.</summary>
    internal void NoteRingTask()
    {
        NoteSubmitted();
        Gate.WakeOne();
    }

    /// <summary>
    /// From here on each task that is put into a ring is reported, so that none is left there: what was put before, without a report, is
    /// seen by who calls this.
    /// </summary>
    private void EndRings()
    {
        TaskRing[] rings = _rings;
        foreach (TaskRing ring in rings)
            ring.SetEnded();
        if (rings.Length > 0)
            Interlocked.MemoryBarrierProcessWide();
    }

    private TimeSpan? OldestInRings(TimeSpan? oldest)
    {
        foreach (TaskRing ring in _rings)
        {
            if (ring.OldestWaiting is { } waiting && (oldest is null || waiting > oldest))
                oldest = waiting;
        }

        return oldest;
    }

    private void CancelRing(TaskRing ring)
    {
        while (ring.HasTasks)
        {
            AsyncTask task = ring.Remove(timeoutTicks: 0);
            task.End(TaskOutcome.Cancelled, "cancelled, since the slow path has stopped");
            Interlocked.Increment(ref _cancelled);
            ring.Return(task);
        }
    }
}
