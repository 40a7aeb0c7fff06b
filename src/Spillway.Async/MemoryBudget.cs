using System.Diagnostics;

namespace Spillway.Async;

/// <summary>
/// An account of memory: of what queued tasks hold, or what results do that wait for their lanes. Lanes and workers settle with it in
/// chunks, so that a submission normally touches nothing shared; what it shows is therefore a little more than what is held.
/// </summary>
internal sealed class MemoryBudget
{
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(1);

    private readonly object _returned = new();
    private long _held;
    private int _waiting;

    public MemoryBudget(long cap)
    {
        Cap = cap;
        Chunk = (int)Math.Clamp(cap / 256, 1024, 256 * 1024);
    }

    public long Cap { get; }

    /// <summary>Bytes to settle at a time.</summary>
    public int Chunk { get; }

    public long Held => Volatile.Read(ref _held);

    /// <summary>Whether somebody waits for memory to be returned.</summary>
    public bool IsAwaited => Volatile.Read(ref _waiting) > 0;

    public void Take(long bytes) => Interlocked.Add(ref _held, bytes);

    public void Return(long bytes)
    {
        Interlocked.Add(ref _held, -bytes);
        if (Volatile.Read(ref _waiting) == 0)
            return;
        lock (_returned)
            Monitor.PulseAll(_returned);
    }

    /// <summary>Waits until less than <paramref name="limit"/> is held, the time is over, or <paramref name="stop"/> is set.</summary>
    public bool WaitBelow(long limit, TimeSpan timeout, ManualResetEventSlim stop)
    {
        long start = Stopwatch.GetTimestamp();
        Interlocked.Increment(ref _waiting);
        lock (_returned)
        {
            while (Held > limit && !stop.IsSet && (timeout == Timeout.InfiniteTimeSpan || Stopwatch.GetElapsedTime(start) < timeout))
                Monitor.Wait(_returned, Patience);
        }

        Interlocked.Decrement(ref _waiting);
        return Held <= limit;
    }
}
