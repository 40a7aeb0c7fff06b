using System.Diagnostics;
using Spillway.Async.Native;

namespace Spillway.Async.Queues;

/// <summary>
/// A counting semaphore of the kernel's making, for threads that have done their spinning. The platform's own spins once more, and gives
/// the processor away while it does: on a busy machine that is where most of a round trip's time went.
/// </summary>
internal sealed class FutexSemaphore
{
    private readonly Futex _permits = new();

    /// <summary>Any thread: lets one waiter go on, the next one if nobody waits.</summary>
    public void Release()
    {
        Interlocked.Increment(ref _permits.Value);
        _permits.WakeOne();
    }

    /// <summary>Waits for a permit.</summary>
    public void Wait() => Wait(Timeout.InfiniteTimeSpan);

    /// <summary>Waits for a permit; false if the time is over first.</summary>
    public bool Wait(TimeSpan timeout)
    {
        long start = timeout == Timeout.InfiniteTimeSpan ? 0 : Stopwatch.GetTimestamp();
        TimeSpan left = timeout;
        while (!TryTake())
        {
            if (timeout != Timeout.InfiniteTimeSpan)
            {
                left = timeout - Stopwatch.GetElapsedTime(start);
                if (left <= TimeSpan.Zero)
                    return false;
            }

            _permits.WaitWhile(0, left);
        }

        return true;
    }

    private bool TryTake()
    {
        int permits = Volatile.Read(ref _permits.Value);
        while (permits > 0)
        {
            int seen = Interlocked.CompareExchange(ref _permits.Value, permits - 1, permits);
            if (seen == permits)
                return true;
            permits = seen;
        }

        return false;
    }
}
