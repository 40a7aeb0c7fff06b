using System.Diagnostics;
using Spillway.Async.Queues;

namespace Spillway.Async;

/// <content>Waiting for results, when there is nothing else to do.</content>
public sealed partial class TaskPort
{
    /// <summary>Sleeps until a result can be taken, nothing is pending, or the time is over.</summary>
    /// <param name="timeout"><see cref="Timeout.InfiniteTimeSpan"/> waits as long as it takes.</param>
    public LaneState WaitForResults(TimeSpan timeout)
    {
        long start = Stopwatch.GetTimestamp();
        while (true)
        {
            if (Pull() is not null || HasRingResults)
                return LaneState.HasResult;
            if (Pending == 0)
                return LaneState.Idle;

            TimeSpan left = timeout;
            if (timeout != Timeout.InfiniteTimeSpan)
            {
                left = timeout - Stopwatch.GetElapsedTime(start);
                if (left <= TimeSpan.Zero)
                    return LaneState.TimedOut;
            }

            Sleep(left);
        }
    }

    /// <summary>
    /// Runs until nothing is pending, tasks that results submit included, or until <paramref name="timeout"/> is over: what a lane does
    /// at the end of its input. Whoever may want to end it early wakes it by stopping the runtime.
    /// </summary>
    /// <param name="timeout"><see cref="Timeout.InfiniteTimeSpan"/> for without limit.</param>
    /// <param name="progress">Told the number of pending tasks about once a second; may be null.</param>
    /// <returns>How many tasks are still pending.</returns>
    public long Drain<THandler>(ref THandler handler, TimeSpan timeout, Action<long>? progress = null)
        where THandler : IResultHandler
    {
        var interval = TimeSpan.FromSeconds(1);
        long start = Stopwatch.GetTimestamp();
        long reported = start;
        while (true)
        {
            TimeSpan left = interval;
            if (timeout != Timeout.InfiniteTimeSpan)
            {
                left = timeout - Stopwatch.GetElapsedTime(start);
                if (left <= TimeSpan.Zero)
                    return Pending;
                left = left < interval ? left : interval;
            }

            switch (WaitForResults(left))
            {
                case LaneState.Idle:
                    return 0;
                case LaneState.HasResult:
                    DeliverResults(ref handler, left);
                    break;
            }

            if (progress is not null && Stopwatch.GetElapsedTime(reported) >= interval)
            {
                reported = Stopwatch.GetTimestamp();
                progress(Pending);
            }
        }
    }

    private void Sleep(TimeSpan timeout)
    {
        bool found = false;
        if (_spinHabit.IsWorthwhile)
        {
            var spin = new SpinBudget(Runtime.Options.SpinTime);
            while (!(found = !_results.IsEmpty || HasRingResults) && spin.Spin()) { }
        }

        _spinHabit.Note(found);
        if (found)
            return;

        Interlocked.Exchange(ref _waiting, 1);
        SetWaitingForRings(true);
        bool woken = _results.IsEmpty && !HasRingResults && _wakeUp.Wait(timeout);
        if (!woken && Interlocked.Exchange(ref _waiting, 0) == 0)
            _wakeUp.Wait();
        SetWaitingForRings(false);
    }

    private void Wake()
    {
        if (Interlocked.Exchange(ref _waiting, 0) == 1)
            _wakeUp.Release();
    }
}
