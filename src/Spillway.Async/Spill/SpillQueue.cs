using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Spillway.Async.Queues;

namespace Spillway.Async.Spill;

/// <summary>
/// Where a pool's tasks go when memory is short: to disk in order, and back in order when there is room. A thread of its own does
/// the writing, so that a lane pays for a spilled task what it pays for any other.
/// </summary>
/// <remarks>
/// As long as one task is out, all later ones of the pool follow it, or they would overtake it. The count goes down only after a task
/// has entered the pool's intake, so a lane that reads zero comes behind everything that ever was out.
/// </remarks>
internal sealed class SpillQueue : IDisposable
{
    private const int HungryBatch = 256;
    private const int SpareLimit = 16384;

    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(5);

    private readonly AsyncPool _pool;
    private readonly MemoryBudget _budget;
    private readonly long _diskCap;
    private readonly TaskQueue _arrived = new();
    private readonly TaskQueue _spares = new();
    private readonly WorkGate _gate = new();
    private readonly ObjectTable _objects = new();
    private readonly SpillFile _file;
    private readonly ArrayBufferWriter<byte> _record = new();
    private AsyncTask? _held;
    private Thread? _thread;
    private long _outstanding;
    private long _spilled;
    private int _spareCount;
    private int _requested;
    private volatile bool _full;
    private volatile bool _stopping;

    public SpillQueue(AsyncPool pool)
    {
        _pool = pool;
        _budget = pool.Runtime.Budget;
        _diskCap = pool.Runtime.Options.DiskCap;
        _file = new SpillFile(pool.Runtime.Options.SpillDirectory);
    }

    /// <summary>Whether tasks must take this way, lest they overtake others.</summary>
    public bool IsActive => Volatile.Read(ref _outstanding) > 0;

    /// <summary>Whether the disk takes no more.</summary>
    public bool IsFull => _full;

    /// <summary>Tasks that were written to disk so far.</summary>
    public long Spilled => Volatile.Read(ref _spilled);

    /// <summary>A lane: sends a task this way. True if the thread has to be started first.</summary>
    public bool Enqueue(AsyncTask task)
    {
        Interlocked.Increment(ref _outstanding);
        _arrived.Enqueue(task);
        _gate.WakeOne();
        return _requested == 0 && Interlocked.Exchange(ref _requested, 1) == 0;
    }

    /// <summary>
    /// A worker that is about to sleep: has tasks brought back at once, and although memory may be short, for other pools may hold it.
    /// </summary>
    public void Demand()
    {
        if (IsActive)
            _gate.WakeOne();
    }

    /// <summary>A lane: takes an empty record it has no use for, if tasks are still to come back from disk.</summary>
    public bool TryTakeSpare(AsyncTask record)
    {
        if (!IsActive || Volatile.Read(ref _spareCount) >= SpareLimit)
            return false;
        Interlocked.Increment(ref _spareCount);
        _spares.Enqueue(record);
        return true;
    }

    /// <summary>The keeper: starts the thread if a lane has asked for it.</summary>
    public void StartIfRequested()
    {
        if (Volatile.Read(ref _requested) == 0 || _thread is not null)
            return;
        _thread = new Thread(Run) { IsBackground = true, Name = $"async {_pool.Plugin} spill" };
        _thread.Start();
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

        if (_held is not null)
            receiver(_held);
        _held = null;
        while (!_arrived.IsEmpty)
        {
            if (_arrived.TryDequeue() is { } task)
                receiver(task);
        }

        _file.Dispose();
        Volatile.Write(ref _outstanding, 0);
    }

    private void Run()
    {
        while (!_stopping)
        {
            bool stored = StoreArrived();
            bool broughtBack = BringBack();
            if (stored || broughtBack)
                continue;
            _gate.Announce();
            if (_stopping || !_arrived.IsEmpty)
                _gate.StayAwake();
            else
                _gate.Sleep(IsActive ? LookInterval : Timeout.InfiniteTimeSpan);
        }
    }

    private bool HasRoom() => _budget.Held < _budget.Cap / 2;

    private bool StoreArrived()
    {
        int count = 0;
        while (count < 1024 && (!_full || _file.Count == 0) && (_held ?? _arrived.TryDequeue()) is { } task)
        {
            _held = null;
            if (_file.Count == 0 && (_full || HasRoom()))
                Inject(task);
            else if (!TryStore(task))
                _held = task;
            count++;
        }

        if (!IsActive)
            _full = false;
        return count > 0;
    }

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

        if (count > 0 && _file.Count == 0)
            _file.Reset();
        if (count > 0)
            _full = _file.Bytes >= _diskCap;
        return count > 0;
    }

    /// <summary>Writes a task and gives its memory back. False if the disk does not take it.</summary>
    private bool TryStore(AsyncTask task)
    {
        TaskHeader header = task.ToHeader(_objects);
        try
        {
            _record.ResetWrittenCount();
            MemoryMarshal.Write(_record.GetSpan(Unsafe.SizeOf<TaskHeader>()), in header);
            _record.Advance(Unsafe.SizeOf<TaskHeader>());
            _record.Write(task.Body);
            _file.Append(_record.WrittenSpan);
            _full = _file.Bytes >= _diskCap;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The task keeps its place: it waits in memory until everything on disk is back.
            _full = true;
            _pool.NoteError($"tasks cannot be spilled: {e.Message}");
            _objects.Forget(header);
            return false;
        }

        Volatile.Write(ref _spilled, _spilled + 1);
        _budget.Return(task.Charge);
        task.Client.Lane.ReturnSpilled(task);
        return true;
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
            EndLost($"lost, since the spill file cannot be read: {e.Message}");
            return null;
        }

        var header = MemoryMarshal.Read<TaskHeader>(record);
        AsyncTask task = RentRecord();
        task.Restore(header, record[Unsafe.SizeOf<TaskHeader>()..], _objects);
        return task;
    }

    private AsyncTask RentRecord()
    {
        if (_spares.TryDequeue() is not { } record)
            return new AsyncTask();
        Interlocked.Decrement(ref _spareCount);
        return record;
    }

    /// <summary>The file is unreadable. Which tasks were in it is not known any more, but whose they were is: each client is told.</summary>
    private void EndLost(string message)
    {
        _pool.NoteError(message);
        foreach ((AsyncClient client, int count) in _objects.Clear<AsyncClient>())
        {
            for (int i = 0; i < count; i++)
                client.Lane.Return(AsyncTask.Lost(client, message));
            Interlocked.Add(ref _outstanding, -count);
        }

        _file.Reset();
    }

    private void Inject(AsyncTask task)
    {
        _pool.Enqueue(task);
        Interlocked.Decrement(ref _outstanding);
    }
}
