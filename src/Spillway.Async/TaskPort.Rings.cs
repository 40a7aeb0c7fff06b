using System.Diagnostics;
using Spillway.Async.Rings;

namespace Spillway.Async;

/// <content>The fast way of small tasks: see <see cref="TaskRing"/>.</content>
public sealed partial class TaskPort
{
    private readonly Dictionary<AsyncPool, TaskRing> _ringOf = [];

    private TaskRing[] _rings = [];
    private int _nextRing;

    internal RingIds Ids { get; }

    private bool HasRingResults
    {
        get
        {
            foreach (TaskRing ring in _rings)
            {
                if (ring.HasResults)
                    return true;
            }

            return false;
        }
    }

    private long PendingInRings
    {
        get
        {
            long pending = 0;
            foreach (TaskRing ring in _rings)
                pending += ring.Pending;
            return pending;
        }
    }

    /// <summary>A ring has its memory.</summary>
    internal void AddRing(TaskRing ring) => _rings = [.. _rings, ring];

    /// <summary>Any thread: a result was published, and we sleep or are about to.</summary>
    internal void WakeFromRing() => Wake();

    private TaskRing? RingFor(AsyncPool pool)
    {
        if (!TaskRing.IsFor(pool))
            return null;
        if (!_ringOf.TryGetValue(pool, out TaskRing? ring))
            _ringOf.Add(pool, ring = new TaskRing(this, pool));
        return ring;
    }

    /// <summary>Delivers what one ring has, in turn, for as long as there is time. False if none has anything.</summary>
    private bool DeliverFromRing<THandler>(ref THandler handler)
        where THandler : IResultHandler
    {
        for (int i = 0; i < _rings.Length; i++)
        {
            TaskRing ring = _rings[_nextRing++ % _rings.Length];
            if (!ring.HasResults)
                continue;
            AsyncClient client = ring.PeekResult(out AsyncTask? failure);
            if (failure is not null)
            {
                BeginDelivery(failure, isPulled: false);
                Deliver(failure, ref handler, Stopwatch.GetTimestamp());
                return true;
            }

            int before = ring.Pending;
            ring.SetDeadline(_deliveryEnd);
            handler.DeliverRing(client);
            client.EndRingDelivery();
            _completed += before - ring.Pending;
            return true;
        }

        return false;
    }

    private void Deliver<THandler>(AsyncTask task, ref THandler handler, long now)
        where THandler : IResultHandler
    {
        _deliveryTime = now;
        handler.Deliver(task);
        Complete(_delivering!);
    }

    private void SetWaitingForRings(bool value)
    {
        foreach (TaskRing ring in _rings)
            ring.SetWaiting(value);
        if (value)
            Interlocked.MemoryBarrier();
    }

    private void DropRings()
    {
        foreach (TaskRing ring in _rings)
        {
            while (ring.HasResults)
            {
                AsyncClient client = ring.PeekResult(out AsyncTask? failure);
                if (failure is not null)
                    Recycle(failure);
                else
                    ring.DropResults(client);
            }
        }
    }
}
