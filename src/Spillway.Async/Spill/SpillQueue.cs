using System.Buffers;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Spillway.Async.Queues;

namespace Spillway.Async.Spill;

/// <summary>
/// Where a pool's tasks go when memory is short: to disk in order, and back in order when there is room. Lanes write, into a buffer that
/// goes to the file when it is full: that keeps pace with any lane, since the lane that submits too much does the work. A thread reads.
/// </summary>
/// <remarks>
/// As long as one task is out, all later ones of the pool follow it, or they would overtake it. The count goes down only after a task
/// has entered the pool's intake, so a lane that reads zero comes behind everything that ever was out. If the disk takes no more, tasks
/// wait in memory behind those on it.
/// </remarks>
internal sealed class SpillQueue : IDisposable
{
    private const int HungryBatch = 256;

    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan RetryInterval = TimeSpan.FromSeconds(1);

    private readonly AsyncPool _pool;
    private readonly MemoryBudget _budget;
    private readonly MemoryBudget _results;
    private readonly long _diskCap;
    private readonly int _spareLimit;
    private readonly Lock _lock = new();
    private readonly TaskQueue _held = new();
    private readonly TaskQueue _spares = new();
    private readonly WorkGate _gate = new();
    private readonly ObjectTable _objects = new();
    private readonly SpillFile _file;
    private readonly ArrayBufferWriter<byte> _record = new();
    private Thread? _thread;
    private long _outstanding;
    private long _heldCount;
    private long _spilled;
    private long _failedAt;
    private long _startAgainAt;
    private int _spareCount;
    private int _requested;
    private volatile bool _stopping;

    public SpillQueue(AsyncPool pool)
    {
        _pool = pool;
        _budget = pool.Runtime.Budget;
        _results = pool.Runtime.ResultBudget;
        _spareLimit = (int)Math.Min(pool.Runtime.Options.MemoryCap / AsyncTask.RecordBytes, int.MaxValue);
        _diskCap = pool.Runtime.Options.DiskCap;
        _file = new SpillFile(pool.Runtime.Options.SpillDirectory, _lock);
    }

    /// <summary>Whether tasks must take this way, lest they overtake others.</summary>
    public bool IsActive => Volatile.Read(ref _outstanding) > 0;

    /// <summary>Whether a task would be stored: there is room on disk, and no task waits for it.</summary>
    public bool IsOpen => Volatile.Read(ref _heldCount) == 0 && _file.Bytes < _diskCap && !IsRecoveringFromError;

    /// <summary>Tasks that were written to disk so far.</summary>
    public long Spilled => Volatile.Read(ref _spilled);

    /// <summary>Why the disk last did not take a task; null if it took all. Any thread.</summary>
    public string? Trouble { get; private set; }

    private bool IsRecoveringFromError => Volatile.Read(ref _failedAt) is not 0 and var at && Stopwatch.GetElapsedTime(at) < RetryInterval;

    /// <summary>A lane: writes a task; its record is free then. False if the disk does not take it.</summary>
    public bool TryStore(AsyncTask task)
    {
        lock (_lock)
        {
            if (!IsOpen || !TryWrite(task))
                return false;
            Volatile.Write(ref _spilled, _spilled + 1);
            NoteOut();
        }

        return true;
    }

    /// <summary>A lane: puts a task that the disk did not take behind those that it has.</summary>
    public void Hold(AsyncTask task)
    {
        lock (_lock)
        {
            Interlocked.Increment(ref _heldCount);
            _held.Enqueue(task);
            NoteOut();
        }
    }

    /// <summary>
    /// A worker that is about to sleep: has tasks brought back at once, and although memory may be short, for other pools may hold it.
    /// </summary>
    public void Demand()
    {
        if (IsActive)
            _gate.WakeOne();
    }

    /// <summary>
    /// A lane: takes an empty record it has no use for, if tasks are still to come back from disk. So records that memory once had room
    /// for are used again, instead of being garbage that the collector finds late.
    /// </summary>
    public bool TryTakeSpare(AsyncTask record)
    {
        if (!IsActive || Volatile.Read(ref _spareCount) >= _spareLimit)
            return false;
        Interlocked.Increment(ref _spareCount);
        _spares.Enqueue(record);
        return true;
    }

    /// <summary>The keeper, under the pool's lock: starts the thread if a lane has asked for it.</summary>
    public void StartIfRequested()
    {
        if (Volatile.Read(ref _requested) == 0 || _thread is not null)
            return;
        long now = Stopwatch.GetTimestamp();
        if (now < _startAgainAt)
            return;
        var thread = new Thread(Run) { IsBackground = true, Name = $"async {_pool.Plugin} spill" };
        try
        {
            _pool.Runtime.Options.StartThread(thread);
            _thread = thread;
        }
        catch (Exception e) when (e is OutOfMemoryException or ThreadStartException)
        {
            _startAgainAt = now + (long)(_pool.Runtime.Options.ReplacementInterval.TotalSeconds * Stopwatch.Frequency);
            _pool.NoteRefusedThread(e);
        }
    }

    /// <summary>Ends and joins the thread. What is still here stays, for <see cref="RemoveAll"/>.</summary>
    public void Dispose()
    {
        _stopping = true;
        _gate.WakeAll();
        _thread?.Join();
    }

    /// <summary>After the stop: hands over every task, in order.</summary>
    public void RemoveAll(Action<AsyncTask> receiver)
    {
        while (_file.Count > 0 && TryReadBack() is { } task)
        {
            _budget.Take(task.Charge);
            receiver(task);
        }

        while (!_held.IsEmpty)
        {
            if (_held.TryDequeue() is { } task)
                receiver(task);
        }

        lock (_lock)
            _file.Dispose();
        Volatile.Write(ref _heldCount, 0);
        Volatile.Write(ref _outstanding, 0);
    }

    /// <summary>Under the lock: the thread must know of the first one; while some are out it looks by itself.</summary>
    private void NoteOut()
    {
        if (Interlocked.Increment(ref _outstanding) > 1)
            return;
        _gate.WakeOne();
        if (Interlocked.Exchange(ref _requested, 1) == 0)
            _pool.RequestThreads();
    }

    private void Run()
    {
        while (!_stopping)
        {
            if (BringBack())
                continue;
            _gate.Announce();
            if (_stopping)
                _gate.StayAwake();
            else
                _gate.Sleep(IsActive ? LookInterval : Timeout.InfiniteTimeSpan);
        }
    }

    private bool HasRoom() => _budget.Held + _results.Held < _budget.Cap / 2;

    private bool BringBack()
    {
        int demanded = _pool.Gate.HasSleepers ? HungryBatch : 0;
        int count = 0;
        while (_file.Count > 0 && (count < demanded || HasRoom()) && !_stopping)
        {
            if (TryReadBack() is not { } task)
                return false;
            _budget.Take(task.Charge);
            Inject(task);
            count++;
        }

        // They are in memory already: once they are the oldest, nothing is gained by keeping them.
        while (_file.Count == 0 && _held.TryDequeue() is { } held)
        {
            Inject(held);
            Interlocked.Decrement(ref _heldCount);
            count++;
        }

        if (count > 0 && _file.Count == 0)
        {
            lock (_lock)
            {
                if (_file.Count == 0)
                    _file.Reset();
            }
        }

        if (!IsActive)
            DiscardSpares();

        return count > 0;
    }

    /// <summary>Under the lock. False if the disk does not take it.</summary>
    private bool TryWrite(AsyncTask task)
    {
        TaskHeader header = task.ToHeader(_objects);
        try
        {
            _record.ResetWrittenCount();
            MemoryMarshal.Write(_record.GetSpan(Unsafe.SizeOf<TaskHeader>()), in header);
            _record.Advance(Unsafe.SizeOf<TaskHeader>());
            _record.Write(task.Body);
            _file.Append(_record.WrittenSpan);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Volatile.Write(ref _failedAt, Stopwatch.GetTimestamp());
            Trouble = $"tasks cannot be put on disk: {e.Message}";
            _pool.NoteError(Trouble);
            _objects.Forget(header);
            return false;
        }
    }

    private AsyncTask? TryReadBack()
    {
        ReadOnlySpan<byte> record;
        try
        {
            record = _file.Read();
        }
        catch (IOException e)
        {
            EndLost($"the file of tasks in {_pool.Runtime.Options.SpillDirectory} cannot be read ({e.Message})");
            return null;
        }

        var header = MemoryMarshal.Read<TaskHeader>(record);
        AsyncTask task = RentRecord();
        lock (_lock)
            task.Restore(header, record[Unsafe.SizeOf<TaskHeader>()..], _objects);
        return task;
    }

    private void DiscardSpares()
    {
        while (_spares.TryDequeue() is { } record)
        {
            Interlocked.Decrement(ref _spareCount);
            record.Discard();
        }
    }

    private AsyncTask RentRecord()
    {
        if (_spares.TryDequeue() is not { } record)
            return new AsyncTask();
        Interlocked.Decrement(ref _spareCount);
        return record;
    }

    /// <summary>
    /// The file is unreadable. Which tasks were in it is not known any more, but whose they were is: each client is notified, and what the
    /// tasks kept in place is let go with them, by its lane. What a journal has too is still there, with its files.
    /// </summary>
    private void EndLost(string trouble)
    {
        bool isKept = _pool.Runtime.Journal is not null;
        List<(AsyncClient Client, int Tasks)> clients;
        var leases = new Dictionary<TaskPort, Queue<ITaskLease>>();
        lock (_lock)
        {
            foreach ((ITaskLease lease, TaskPort lane, int references) in isKept ? [] : _objects.Leases())
            {
                if (!leases.TryGetValue(lane, out Queue<ITaskLease>? ofLane))
                    leases.Add(lane, ofLane = new Queue<ITaskLease>());
                for (int i = 0; i < references; i++)
                    ofLane.Enqueue(lease);
            }

            clients = _objects.Clear<AsyncClient>();
            _file.Reset();
        }

        int lost = clients.Sum(client => client.Tasks);
        string fate = isKept ? "left in the journal for the next run" : "lost";
        string message = $"{fate}, since {trouble}";
        _pool.CountLost(lost);
        _pool.NoteError(message);
        _pool.Report($"{lost} tasks that were on disk are {message}: check that disk");
        foreach ((AsyncClient client, int count) in clients)
        {
            for (int i = 0; i < count; i++)
            {
                AsyncTask task = AsyncTask.Lost(client, message, isKept);
                task.Lease = leases.GetValueOrDefault(client.Lane)?.TryDequeue(out ITaskLease? lease) == true ? lease : null;
                client.Lane.Return(task);
            }

            Interlocked.Add(ref _outstanding, -count);
        }
    }

    private void Inject(AsyncTask task)
    {
        _pool.Enqueue(task);
        Interlocked.Decrement(ref _outstanding);
    }
}
