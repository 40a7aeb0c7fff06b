using System.Diagnostics;

namespace Spillway.Async;

/// <summary>
/// When a pool may start another worker for one that was lost: some at once, then one in an interval. A rate and not a number, for a
/// program that runs for years; and not without limit, for each lost worker may be a thread that never ends. Under the pool's lock.
/// </summary>
internal sealed class ReplacementRate(int burst, TimeSpan interval)
{
    private readonly long _interval = Math.Max(1, (long)(interval.TotalSeconds * Stopwatch.Frequency));
    private long _taken;
    private long _countedAt;
    private long _notBefore = long.MinValue;

    /// <summary>Whether the system has just refused a thread.</summary>
    public bool IsPaused(long now) => now < _notBefore;

    /// <summary>Takes one replacement from what is left; false if none is.</summary>
    public bool TryTake(long now)
    {
        if (_taken == 0)
            _countedAt = now;
        long earned = (now - _countedAt) / _interval;
        if (earned > 0)
        {
            _taken = Math.Max(0, _taken - earned);
            _countedAt += earned * _interval;
        }

        if (_taken >= burst || IsPaused(now))
            return false;
        _taken++;
        return true;
    }

    /// <summary>The system refused the thread: no other is asked for until an interval later, and this one has not been used.</summary>
    public void GiveBack(long now)
    {
        _taken = Math.Max(0, _taken - 1);
        _notBefore = now + _interval;
    }
}
