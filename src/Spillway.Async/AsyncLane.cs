using System.Diagnostics;
using Spillway.Async.Journal;
using Spillway.Async.Queues;

namespace Spillway.Async;

/// <summary>What <see cref="AsyncLane.WaitForResults"/> found.</summary>
public enum LaneState
{
    /// <summary>There is a result to take.</summary>
    HasResult,

    /// <summary>Nothing is pending any more.</summary>
    Idle,

    /// <summary>The time is over, and tasks are still pending.</summary>
    TimedOut,
}

/// <summary>
/// A thread that runs scripts, as the slow path sees it: it owns the task records, and all results of its clients come back here.
/// Every member may be called on that one thread only, unless it says otherwise. (The thread may change while nothing is pending.)
/// </summary>
public sealed class AsyncLane : IDisposable
{
    private const int IdsAtATime = 1024;
    private const int IdleRecordLimit = 16384;

    private readonly MemoryBudget _budget;
    private readonly MemoryBudget _resultBudget;
    private readonly SemaphoreSlim _wakeUp = new(0);
    private readonly TaskQueue _results = new();
    private readonly JournalWriter? _journal;
    private AsyncTask? _idleRecords;
    private int _idleRecordCount;
    private AsyncTask? _taken;
    private AsyncTask? _delivering;
    private long _nextId;
    private long _lastId;
    private long _credit;
    private long _delivered;
    private int _waiting;
    private bool _disposing;

    internal AsyncLane(AsyncRuntime runtime, string name)
    {
        Runtime = runtime;
        Name = name;
        _budget = runtime.Budget;
        _resultBudget = runtime.ResultBudget;
        _journal = runtime.Journal is { } journal ? new JournalWriter(journal) : null;
    }

    /// <summary>The runtime that made the lane.</summary>
    public AsyncRuntime Runtime { get; }

    /// <summary>For logs.</summary>
    public string Name { get; }

    /// <summary>Tasks of all clients of this lane that are not completed.</summary>
    public long Pending { get; private set; }

    /// <summary>
    /// Whether a call of <see cref="TryTakeResult"/> is worth while: one volatile read. Call it between packets. (What came back may
    /// turn out to be tasks with nothing to deliver; taking them is what completes them.)
    /// </summary>
    public bool HasResults => !_results.IsEmpty || _taken is not null;

    /// <summary>Times that a submission had to wait because memory and disk were full.</summary>
    public long Waits { get; private set; }

    /// <summary>Tasks that run without being in the journal, since the disk was full and waiting could not have helped.</summary>
    public long Unjournalled { get; private set; }

    /// <summary>Tasks that came back without being done, since the slow path has stopped: the next process will do them.</summary>
    public long LeftInJournal { get; private set; }

    /// <summary>Makes the end of one script instance.</summary>
    /// <param name="pool">The plugin's workers.</param>
    /// <param name="name">The script's name, for logs.</param>
    /// <param name="owner">Found again at <see cref="AsyncClient.Owner"/>.</param>
    /// <param name="identity">See <see cref="AsyncClient.Identity"/>; must not change any more.</param>
    public AsyncClient CreateClient(AsyncPool pool, string name, object? owner = null, ReadOnlyMemory<byte> identity = default)
    {
        ArgumentNullException.ThrowIfNull(pool);
        var client = new AsyncClient(this, pool, name, owner, identity);
        pool.Register(client);
        return client;
    }

    /// <summary>
    /// Takes the next result or failure that a script or the log must hear of. Deliver it, then call <see cref="Complete"/> before the
    /// next one is taken. Tasks with nothing to deliver are completed on the way.
    /// </summary>
    public bool TryTakeResult([System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out AsyncTask? task)
    {
        if (_delivering is not null)
            throw new InvalidOperationException("The result taken before is not completed yet.");
        task = Pull();
        if (task is null)
            return false;
        _taken = null;
        _delivering = task;
        task.Client.CurrentLease = task.Lease;
        return true;
    }

    /// <summary>Ends a delivery: releases the lease, counts down, and recycles the record, which must not be used any more.</summary>
    public void Complete(AsyncTask task)
    {
        ArgumentNullException.ThrowIfNull(task);
        if (!ReferenceEquals(task, _delivering))
            throw new InvalidOperationException("The task is not the one being delivered.");
        _delivering = null;
        task.Client.CurrentLease = null;
        Recycle(task);
    }

    /// <summary>Delivers results until there are no more or <paramref name="budget"/> is used up.</summary>
    /// <returns>How many were delivered.</returns>
    public int DeliverResults<THandler>(ref THandler handler, TimeSpan budget)
        where THandler : IResultHandler
    {
        int delivered = 0;
        long start = Stopwatch.GetTimestamp();
        while (TryTakeResult(out AsyncTask? task))
        {
            handler.Deliver(task);
            Complete(task);
            delivered++;
            if (Stopwatch.GetElapsedTime(start) >= budget)
                break;
        }

        return delivered;
    }

    /// <summary>Sleeps until a result can be taken, nothing is pending, or the time is over.</summary>
    /// <param name="timeout"><see cref="Timeout.InfiniteTimeSpan"/> waits as long as it takes.</param>
    public LaneState WaitForResults(TimeSpan timeout)
    {
        long start = Stopwatch.GetTimestamp();
        while (true)
        {
            if (Pull() is not null)
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

    /// <summary>
    /// Gives the lane up: results that have arrived are completed without being delivered, so that their leases are released.
    /// Drain first, or stop the runtime first: tasks that are still with a worker afterwards keep their lease for ever.
    /// </summary>
    public void Dispose()
    {
        _disposing = true;
        while (_delivering is null && TryTakeResult(out AsyncTask? task))
            Complete(task);
        if (_credit > 0)
            _budget.Return(_credit);
        _credit = 0;
        _resultBudget.Return(_delivered);
        _delivered = 0;
        for (; _idleRecords is { } record; _idleRecords = record.Next)
            record.Discard();
        _idleRecordCount = 0;
        _journal?.Dispose();
        _wakeUp.Dispose();
    }

    /// <summary>Above the cap tasks are stored; if the disk does not take them, memory goes up to here.</summary>
    private long MemoryLimit => _budget.Cap + (_budget.Cap / 2);

    internal long NextId()
    {
        if (_nextId == _lastId)
        {
            _lastId = Runtime.ReserveIds(IdsAtATime);
            _nextId = _lastId - IdsAtATime;
        }

        return ++_nextId;
    }

    /// <summary>An empty record.</summary>
    internal AsyncTask Rent()
    {
        if (_idleRecords is not { } task)
            return new AsyncTask();

        _idleRecords = task.Next;
        _idleRecordCount--;
        return task;
    }

    /// <summary>
    /// Finds out where there is room for a task, and charges it to the memory accounts if it is memory. False if there is none and the
    /// policy is to drop it; its record is then recycled already. Waits only if the disk is full too.
    /// </summary>
    internal bool TryAdmit(AsyncTask task, AsyncPool pool, out Admission admission)
    {
        admission = Admission.Queued;
        if (!pool.Spill.IsActive && (_credit >= task.Charge || _budget.Held + _resultBudget.Held <= _budget.Cap))
        {
            TakeCredit(task.Charge, _budget.Chunk);
            return true;
        }

        admission = Admission.Stored;
        if (pool.Spill.IsOpen)
            return true;
        admission = pool.Spill.IsActive ? Admission.Held : Admission.Queued;
        if (_credit >= task.Charge || _budget.Held <= MemoryLimit || WaitForRoom(pool, ref admission))
        {
            if (admission != Admission.Stored)
                TakeCredit(task.Charge, 0);
            return true;
        }

        Shelve(task, pool);
        return false;
    }

    /// <summary>
    /// Stores an admitted task in the journal, if there is one. False if the disk is full and the policy is to drop the task. Waiting ends
    /// when this lane has results to take: only taking them could make room, and a submission cannot.
    /// </summary>
    internal bool TryJournal(AsyncTask task, ITaskLease? lease)
    {
        if (_journal is null)
            return true;
        if (Runtime.Journal!.SyncsAlways)
            lease?.Persist();
        if (_journal.TryAppend(task))
            return true;
        if (Runtime.Options.LoadPolicy == AsyncLoadPolicy.Drop)
            return false;

        Waits++;
        do
        {
            if (!_results.IsEmpty || task.Client.Pool.StopSignal.Wait(TimeSpan.FromMilliseconds(1)))
            {
                Unjournalled++;
                return true;
            }
        }
        while (!_journal.TryAppend(task));
        return true;
    }

    /// <summary>Takes back what <see cref="TryAdmit"/> has given, and the record.</summary>
    internal void Refuse(AsyncTask task, Admission admission)
    {
        if (admission != Admission.Stored)
            _credit += task.Charge;
        Shelve(task, task.Client.Pool);
    }

    internal void Submit(AsyncTask task, Admission admission)
    {
        Pending++;
        task.SubmittedAt = Stopwatch.GetTimestamp();
        AsyncPool pool = task.Client.Pool;
        if (admission == Admission.Stored)
        {
            if (pool.Spill.TryStore(task))
            {
                Shelve(task, pool);
                pool.NoteSubmitted();
                return;
            }

            // The disk has just filled up, or fails: the task is accepted, so it waits in memory behind those on disk.
            TakeCredit(task.Charge, 0);
            admission = Admission.Held;
        }

        pool.Submit(task, admission);
    }

    /// <summary>Any thread: brings a task back that has ended.</summary>
    internal void Return(AsyncTask task)
    {
        _results.Enqueue(task);
        if (Volatile.Read(ref _waiting) != 0)
            Wake();
    }

    /// <summary>The next result to deliver, left where the next call finds it again.</summary>
    private AsyncTask? Pull()
    {
        while (_taken is null && _results.TryDequeue() is { } task)
        {
            if (task.NeedsDelivery)
                _taken = task;
            else
                Recycle(task);
        }

        return _taken;
    }

    private void Recycle(AsyncTask task)
    {
        task.Client.Pending--;
        Pending--;
        _delivered += task.ResultCharge;
        if (_delivered >= _resultBudget.Chunk)
        {
            _resultBudget.Return(_delivered);
            _delivered = 0;
        }

        // First struck, then released; and never released for a task that the next process will run.
        if (task.Entry.IsNone || IsOver(task))
        {
            task.Entry.Strike();
            task.Lease?.Release();
        }
        else
        {
            LeftInJournal++;
        }

        Shelve(task, task.Client.Pool);
    }

    /// <summary>Whether a task need not run again. What was stopped with the slow path, or never told, is left for the next process.</summary>
    private bool IsOver(AsyncTask task) => task.Outcome switch
    {
        TaskOutcome.Succeeded => !_disposing || !task.NeedsDelivery,
        TaskOutcome.Cancelled => false,
        _ => !_disposing && !task.Client.Pool.IsStopping,
    };

    private void Shelve(AsyncTask task, AsyncPool pool)
    {
        task.Reset();
        if (_idleRecordCount == IdleRecordLimit)
        {
            if (!pool.Spill.TryTakeSpare(task))
                task.Discard();
            return;
        }

        task.Next = _idleRecords;
        _idleRecords = task;
        _idleRecordCount++;
    }

    /// <summary>Takes a task's charge from what the lane has taken from the accounts; if need be, takes that and more.</summary>
    private void TakeCredit(int charge, int ahead)
    {
        if (_credit < charge)
        {
            long wanted = charge - _credit + ahead;
            _credit += wanted;
            _budget.Take(wanted);
        }

        _credit -= charge;
    }

    /// <summary>Neither memory nor disk has room: waits for either, or refuses. A new admission is what there was room for.</summary>
    private bool WaitForRoom(AsyncPool pool, ref Admission admission)
    {
        if (Runtime.Options.LoadPolicy == AsyncLoadPolicy.Drop)
            return false;
        Waits++;
        while (!_budget.WaitBelow(MemoryLimit, TimeSpan.FromMilliseconds(1), pool.StopSignal) && !pool.StopSignal.IsSet)
        {
            if (pool.Spill.IsOpen)
            {
                admission = Admission.Stored;
                return true;
            }
        }

        admission = pool.Spill.IsActive ? Admission.Held : Admission.Queued;
        return true;
    }

    private void Sleep(TimeSpan timeout)
    {
        Interlocked.Exchange(ref _waiting, 1);
        bool woken = _results.IsEmpty && _wakeUp.Wait(timeout);
        if (!woken && Interlocked.Exchange(ref _waiting, 0) == 0)
            _wakeUp.Wait();
    }

    private void Wake()
    {
        if (Interlocked.Exchange(ref _waiting, 0) == 1)
            _wakeUp.Release();
    }
}
