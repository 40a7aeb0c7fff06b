using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using Spillway.Async.Dispatch;
using Spillway.Async.Figures;
using Spillway.Async.Files;
using Spillway.Async.Native;
using Spillway.Async.Queues;
using Spillway.Async.Rings;

namespace Spillway.Async;

/// <summary>A thread that works off its pool's tasks.</summary>
/// <remarks>
/// The hard part is giving up a worker that is stuck in a task, while the task may end at that very moment. Each run of a task has
/// a number, odd while it runs; to end the run, worker and keeper compete to swap that number, and who wins owns the task's end. A
/// worker that loses knows it was abandoned: it touches neither the queue nor the task any more, disposes its executor and goes.
/// The record stays with it, since it may still be reading the bytes; the lane gets a stand-in.
/// </remarks>
[SuppressMessage("Design", "CA1001", Justification = "Its thread disposes of what it owns when it ends.")]
internal sealed partial class AsyncWorker
{
    private const long Abandoned = -1;

    private static readonly long ScanSlack = 2 * Stopwatch.Frequency;

    private readonly AsyncPool _pool;
    private readonly AsyncOptions _options;
    private readonly TaskDispatcher _dispatcher;
    private readonly MemoryBudget _budget;
    private readonly MemoryBudget _results;
    private readonly FileOperations _files;
    private readonly Thread _thread;
    private ITaskExecutor? _executor;
    private int _threadId;
    private long _freed;
    private long _made;

    private SpinHabit _spinHabit;

    private AsyncTask? _current;
    private long _deadline = long.MaxValue;
    private long _run;
    private long _askedRun;
    private long _askedAt;

    public AsyncWorker(AsyncPool pool, int number)
    {
        _pool = pool;
        _options = pool.Runtime.Options;
        _dispatcher = pool.Dispatcher;
        _budget = pool.Runtime.Budget;
        _results = pool.Runtime.ResultBudget;
        _files = new FileOperations(pool.Runtime.FileRoot, pool.Runtime.Disks, _options.Scan, pool.Runtime.Journal);
        Number = number;
        _thread = new Thread(Run) { IsBackground = true, Name = $"async {pool.Plugin} {number}" };
    }

    public int Number { get; }

    public WorkerFigures Figures { get; } = new();

    /// <summary>What the memory accounts still hold for the task the worker was abandoned with.</summary>
    public int AbandonedCharge { get; private set; }

    /// <exception cref="OutOfMemoryException">The system refuses the thread.</exception>
    public void Start() => _options.StartThread(_thread);

    public bool Join(TimeSpan timeout) => _thread.Join(timeout);

    /// <summary>Whether a task is at work. Any thread.</summary>
    public bool IsBusy => Volatile.Read(ref _run) is var run && (run > 0 && (run & 1) != 0) || _ringRun.IsBusy;

    /// <summary>The keeper: asks a task whose time is over to stop, again and again; true once it should have done so.</summary>
    public bool AskToStopIfOverdue(long now)
    {
        long run = Volatile.Read(ref _run);
        if (run <= 0 || (run & 1) == 0)
            return AskRingToStopIfOverdue(now);
        if (run == _askedRun && Stopwatch.GetElapsedTime(_askedAt, now) >= _options.StopGrace)
            return true;
        if (run == _askedRun || (now >= Volatile.Read(ref _deadline) && Volatile.Read(ref _run) == run))
            Ask(run);
        return false;
    }

    /// <summary>Asks the task at hand to stop, whatever time it has left.</summary>
    public void AskToStop()
    {
        long run = Volatile.Read(ref _run);
        if (run > 0 && (run & 1) != 0)
            Ask(run);
        else
            AskRingToStop();
    }

    /// <summary>
    /// Takes the task from the worker, for good. Returns the record that ends it for its lane; null if the worker was faster.
    /// </summary>
    public AsyncTask? TryAbandon()
    {
        long run = Volatile.Read(ref _run);
        if (run >= 0 && (run & 1) == 0)
            return TryAbandonRing();
        if (run <= 0 || Interlocked.CompareExchange(ref _run, Abandoned, run) != run)
            return null;

        // The thread may go on for ever, and take only what nobody else wants.
        NiceValue.MakeIdle(Volatile.Read(ref _threadId));
        AsyncTask stuck = _current!;
        AbandonedCharge = stuck.Charge;
        var standIn = new AsyncTask();
        standIn.StandInFor(stuck);
        standIn.EndedAt = Stopwatch.GetTimestamp();
        standIn.End(TaskOutcome.TimedOut, _pool.IsStopping ? "stopped, since the slow path has stopped" : TimeoutMessage(stuck));
        Figures.TimedOut++;
        return standIn;
    }

    /// <summary>After the stand-in of an abandoned task went to its lane: what waits for the task's keys may start.</summary>
    public void ReleaseAbandoned() => Release(_current!.Lines);

    /// <summary>The ring it works in, or was abandoned in.</summary>
    public TaskRing? Ring => Volatile.Read(ref _ring);

    private static string TimeoutMessage(AsyncTask task) =>
        string.Create(null, $"timed out after {(double)task.TimeoutTicks / Stopwatch.Frequency:0.###} s");

    private void Ask(long run)
    {
        long id = Volatile.Read(ref _current)?.Id ?? 0;
        if (_askedRun != run)
            _askedAt = Stopwatch.GetTimestamp();
        Volatile.Write(ref _askedRun, run);
        if (Volatile.Read(ref _run) == run)
            Volatile.Read(ref _executor)?.RequestStop(id);
    }

    private void Run()
    {
        Volatile.Write(ref _threadId, NiceValue.ThreadId);
        if (_options.WorkerNice > 0 && !NiceValue.TryLower(_options.WorkerNice))
            _pool.CountPriorityFailure();
        try
        {
            WorkOff();
        }
        finally
        {
            Settle();
            _executor?.Dispose();
            _files.Dispose();
            if (Volatile.Read(ref _run) == Abandoned)
                _pool.CountEndOfStuck();
        }
    }

    private void WorkOff()
    {
        long now = Stopwatch.GetTimestamp();
        while (!_pool.IsStopping)
        {
            if (_results.Held > _results.Cap)
                WaitForLanes();
            TaskRing[] rings = _pool.Rings;
            if (rings.Length > 0)
            {
                if (!WorkOffWithRings(rings, ref now))
                    return;
            }
            else if (_dispatcher.TryTake() is not { } task)
            {
                WaitForWork();
                now = Stopwatch.GetTimestamp();
            }
            else if (!Process(task, ref now))
            {
                return;
            }
        }
    }

    /// <summary>Runs a task and sends it home. False if the worker was abandoned meanwhile.</summary>
    /// <param name="now">In: the start, which for a busy worker is the end of the task before. Out: the end.</param>
    private bool Process(AsyncTask task, ref long now)
    {
        task.StartedAt = now;
        // A scan ends itself, to the second. Only if it does not, it is given up as any other task.
        long slack = task.Kind == TaskKind.Scan ? ScanSlack : 0;
        _deadline = task.TimeoutTicks > 0 ? now + task.TimeoutTicks + slack : long.MaxValue;
        Volatile.Write(ref _current, task);
        long run = _run + 1;
        Volatile.Write(ref _run, run);

        while (Attempt(task, run) && !_pool.StopSignal.Wait(RetrySchedule.Pause(_options, task.Attempts)))
            Figures.Retried++;
        now = Stopwatch.GetTimestamp();

        if (Interlocked.CompareExchange(ref _run, run + 1, run) != run)
            return false;
        if (task.Outcome == TaskOutcome.Failed && Volatile.Read(ref _askedRun) == run)
            EndStopped(task, now);
        Finish(task, now);
        return true;
    }

    /// <summary>
    /// A task that failed because it was asked to stop. Its executor may be left in any state, so the next task gets a new one.
    /// </summary>
    private void EndStopped(AsyncTask task, long now)
    {
        string? detail = task.Error;
        if (now >= _deadline)
            task.End(TaskOutcome.TimedOut, TimeoutMessage(task), detail);
        else
            task.End(TaskOutcome.Failed, "stopped, since the slow path has stopped", detail);
        if (_executor is not { } executor)
            return;
        Volatile.Write(ref _executor, null);
        executor.Dispose();
    }

    /// <summary>One attempt; true if there should be another.</summary>
    private bool Attempt(AsyncTask task, long run)
    {
        bool again;
        task.Begin();
        try
        {
            if (task.Kind == TaskKind.Schedule)
            {
                Volatile.Write(ref _executor, _executor ?? _pool.Executors(_pool, Number));
                _executor!.Execute(task);
                again = true;
            }
            else
            {
                again = _files.Perform(task);
            }
        }
        catch (Exception e)
        {
            task.Fail(e.ToString());
            again = true;
        }

        if (task.Outcome == TaskOutcome.None)
            task.End(TaskOutcome.Succeeded, null);
        return again && task.Outcome == TaskOutcome.Failed && task.Attempts <= task.Retries && Volatile.Read(ref _askedRun) != run;
    }

    private void Finish(AsyncTask task, long now)
    {
        task.EndedAt = now;
        Figures.Wait.Record(Nanoseconds(task.StartedAt - task.SubmittedAt));
        long run = Nanoseconds(now - task.StartedAt);
        if (run >= SlowTasks.LeastNanoseconds && task.Outcome != TaskOutcome.TimedOut)
            _pool.SlowTasks.Look(task, run, UsualRun());
        Figures.Run.Record(run);
        switch (task.Outcome)
        {
            case TaskOutcome.Succeeded:
                Figures.Succeeded++;
                break;
            case TaskOutcome.TimedOut:
                Figures.TimedOut++;
                _pool.NoteError(task.Error!);
                break;
            default:
                Figures.Failed++;
                _pool.NoteError(task.Error!);
                break;
        }

        // Before anything that comes after it starts: a copy must not be repeated once its source may be gone.
        if (!task.NeedsDelivery)
        {
            task.Entry.Strike();
            task.Entry = default;
        }
        else
        {
            task.Leave(); // what ends the process from here on is not its doing
        }

        _freed += task.Charge;
        task.ReleasePayload();
        _made += task.ResultCharge;
        if (Math.Max(_freed, _made) >= _budget.Chunk)
            Settle();
        KeyLines? lines = task.Lines;
        task.Client.Lane.Return(task);
        Release(lines);
    }

    /// <summary>Lets what waited for a task's keys start.</summary>
    private void Release(KeyLines? lines)
    {
        for (int released = _dispatcher.Finished(lines); released > 0; released--)
            _pool.Gate.WakeOne();
    }

    private static long Nanoseconds(long ticks) =>
        Stopwatch.Frequency == 1_000_000_000 ? ticks : (long)(ticks * (1e9 / Stopwatch.Frequency));

    private void Settle()
    {
        _results.Take(_made);
        _made = 0;
        _budget.Return(_freed);
        _freed = 0;
    }

    /// <summary>
    /// Results fill all the memory they may: no more are made until the lanes have taken some. But never while a lane itself waits for
    /// memory, which only tasks that are done give back.
    /// </summary>
    private void WaitForLanes()
    {
        _pool.Runtime.CountResultWait();
        Settle();
        while (!_pool.IsStopping && !_budget.IsAwaited && !_results.WaitBelow(_results.Cap, TimeSpan.FromMilliseconds(1), _pool.StopSignal))
        { }
    }

    private void WaitForWork()
    {
        if (Spin())
            return;
        if (_freed > 0 || _made > 0)
            Settle();
        TaskRing[] rings = _pool.Rings;
        SetSleepingForRings(rings, true);
        _pool.Gate.Announce();
        if (HasAnything)
        {
            _pool.Gate.StayAwake();
        }
        else
        {
            _pool.Spill.Demand();
            _pool.Gate.Sleep();
        }

        SetSleepingForRings(rings, false);
    }

    /// <summary>
    /// Watches the queue for a moment, since the next task often follows at once and waking up costs the lane a system call.
    /// </summary>
    private bool Spin()
    {
        bool found = false;
        if (_spinHabit.IsWorthwhile)
        {
            var spin = new SpinBudget(_options.SpinTime);
            while (!(found = HasAnything) && spin.Spin()) { }
        }

        _spinHabit.Note(found);
        return found;
    }
}
