using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using Spillway.Async.Native;
using Spillway.Async.Queues;

namespace Spillway.Async.Rings;

/// <summary>
/// The fast way between one lane and one pool of a single worker: small tasks of <c>schedule</c> and their results, as records in native
/// memory that the Lua of both sides writes and reads. Whatever else there is (keys, retries, time-outs of its own, leases, file
/// operations, a journal, tasks on disk) takes the way by <see cref="AsyncTask"/>.
/// </summary>
/// <remarks>
/// <para>Order: the ring is open only while this lane has no task of the other kind with the pool. Such a task closes it, starts when the
/// ring is empty, and its end opens it again. Results in the ring came before any result beside it.</para>
/// <para>Memory: the lane publishes a task by <see cref="RingWords.Tail"/>, the worker a result by <see cref="RingWords.Done"/>, with a
/// full fence, and then looks whether the other sleeps. Who sleeps says so, with a full fence, and then looks for the last time.</para>
/// </remarks>
public sealed unsafe class TaskRing
{
    /// <summary>Bytes of data and upvalues of a task that may go this way.</summary>
    public const int MaxTaskBytes = 16 << 10;

    private const int WantsResult = 16; // as async.lua adds it
    private const int Sleeping = 1;
    private const int Ended = 2;

    private readonly AsyncPool _pool;
    private readonly TaskPort _lane;
    private readonly RingSegments _tasks;
    private readonly RingSegments _results;
    private readonly TaskQueue _failures = new();
    private readonly List<AsyncClient> _clients = [];
    private readonly ConcurrentDictionary<int, TaskFunction> _functions = new();
    private RingWords* _words;
    private int _others;

    internal TaskRing(TaskPort lane, AsyncPool pool)
    {
        _lane = lane;
        _pool = pool;
        _tasks = new RingSegments(pool.Runtime.Budget);
        _results = new RingSegments(pool.Runtime.ResultBudget);
    }

    /// <summary>Frees what nobody looks at any more.</summary>
    ~TaskRing()
    {
        _tasks.Free();
        _results.Free();
        NativeMemory.AlignedFree(_words);
    }

    /// <summary>Names and addresses of the machine code that Lua calls; empty if there is none, and so no rings.</summary>
    public static string Code => RingCode.Text;

    /// <summary>How long the oldest task that waits has been waiting, or a little longer; null if none does. Any thread.</summary>
    internal TimeSpan? OldestWaiting
    {
        get
        {
            long stamp = Volatile.Read(ref _words->Stamp);
            int waiting = unchecked(Volatile.Read(ref _words->Tail) - Volatile.Read(ref _words->Read));
            return stamp == 0 || waiting <= 1 ? null : TimeSpan.FromMicroseconds((RingClock.Now - stamp) / RingClock.Rate / 1e3);
        }
    }

    /// <summary>Where Lua finds it; 0 before there is one.</summary>
    public nint Address => (nint)_words;

    /// <summary>Whether it has its memory.</summary>
    internal bool IsMade => _words != null;

    /// <summary>Tasks that ended well.</summary>
    internal long Succeeded => _words == null ? 0 : (long)Volatile.Read(ref _words->Succeeded);

    /// <summary>Lane: a result can be taken.</summary>
    internal bool HasResults => Volatile.Read(ref _words->Done) != _words->Take;

    /// <summary>Lane: tasks whose results were not taken.</summary>
    internal int Pending => unchecked(_words->Put - _words->Take);

    /// <summary>Worker: a task can be taken.</summary>
    internal bool HasTasks => Volatile.Read(ref _words->Tail) != _words->Read;

    /// <summary>Whether a pool's tasks can go by a ring at all.</summary>
    internal static bool IsFor(AsyncPool pool)
    {
        AsyncOptions options = pool.Runtime.Options;
        return options.UsesRings
            && RingCode.IsThere
            && pool.WorkerCount == 1
            && pool.Runtime.Journal is null
            && !options.InOrder
            && options.OnTaskOver is null
            && options.MemoryCap >= AsyncOptions.LeastMemoryForRings;
    }

    // The lane -------------------------------------------------------------------------------------------------------------------------

    /// <summary>Makes the ring's memory, once, and gives the client a share. False if the system has no memory.</summary>
    internal RingAccount? Join(AsyncClient client)
    {
        if (_words == null)
        {
            var words = (RingWords*)NativeMemory.AlignedAlloc((nuint)sizeof(RingWords), 128);
            new Span<byte>(words, sizeof(RingWords)).Clear();
            _tasks.Begin(ref words->PutAt, ref words->PutEnd);
            _results.Begin(ref words->OutAt, ref words->OutEnd);
            words->ReadAt = words->PutAt;
            words->TakeAt = words->OutAt;
            words->Ids = _lane.Ids.Words;
            words->Asleep = Sleeping;
            words->Open = _others == 0 ? 1 : 0;
            _words = words;
            _lane.AddRing(this);
            _pool.AddRing(this);
        }

        lock (_clients)
        {
            _clients.Add(client);
            return new RingAccount(_clients.Count - 1, client.CurrentLease is not null);
        }
    }

    /// <summary>A function that tasks in the ring may run; its number there.</summary>
    public int Add(TaskFunction function)
    {
        ArgumentNullException.ThrowIfNull(function);
        int number = checked((int)function.Id);
        _functions[number] = function;
        return number;
    }

    /// <summary>Lane: room for more tasks. False if there is none: then the task takes the other way, where it may go to disk.</summary>
    public bool TryGrow()
    {
        AsyncRuntime runtime = _pool.Runtime;
        if (_pool.Spill.IsActive || runtime.Budget.Held + runtime.ResultBudget.Held > runtime.Budget.Cap)
            return false;
        _tasks.Grow(ref _words->PutAt, ref _words->PutEnd, 0);
        return true;
    }

    /// <summary>Lane: more numbers.</summary>
    public void ReserveIds() => _lane.Ids.Reserve();

    /// <summary>Lane: a task was put, and nobody may look.</summary>
    public void WakeWorker()
    {
        Interlocked.And(ref _words->Asleep, ~Sleeping);
        _pool.NoteRingTask();
    }

    /// <summary>Lane: the results go on in the next segment.</summary>
    public void FollowResults() => _results.Follow(ref _words->TakeAt);

    /// <summary>Lane: throws the next results of a client away, whose script is gone; how many.</summary>
    public int DropResults(AsyncClient client)
    {
        ArgumentNullException.ThrowIfNull(client);
        int dropped = 0;
        while (HasResults && Next() is var record && record->Kind == (int)RingRecordKind.Plain && _clients[record->Client] == client)
        {
            Take(record);
            client.Share!.Complete();
            dropped++;
        }

        return dropped;
    }

    /// <summary>Lane: a task of the other kind is on its way.</summary>
    internal void AddOther()
    {
        _others++;
        if (_words != null)
            _words->Open = 0;
    }

    /// <summary>Lane: such a task is over.</summary>
    internal void RemoveOther()
    {
        if (--_others == 0 && _words != null)
            _words->Open = 1;
    }

    /// <summary>Lane: whose the next result is; or the failure that comes next.</summary>
    internal AsyncClient PeekResult(out AsyncTask? failure)
    {
        failure = null;
        RingRecord* record = Next();
        AsyncClient client = _clients[record->Client];
        if (record->Kind != (int)RingRecordKind.Task)
            return client;
        Take(record);
        while ((failure = _failures.TryDequeue()) is null) // it is just being linked
            Thread.SpinWait(1);
        return client;
    }

    /// <summary>Lane: when taking results has to end, as time of <see cref="Stopwatch"/>.</summary>
    internal void SetDeadline(long end)
    {
        double nanoseconds = Math.Max(0, end - Stopwatch.GetTimestamp()) * (1e9 / Stopwatch.Frequency);
        _words->Deadline = RingClock.Now + (long)Math.Min(nanoseconds * RingClock.Rate, long.MaxValue / 4);
    }

    /// <summary>Lane: says that it sleeps, or that it is awake.</summary>
    internal void SetWaiting(bool value) => Volatile.Write(ref _words->Waiting, value ? 1 : 0);

    // The worker -----------------------------------------------------------------------------------------------------------------------

    /// <summary>Worker: a function by its number.</summary>
    public TaskFunction? Find(int number) => _functions.GetValueOrDefault(number);

    /// <summary>Worker: the tasks go on in the next segment.</summary>
    public void FollowTasks() => _tasks.Follow(ref _words->ReadAt);

    /// <summary>Worker: room for a result of this many bytes. If results fill their memory, the worker is to leave.</summary>
    public void GrowResults(int bytes)
    {
        _results.Grow(ref _words->OutAt, ref _words->OutEnd, bytes);
        MemoryBudget account = _pool.Runtime.ResultBudget;
        if (account.Held > account.Cap)
            Volatile.Write(ref _words->Leave, 1);
    }

    /// <summary>Worker: a result was published while the lane sleeps.</summary>
    public void WakeLane()
    {
        SetWaiting(false);
        _lane.WakeFromRing();
    }

    /// <summary>Worker: a turn begins.</summary>
    internal void Enter() => Volatile.Write(ref _words->Leave, _pool.IsStopping ? 1 : 0);

    /// <summary>Worker: says that it sleeps, or that it is awake; a full fence.</summary>
    internal void SetSleeping(bool value)
    {
        if (value)
            Interlocked.Or(ref _words->Asleep, Sleeping);
        else
            Interlocked.And(ref _words->Asleep, ~Sleeping);
    }

    /// <summary>Any thread: no worker comes any more, so each further task is to be reported; and the one at work is to leave.</summary>
    internal void SetEnded()
    {
        Interlocked.Or(ref _words->Asleep, Ended);
        Volatile.Write(ref _words->Leave, 1);
    }

    /// <summary>Who reads, with no task at work: takes the next task out of the ring, as a record that its end is recognised by.</summary>
    [SuppressMessage("Reliability", "CA2000", Justification = "A record is no resource of its own.")]
    internal AsyncTask Remove(long timeoutTicks)
    {
        if (_words->ReadAt->Kind == (int)RingRecordKind.Jump)
            FollowTasks();
        RingRecord* record = _words->ReadAt;
        var data = (byte*)(record + 1);
        var task = new AsyncTask();
        task.SetSchedule(
            new ScheduleRequest
            {
                Function = _functions[record->Code],
                Data = new ReadOnlySpan<byte>(data, record->Length),
                DataKind = (byte)record->DataKind,
                Cookie = record->Slot,
                WantsResult = (record->DataKind & WantsResult) != 0,
            },
            timeoutTicks
        );
        long now = RingClock.Now;
        task.Id = (long)record->Id;
        task.RingPlace = record->Client;
        task.SubmittedAt = Stopwatch.GetTimestamp() - (long)((now - record->Stamp) / RingClock.Rate * (Stopwatch.Frequency / 1e9));
        task.Client = ClientAt(record->Client);
        _words->ReadAt = (RingRecord*)((byte*)record + record->Size);
        Volatile.Write(ref _words->Read, unchecked(_words->Read + 1));
        return task;
    }

    /// <summary>Who writes results: sends the end of a task that has left the ring by <see cref="Remove"/>.</summary>
    internal void Return(AsyncTask task)
    {
        int bytes = sizeof(RingRecord);
        if ((byte*)_words->OutAt + bytes > _words->OutEnd)
            GrowResults(bytes);
        RingRecord* record = _words->OutAt;
        *record = new RingRecord
        {
            Size = bytes,
            Kind = (int)RingRecordKind.Task,
            Client = task.RingPlace,
        };
        _failures.Enqueue(task);
        _words->OutAt = record + 1;
        _words->Out = unchecked(_words->Out + 1);
        Volatile.Write(ref _words->Done, _words->Out);
        Interlocked.MemoryBarrier();
        if (Volatile.Read(ref _words->Waiting) != 0)
            WakeLane();
    }

    private RingRecord* Next()
    {
        if (_words->TakeAt->Kind == (int)RingRecordKind.Jump)
            FollowResults();
        return _words->TakeAt;
    }

    private void Take(RingRecord* record)
    {
        _words->TakeAt = (RingRecord*)((byte*)record + record->Size);
        _words->Take = unchecked(_words->Take + 1);
    }

    private AsyncClient ClientAt(int place)
    {
        lock (_clients)
            return _clients[place];
    }
}
