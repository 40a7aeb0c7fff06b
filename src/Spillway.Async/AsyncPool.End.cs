namespace Spillway.Async;

/// <content>Clients that come and go, and the end of a pool whose plugin is gone while the program goes on.</content>
public sealed partial class AsyncPool
{
    // What clients that are gone have submitted; under the lock.
    private long _formerSubmitted;
    private long _formerDropped;
    private volatile bool _endsWithClients;

    /// <summary>Clients that are not closed, or have tasks that are not over.</summary>
    public int ClientCount
    {
        get
        {
            lock (_lock)
                return _clients.Count;
        }
    }

    /// <summary>
    /// The pool is to end (<see cref="AsyncRuntime.TryEnd"/>) with the last of its clients, and at once if it has none. There must come no
    /// more.
    /// </summary>
    public void EndWithClients()
    {
        _endsWithClients = true;
        Runtime.TryEnd(this);
    }

    internal void Register(AsyncClient client)
    {
        lock (_lock)
            _clients.Add(client);
    }

    /// <summary>A lane: the client is closed and has nothing pending. What it counted is the pool's.</summary>
    internal void Forget(AsyncClient client)
    {
        lock (_lock)
        {
            if (!_clients.Remove(client))
                return;
            _formerSubmitted += client.Submitted;
            _formerDropped += client.Dropped;
        }

        if (_endsWithClients)
            Runtime.TryEnd(this);
    }

    /// <summary>Has the threads leave, if nobody can submit any more: nothing is waited for here. False if there are clients.</summary>
    internal bool TryBeginEnd()
    {
        lock (_lock)
        {
            if (_clients.Count > 0)
                return false;
            Interlocked.Exchange(ref _state, PoolState.Stopping);
            StopSignal.Set();
        }

        Gate.WakeAll();
        return true;
    }

    /// <summary>
    /// The keeper, after <see cref="TryBeginEnd"/>: whether all threads have left, those that were given up too. Waits for none of them,
    /// since the end of an executor is a script's code.
    /// </summary>
    internal bool TryFinishEnd()
    {
        lock (_lock)
        {
            for (int i = _workers.Count - 1; i >= 0; i--)
            {
                if (_workers[i].Join(TimeSpan.Zero))
                    Retire(_workers[i]);
            }

            if (_workers.Count > 0 || Interlocked.Read(ref _stuck) > 0)
                return false;
        }

        Spill.Dispose();
        EndRings();
        CancelQueued();
        Interlocked.Exchange(ref _state, PoolState.Stopped);
        return true;
    }
}
