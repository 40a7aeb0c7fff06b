namespace Spillway.Async.Queues;

/// <summary>
/// Where idle workers sleep. A submitter pays one read while nobody sleeps, and one wake-up if somebody does: it claims one
/// sleeper by taking it off the count, so a burst of submissions never wakes the same worker twice.
/// </summary>
internal sealed class WorkGate
{
    private readonly FutexSemaphore _permits = new();
    private int _sleepers;

    /// <summary>Whether somebody sleeps, or is about to.</summary>
    public bool HasSleepers => Volatile.Read(ref _sleepers) > 0;

    /// <summary>Any thread, after it made work visible by an interlocked operation.</summary>
    public void WakeOne()
    {
        if (Volatile.Read(ref _sleepers) > 0 && TryClaim())
            _permits.Release();
    }

    /// <summary>Wakes everybody, to see that the pool has stopped.</summary>
    public void WakeAll()
    {
        while (TryClaim())
            _permits.Release();
    }

    /// <summary>
    /// A worker that found no work says so, and must then look once more before it calls <see cref="Sleep()"/> or
    /// <see cref="StayAwake"/>: what was submitted earlier it sees, who submits later sees it.
    /// </summary>
    public void Announce() => Interlocked.Increment(ref _sleepers);

    /// <summary>Sleeps until somebody claims this worker.</summary>
    public void Sleep() => _permits.Wait();

    /// <summary>Sleeps until somebody claims this worker, or the time is over.</summary>
    public void Sleep(TimeSpan timeout)
    {
        if (!_permits.Wait(timeout))
            StayAwake();
    }

    /// <summary>Takes the announcement back; if a submitter was faster, its wake-up is used up.</summary>
    public void StayAwake()
    {
        if (!TryClaim())
            _permits.Wait();
    }

    private bool TryClaim()
    {
        int sleepers = Volatile.Read(ref _sleepers);
        while (sleepers > 0)
        {
            int seen = Interlocked.CompareExchange(ref _sleepers, sleepers - 1, sleepers);
            if (seen == sleepers)
                return true;
            sleepers = seen;
        }

        return false;
    }
}
