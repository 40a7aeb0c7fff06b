using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using Spillway.Async.Journal;
using Spillway.Async.Lanes;
using Spillway.Async.Queues;
using Spillway.Async.Rings;

namespace Spillway.Async;

/// <summary>
/// A thread that runs scripts, as the slow path sees it: it owns the task records, and all results of its clients come back here.
/// Every member may be called on that one thread only, unless it says otherwise. (The thread may change while nothing is pending.)
/// </summary>
public sealed partial class TaskPort : IDisposable
{
    private readonly LaneAccounts _accounts;
    private readonly RecordStore _records = new();
    private readonly FutexSemaphore _wakeUp = new();
    private readonly TaskQueue _results = new();
    private readonly ResultOrder? _order;
    private readonly JournalWriter? _journal;
    private AsyncTask? _taken;
    private AsyncTask? _delivering;
    private long _deliveryTime;
    private long _deliveryEnd;
    private long _completed;
    private long _pending;
    private int _waiting;
    private SpinHabit _spinHabit;
    private bool _disposing;

    internal TaskPort(AsyncRuntime runtime, string name)
    {
        Runtime = runtime;
        Name = name;
        Ids = new RingIds(runtime);
        _accounts = new LaneAccounts(runtime);
        _order = runtime.Options.InOrder ? new ResultOrder() : null;
        _journal = runtime.Journal is { } journal ? new JournalWriter(journal) : null;
    }

    /// <summary>The runtime that made the lane.</summary>
    public AsyncRuntime Runtime { get; }

    /// <summary>For logs.</summary>
    public string Name { get; }

    /// <summary>Tasks of all clients of this lane that are not completed.</summary>
    public long Pending => _pending + PendingInRings;

    /// <summary>
    /// Whether a call of <see cref="DeliverResults"/> is worth while: a volatile read or two. Call it between packets. (What came back may
    /// turn out to be tasks with nothing to deliver; taking them is what completes them.)
    /// </summary>
    public bool HasResults => !_results.IsEmpty || _taken is not null || HasRingResults;

    /// <summary>Times that a submission had to wait because memory and disk were full.</summary>
    public long Waits => _accounts.Waits;

    /// <summary>Tasks that came back without being done, since the slow path has stopped: the next process will do them.</summary>
    public long LeftInJournal { get; private set; }

    /// <summary>Makes the end of one script instance.</summary>
    /// <param name="pool">The plugin's workers.</param>
    /// <param name="name">The script's name, for logs.</param>
    /// <param name="owner">Found again at <see cref="AsyncClient.Owner"/>.</param>
    /// <param name="identity">See <see cref="AsyncClient.Identity"/>; must not change any more.</param>
    /// <param name="isJournalled">See <see cref="AsyncClient.IsJournalled"/>.</param>
    public AsyncClient CreateClient(
        AsyncPool pool,
        string name,
        object? owner = null,
        ReadOnlyMemory<byte> identity = default,
        bool isJournalled = true
    )
    {
        ArgumentNullException.ThrowIfNull(pool);
        var client = new AsyncClient(this, pool, name, owner, identity) { IsJournalled = isJournalled, Ring = RingFor(pool) };
        pool.Register(client);
        return client;
    }

    /// <summary>
    /// Takes the next result or failure that a script or the log must hear of. Deliver it, then call <see cref="Complete"/> before the
    /// next one is taken. Tasks with nothing to deliver are completed on the way.
    /// </summary>
    public bool TryTakeResult([NotNullWhen(true)] out AsyncTask? task)
    {
        if (_delivering is not null)
            throw new InvalidOperationException("The result taken before is not completed yet.");
        task = Pull();
        if (task is null)
            return false;
        BeginDelivery(task);
        return true;
    }

    /// <summary>
    /// For the handler of a delivery: completes its task, and takes the next one if that is a success of the same client and the time for
    /// deliveries is not over. Who enters a script once for many results spares the way in and out.
    /// </summary>
    public bool TryTakeFollowing([NotNullWhen(true)] out AsyncTask? task)
    {
        task = null;
        AsyncTask current = _delivering ?? throw new InvalidOperationException("No result is being delivered.");
        long now = Stopwatch.GetTimestamp();
        if (now >= _deliveryEnd || HasRingResults)
            return false;
        if (Pull() is not { Outcome: TaskOutcome.Succeeded } next || !ReferenceEquals(next.Client, current.Client))
            return false;
        Complete(current);
        BeginDelivery(next);
        _deliveryTime = now;
        task = next;
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
        _completed++;
        Recycle(task);
    }

    /// <summary>Delivers results until there are no more or <paramref name="budget"/> is used up.</summary>
    /// <returns>How many were delivered.</returns>
    public int DeliverResults<THandler>(ref THandler handler, TimeSpan budget)
        where THandler : IResultHandler
    {
        long before = _completed;
        long now = Stopwatch.GetTimestamp();
        _deliveryEnd = now + (long)Math.Min(budget.TotalSeconds * Stopwatch.Frequency, long.MaxValue / 2);
        do
        {
            bool any = DeliverFromRing(ref handler);
            if (any)
                now = Stopwatch.GetTimestamp();
            if ((!any || now < _deliveryEnd) && Pull() is { } task)
            {
                any = true;

                // What is in its ring was done before it; and may have come while we looked for it.
                if (task.Client.Ring is { IsMade: true, HasResults: true })
                    continue;
                BeginDelivery(task);
                Deliver(task, ref handler, now);
                now = Stopwatch.GetTimestamp();
            }

            if (!any)
                break;
        } while (now < _deliveryEnd);

        return (int)(_completed - before);
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
        DropRings();
        _accounts.Settle();
        _records.Clear();
        _journal?.Dispose();
    }

    internal long NextId() => Ids.Next();

    /// <summary>An empty record.</summary>
    internal AsyncTask Rent() => _records.Rent();

    /// <summary>
    /// Finds room for a task. False if there is none and the policy is to drop it; its record is then recycled already.
    /// </summary>
    internal bool TryAdmit(AsyncTask task, AsyncPool pool, out Admission admission)
    {
        if (_accounts.TryAdmit(task, pool, out admission))
            return true;
        _records.Return(task, pool.Spill);
        return false;
    }

    /// <summary>Takes back what <see cref="TryAdmit"/> has given, and the record.</summary>
    internal void Refuse(AsyncTask task, Admission admission)
    {
        if (admission != Admission.Stored)
            _accounts.Refund(task);
        _records.Return(task, task.Client.Pool.Spill);
    }

    internal void Submit(AsyncTask task, Admission admission)
    {
        _pending++;
        task.Client.Ring?.AddOther();

        // Looking at the clock costs a tenth of a submission: what a result submits came when the result did.
        task.SubmittedAt = _delivering is null ? Stopwatch.GetTimestamp() : _deliveryTime;
        AsyncPool pool = task.Client.Pool;
        if (admission == Admission.Stored)
        {
            if (pool.Spill.TryStore(task))
            {
                _records.Return(task, pool.Spill);
                pool.NoteSubmitted();
                return;
            }

            // The disk has just filled up, or fails: the task is accepted, so it waits in memory behind those on disk.
            _accounts.Charge(task);
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

    private void BeginDelivery(AsyncTask task, bool isPulled = true)
    {
        if (isPulled)
            _taken = null;
        _delivering = task;
        task.Client.CurrentLease = task.Lease;
    }

    /// <summary>The next result to deliver, left where the next call finds it again.</summary>
    private AsyncTask? Pull()
    {
        while (_taken is null && (_order is null ? _results.TryDequeue() : NextInOrder(_order)) is { } task)
        {
            if (task.NeedsDelivery)
                _taken = task;
            else
                Recycle(task);
        }

        return _taken;
    }

    // Tasks come back from disk, and workers go on, only while results leave them room.
    private AsyncTask? NextInOrder(ResultOrder order) =>
        order.Next(_results, Pending, _disposing || Runtime.ResultBytes > Runtime.Options.MemoryCap / 4);

    private void Recycle(AsyncTask task)
    {
        bool isOfRing = task.RingPlace >= 0;
        if (!isOfRing)
            _pending--;
        Runtime.Options.OnTaskOver?.Invoke(task);
        _accounts.ReturnResult(task);

        if (task.IsLeft)
            LeftInJournal++;

        // First struck, then released; and never released for a task that the next process will run.
        if (task.Entry.IsNone || IsOver(task))
        {
            task.Entry.Strike();
            task.Lease?.Release();
        }
        else
        {
            task.Leave();
            LeftInJournal++;
        }

        AsyncClient client = task.Client;
        _records.Return(task, client.Pool.Spill);
        if (isOfRing)
        {
            client.EndRingTask();
            return;
        }

        client.Ring?.RemoveOther();
        client.EndTask();
    }

    /// <summary>
    /// Whether a task need not run again. What was stopped with the slow path, or never told, is left for the next process.
    /// </summary>
    private bool IsOver(AsyncTask task) =>
        task.Outcome switch
        {
            TaskOutcome.Succeeded => !_disposing || !task.NeedsDelivery,
            TaskOutcome.Cancelled => false,
            _ => !_disposing && !task.Client.Pool.IsStopping,
        };
}
