using System.Diagnostics;
using Spillway.Async.Figures;
using Spillway.Async.Rings;

namespace Spillway.Async;

/// <content>
/// Tasks out of rings (<see cref="TaskRing"/>), for a while from each, and tasks of the other kind between. Nobody notes when a task of a
/// ring begins: the keeper takes the time from when it first sees it, at most <see cref="PoolKeeper.Interval"/> late.
/// </content>
internal sealed partial class AsyncWorker
{
    /// <summary>How long one side goes on while the other may wait.</summary>
    private static readonly TimeSpan Turn = TimeSpan.FromMilliseconds(1);
    private static readonly long TurnTicks = (long)(Turn.TotalSeconds * Stopwatch.Frequency);

    private readonly RingRun _ringRun = new();
    private TaskRing? _ring;

    // The keeper's: the task that it saw at work, since when, and when it first asked it to stop.
    private int _seenInRing;
    private long _seenAt;
    private long _askedInRingAt;

    private long TimeoutTicks => (long)(_options.TaskTimeout.TotalSeconds * Stopwatch.Frequency);

    /// <summary>Adds the times of tasks that ended well in rings. Any thread.</summary>
    public void AddRingTimes(LogHistogram wait, LogHistogram run) => _ringRun.AddTo(wait, run);

    private static bool HasRingTasks(TaskRing[] rings)
    {
        foreach (TaskRing ring in rings)
        {
            if (ring.HasTasks)
                return true;
        }

        return false;
    }

    private bool HasAnything => _dispatcher.HasWork || _pool.IsStopping || HasRingTasks(_pool.Rings);

    /// <summary>Says that the worker sleeps, before it looks for the last time; or that it is awake.</summary>
    private static void SetSleepingForRings(TaskRing[] rings, bool value)
    {
        foreach (TaskRing ring in rings)
            ring.SetSleeping(value);
    }

    /// <summary>A turn of everything there is. False if the worker was abandoned meanwhile.</summary>
    private bool WorkOffWithRings(TaskRing[] rings, ref long now)
    {
        bool any = false;
        foreach (TaskRing ring in rings)
        {
            if (!ring.HasTasks || _pool.IsStopping)
                continue;
            any = true;
            if (!RunRing(ring, ref now))
                return false;
        }

        long end = now + TurnTicks;
        while (_dispatcher.PeekNext() is { } next)
        {
            any = true;
            if (_pool.IsStopping)
                return true;

            // What its lane has put into the ring was submitted before it; and nothing is put there until it is over.
            if (next.Client.Ring is { IsMade: true, HasTasks: true } before)
            {
                if (!RunRing(before, ref now))
                    return false;
            }
            else if (_dispatcher.TryTake() is { } task && !Process(task, ref now))
            {
                return false;
            }

            if (now >= end || _results.Held > _results.Cap)
                break;
        }

        if (any)
            return true;
        WaitForWork();
        now = Stopwatch.GetTimestamp();
        return true;
    }

    private bool RunRing(TaskRing ring, ref long now)
    {
        Volatile.Write(ref _ring, ring);
        ring.Enter();
        RingOutcome outcome;
        string? error;
        TaskFunction? slow = null;
        try
        {
            _ringRun.Begin(Turn, SlowTasks.LeastNanoseconds);
            Volatile.Write(ref _executor, _executor ?? _pool.Executors(_pool, Number));
            outcome = ((IRingExecutor)_executor!).Execute(ring, _ringRun, out error, out slow);
        }
        catch (Exception e)
        {
            outcome = RingOutcome.Failed;
            error = e.ToString();
        }

        if (outcome == RingOutcome.Abandoned)
            return false;
        now = Stopwatch.GetTimestamp();
        if (slow is not null)
            _pool.SlowTasks.Look(slow, _ringRun.LastNanoseconds, UsualRun());
        if (outcome is RingOutcome.Failed or RingOutcome.Stopped && ring.HasTasks)
            EndInRing(ring, outcome, error, now);
        return true;
    }

    /// <summary>The task at work has not ended well: it comes back as a record that says so.</summary>
    private void EndInRing(TaskRing ring, RingOutcome outcome, string? error, long now)
    {
        _ringRun.Stop();
        AsyncTask task = TakeOut(ring, now);
        if (outcome == RingOutcome.Failed)
            task.Fail(string.IsNullOrEmpty(error) ? "failed without a message" : error);
        else if (_pool.IsStopping)
            task.End(TaskOutcome.Failed, "stopped, since the slow path has stopped", error);
        else
            task.End(TaskOutcome.TimedOut, TimeoutMessage(task), error);

        long run = _ringRun.LastNanoseconds;
        if (run >= SlowTasks.LeastNanoseconds && task.Outcome != TaskOutcome.TimedOut)
            _pool.SlowTasks.Look(task, run, UsualRun());
        Figures.Wait.Record(Nanoseconds(task.StartedAt - task.SubmittedAt));
        Figures.Run.Record(run);
        if (task.Outcome == TaskOutcome.TimedOut)
            Figures.TimedOut++;
        else
            Figures.Failed++;
        _pool.NoteError(task.Error!);

        // What was interrupted may be in any state, so the next task gets a new one.
        if (outcome == RingOutcome.Stopped && _executor is { } executor)
        {
            Volatile.Write(ref _executor, null);
            executor.Dispose();
        }

        ring.Return(task);
    }

    private AsyncTask TakeOut(TaskRing ring, long now)
    {
        AsyncTask task = ring.Remove(TimeoutTicks);
        task.Attempts = 1;
        task.EndedAt = now;
        task.StartedAt = now - (long)(_ringRun.LastNanoseconds * (Stopwatch.Frequency / 1e9));
        return task;
    }

    /// <summary>What tasks took so far, whatever way they came.</summary>
    private LogHistogram UsualRun()
    {
        if (_pool.Rings.Length == 0)
            return Figures.Run;
        var wait = new LogHistogram();
        var run = new LogHistogram();
        run.Add(Figures.Run);
        _ringRun.AddTo(wait, run);
        return run;
    }

    /// <summary>The keeper: see <see cref="AskToStopIfOverdue"/>.</summary>
    private bool AskRingToStopIfOverdue(long now)
    {
        int running = _ringRun.Running;
        int number = running == int.MinValue ? 0 : Math.Abs(running);
        if (number != _seenInRing)
        {
            _seenInRing = number;
            _seenAt = now;
            _askedInRingAt = 0;
        }

        if (number == 0 || TimeoutTicks == 0 || now - _seenAt < TimeoutTicks)
            return false;
        if (_askedInRingAt != 0 && Stopwatch.GetElapsedTime(_askedInRingAt, now) >= _options.StopGrace)
            return true;
        if (_askedInRingAt == 0)
            _askedInRingAt = now;
        (Volatile.Read(ref _executor) as IRingExecutor)?.RequestStop(_ringRun, number);
        return false;
    }

    private void AskRingToStop()
    {
        int running = _ringRun.Running;
        if (running is not 0 and not int.MinValue)
            (Volatile.Read(ref _executor) as IRingExecutor)?.RequestStop(_ringRun, Math.Abs(running));
    }

    /// <summary>The keeper: see <see cref="TryAbandon"/>.</summary>
    private AsyncTask? TryAbandonRing()
    {
        if (!_ringRun.TryAbandon())
            return null;
        Volatile.Write(ref _run, Abandoned);
        Native.NiceValue.MakeIdle(Volatile.Read(ref _threadId));
        AsyncTask standIn = TakeOut(_ring!, Stopwatch.GetTimestamp());
        standIn.End(TaskOutcome.TimedOut, _pool.IsStopping ? "stopped, since the slow path has stopped" : TimeoutMessage(standIn));
        Figures.TimedOut++;
        return standIn;
    }
}
