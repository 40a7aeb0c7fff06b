using System.Runtime.InteropServices;
using Spillway.Async.Figures;
using Spillway.Async.Native;

namespace Spillway.Async.Rings;

/// <summary>How a turn in a ring has ended.</summary>
public enum RingOutcome
{
    /// <summary>Between two tasks.</summary>
    Left,

    /// <summary>The task at work has failed.</summary>
    Failed,

    /// <summary>The task at work was asked to stop, and has.</summary>
    Stopped,

    /// <summary>The worker was given up with it.</summary>
    Abandoned,
}

/// <summary>
/// A worker's side of the tasks it takes out of rings: which one is at work, and the times. Worker and keeper compete for the end of a
/// task by swapping <see cref="RingTimes.Running"/>, as they do for other tasks in <see cref="AsyncWorker"/>.
/// </summary>
public sealed unsafe class RingRun
{
    private const int Abandoned = int.MinValue;

    private readonly RingTimes* _times = (RingTimes*)NativeMemory.AllocZeroed((nuint)sizeof(RingTimes));

    internal RingRun() { }

    /// <summary>Frees what nobody looks at any more.</summary>
    ~RingRun() => NativeMemory.Free(_times);

    /// <summary>Where Lua finds it.</summary>
    public nint Address => (nint)_times;

    /// <summary>The task at work; negative if it was asked to stop, 0 for none. Any thread.</summary>
    internal int Running => Volatile.Read(ref _times->Running);

    /// <summary>Whether a task is at work. Any thread.</summary>
    internal bool IsBusy => Running is not 0 and not Abandoned;

    /// <summary>How long the last task ran, or the one at work has so far, in nanoseconds. Worker.</summary>
    internal long LastNanoseconds => (long)(_times->Last / RingClock.Rate);

    /// <summary>The executor, on its worker, out of the script: takes the end of the task at work, unless somebody else has it.</summary>
    /// <param name="stopping">The lock that is held to ask a task to stop.</param>
    /// <param name="undo">Called if it was asked to, under the lock.</param>
    public RingOutcome End(Lock stopping, Action undo)
    {
        ArgumentNullException.ThrowIfNull(undo);
        int running = Running;
        if (running > 0 && Interlocked.CompareExchange(ref _times->Running, 0, running) == running)
            return RingOutcome.Failed;
        if (running == 0)
            return RingOutcome.Failed; // of ours, between two tasks
        lock (stopping)
        {
            running = Running;
            if (running == Abandoned || Interlocked.CompareExchange(ref _times->Running, 0, running) != running)
                return RingOutcome.Abandoned;
            undo();
            return RingOutcome.Stopped;
        }
    }

    /// <summary>Any thread, under the executor's lock: marks the task as asked to stop. False if it is over.</summary>
    public bool TryMark(int number)
    {
        int seen = Interlocked.CompareExchange(ref _times->Running, -number, number);
        return seen == number || seen == -number;
    }

    /// <summary>The worker: a turn begins.</summary>
    internal void Begin(TimeSpan turn, long slowNanoseconds)
    {
        double rate = RingClock.Rate;
        _times->Start = RingClock.Now;
        _times->Until = _times->Start + (long)(turn.TotalNanoseconds * rate);
        _times->Slow = (long)(slowNanoseconds * rate);
    }

    /// <summary>The worker: the task at work ends here, and is none that <c>finish</c> has counted.</summary>
    internal void Stop() => _times->Last = RingClock.Now - _times->Start;

    /// <summary>The keeper: takes the task from its worker, for good. False if that was faster.</summary>
    internal bool TryAbandon()
    {
        int running = Running;
        if (running is 0 or Abandoned || Interlocked.CompareExchange(ref _times->Running, Abandoned, running) != running)
            return false;
        _times->Last = RingClock.Now - Volatile.Read(ref _times->Start);
        return true;
    }

    /// <summary>Any thread: adds the times of tasks that ended well.</summary>
    internal void AddTo(LogHistogram wait, LogHistogram run)
    {
        if (!RingCode.IsThere)
            return;
        double rate = RingClock.Rate;
        wait.AddScaled(new ReadOnlySpan<long>(_times->Wait, RingTimes.Buckets), 1 / rate);
        run.AddScaled(new ReadOnlySpan<long>(_times->Run, RingTimes.Buckets), 1 / rate);
    }
}
