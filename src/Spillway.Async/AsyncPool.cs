using System.Diagnostics;
using Spillway.Async.Dispatch;
using Spillway.Async.Figures;
using Spillway.Async.Queues;
using Spillway.Async.Rings;
using Spillway.Async.Spill;

namespace Spillway.Async;

/// <summary>
/// The workers of one plugin. All members may be called on any thread; tasks are submitted through an <see cref="AsyncClient"/>.
/// </summary>
public sealed partial class AsyncPool
{
    private static readonly TimeSpan ReportInterval = TimeSpan.FromHours(1);

    private readonly PoolKeeper _keeper;
    private readonly TaskDispatcher _dispatcher;
    private readonly Lock _lock = new();
    private readonly List<AsyncClient> _clients = [];
    private readonly WorkerFigures _former = new();
    private readonly List<AsyncWorker> _workers = [];
    private readonly Queue<int> _vacancies = new();
    private readonly ReplacementRate _replacements;
    private volatile PoolState _state;
    private string? _lastError;
    private long _cancelled;
    private long _abandoned;
    private long _stuck;
    private long _startFailures;
    private long _lost;
    private long _toldShortAt;
    private bool _toldRefused;
    private long _priorityFailures;

    internal AsyncPool(AsyncRuntime runtime, PoolKeeper keeper, string plugin, int workers, TaskExecutorFactory executors)
    {
        Runtime = runtime;
        _keeper = keeper;
        Plugin = plugin;
        WorkerCount = workers;
        Executors = executors;
        Spill = new SpillQueue(this);
        SlowTasks = new SlowTasks(this);
        _replacements = new ReplacementRate(runtime.Options.ReplacementBurst, runtime.Options.ReplacementInterval);
        _dispatcher = workers == 1 ? new SerialDispatcher() : new KeyedDispatcher();
    }

    private enum PoolState
    {
        New,
        Starting,
        Running,
        Stopping,
        Stopped,
    }

    /// <summary>The plugin's name.</summary>
    public string Plugin { get; }

    /// <summary>How many workers the plugin asked for.</summary>
    public int WorkerCount { get; }

    /// <summary>The runtime that made the pool.</summary>
    public AsyncRuntime Runtime { get; }

    /// <summary>Why tasks could last not be put on disk; null if they could.</summary>
    public string? SpillTrouble => Spill.Trouble;

    internal TaskExecutorFactory Executors { get; }

    internal TaskDispatcher Dispatcher => _dispatcher;

    internal SpillQueue Spill { get; }

    internal SlowTasks SlowTasks { get; }

    internal WorkGate Gate { get; } = new();

    /// <summary>Set when the pool stops; what waits in a worker waits for this too.</summary>
    internal ManualResetEventSlim StopSignal { get; } = new(false);

    internal bool IsStopping => _state >= PoolState.Stopping;

    /// <summary>The figures of all workers so far, put together.</summary>
    public AsyncStatistics GetStatistics()
    {
        lock (_lock)
        {
            long succeeded = 0,
                failed = 0,
                timedOut = 0,
                retried = 0,
                submitted = _formerSubmitted,
                pending = 0,
                dropped = _formerDropped;
            var wait = new LogHistogram();
            var run = new LogHistogram();
            foreach (TaskRing ring in _rings)
                succeeded += ring.Succeeded;
            foreach (AsyncWorker worker in _workers)
                worker.AddRingTimes(wait, run);
            foreach (WorkerFigures figures in _workers.Select(worker => worker.Figures).Append(_former))
            {
                succeeded += Volatile.Read(ref figures.Succeeded);
                failed += Volatile.Read(ref figures.Failed);
                timedOut += Volatile.Read(ref figures.TimedOut);
                retried += Volatile.Read(ref figures.Retried);
                wait.Add(figures.Wait);
                run.Add(figures.Run);
            }

            foreach (AsyncClient client in _clients)
            {
                submitted += client.Submitted;
                pending += client.Pending;
                dropped += client.Dropped;
            }

            return new AsyncStatistics
            {
                Plugin = Plugin,
                Workers = _workers.Count,
                Busy = _workers.Count(worker => worker.IsBusy),
                OldestWaiting = OldestInRings(_dispatcher.OldestSubmittedAt is { } oldest ? Stopwatch.GetElapsedTime(oldest) : null),
                Submitted = submitted,
                Succeeded = succeeded,
                SucceededInRings = _rings.Sum(static ring => ring.Succeeded),
                Failed = failed + Interlocked.Read(ref _lost),
                TimedOut = timedOut,
                Cancelled = Interlocked.Read(ref _cancelled),
                Retried = retried,
                Dropped = dropped,
                Spilled = Spill.Spilled,
                Pending = pending,
                AbandonedWorkers = Interlocked.Read(ref _abandoned),
                StuckWorkers = Interlocked.Read(ref _stuck),
                MissingWorkers = _vacancies.Count,
                StartFailures = _startFailures,
                PriorityFailures = Interlocked.Read(ref _priorityFailures),
                Wait = wait,
                Run = run,
                LastError = Volatile.Read(ref _lastError),
            };
        }
    }

    /// <summary>A lane's thread: queues a task. Enqueueing is a full fence, which the look at the state relies on.</summary>
    internal void Submit(AsyncTask task, Admission admission)
    {
        if (admission == Admission.Held)
            Spill.Hold(task);
        else
            Enqueue(task);
        NoteSubmitted();
    }

    /// <summary>A lane: a task has come, or lies on disk.</summary>
    internal void NoteSubmitted()
    {
        if (_state != PoolState.Running)
            SubmitToIdlePool();
    }

    /// <summary>Any thread: the keeper is to start what is not started yet.</summary>
    internal void RequestThreads() => _keeper.RequestStart(this);

    /// <summary>A lane, or the spill thread: puts a task where workers find it.</summary>
    internal void Enqueue(AsyncTask task)
    {
        _dispatcher.Intake.Enqueue(task);
        Gate.WakeOne();
    }

    /// <summary>The keeper: starts the threads. Not the lane, since starting a thread takes longer than a packet.</summary>
    internal void StartThreads()
    {
        lock (_lock)
        {
            if (IsStopping)
                return;
            Spill.StartIfRequested();
            if (_state != PoolState.Starting)
                return;
            long now = Stopwatch.GetTimestamp();
            for (int number = 1; number <= WorkerCount; number++)
                StartWorker(number, now);
            Interlocked.CompareExchange(ref _state, PoolState.Running, PoolState.Starting);
        }
    }

    /// <summary>The keeper: stops tasks whose time is over, and replaces workers whose task did not stop.</summary>
    internal void CheckTimes(long now)
    {
        lock (_lock)
        {
            for (int i = 0; i < _workers.Count && !IsStopping; i++)
            {
                AsyncWorker worker = _workers[i];
                if (!worker.AskToStopIfOverdue(now))
                    continue;
                if (worker.TryAbandon() is not { } standIn)
                    continue;
                EndAbandoned(standIn, worker);
                Retire(worker);
                i--;
                _vacancies.Enqueue(worker.Number);
            }

            Spill.StartIfRequested();
            FillVacancies(now);
        }
    }

    internal void BeginStop()
    {
        lock (_lock)
        {
            Interlocked.Exchange(ref _state, PoolState.Stopping);
            StopSignal.Set();
            foreach (AsyncWorker worker in _workers)
                worker.AskToStop();
        }

        EndRings();
        Gate.WakeAll();
    }

    internal bool EndStop(TimeSpan timeout)
    {
        AsyncWorker[] workers;
        lock (_lock)
            workers = [.. _workers];

        Spill.Dispose();
        bool all = true;
        long start = Stopwatch.GetTimestamp();
        foreach (AsyncWorker worker in workers)
        {
            if (JoinAsking(worker, start, timeout))
                continue;
            if (worker.TryAbandon() is { } standIn)
            {
                EndAbandoned(standIn, worker);
                all = false;
            }
            else
            {
                // It has just ended its task, and a worker between two tasks leaves at once.
                worker.Join(Timeout.InfiniteTimeSpan);
            }
        }

        lock (_lock)
        {
            foreach (AsyncWorker worker in workers)
                Retire(worker);
            Interlocked.Exchange(ref _state, PoolState.Stopped);
        }

        EndRings();
        CancelQueued();
        return all;
    }

    internal void CountPriorityFailure() => Interlocked.Increment(ref _priorityFailures);

    /// <summary>A worker's thread: the one that was given up has ended after all.</summary>
    internal void CountEndOfStuck() => Interlocked.Decrement(ref _stuck);

    /// <summary>The spill thread: tasks are gone, and their clients are notified.</summary>
    internal void CountLost(int tasks) => Interlocked.Add(ref _lost, tasks);

    /// <summary>Any thread: a thread could not be started. Reported once until one could.</summary>
    internal void NoteRefusedThread(Exception reason)
    {
        Interlocked.Increment(ref _startFailures);
        string message =
            $"the system refuses a thread ({reason.Message.TrimEnd('.')}): tasks wait until it gives one; see 'ulimit "
            + "-u', the control group's pids.max, and memory";
        NoteError(message);
        if (!_toldRefused)
            Report(message);
        _toldRefused = true;
    }

    internal void Report(string message) => Runtime.Options.OnTrouble?.Invoke(new AsyncTrouble(Plugin, message));

    internal void NoteError(string message) => Volatile.Write(ref _lastError, message);

    /// <summary>Waits for a worker to leave. Its task is asked again and again, as the keeper does, which has ended by now.</summary>
    private static bool JoinAsking(AsyncWorker worker, long start, TimeSpan timeout)
    {
        while (true)
        {
            TimeSpan left = timeout - Stopwatch.GetElapsedTime(start);
            left = left > TimeSpan.Zero ? left : TimeSpan.Zero;
            if (worker.Join(left < PoolKeeper.Interval ? left : PoolKeeper.Interval))
                return true;
            if (left == TimeSpan.Zero)
                return false;
            worker.AskToStop();
        }
    }

    private void SubmitToIdlePool()
    {
        if (Interlocked.CompareExchange(ref _state, PoolState.Starting, PoolState.New) == PoolState.New)
            _keeper.RequestStart(this);
        else if (_state == PoolState.Stopped)
            CancelQueued();
    }

    private void FillVacancies(long now)
    {
        while (_vacancies.TryPeek(out int number) && !IsStopping)
        {
            if (!_replacements.TryTake(now))
            {
                if (!_replacements.IsPaused(now) && (_toldShortAt == 0 || Stopwatch.GetElapsedTime(_toldShortAt, now) >= ReportInterval))
                {
                    _toldShortAt = now;
                    Report(
                        $"{_abandoned} workers were given up in tasks that do not end ({Interlocked.Read(ref _stuck)} still are): "
                            + $"now one is replaced in {Runtime.Options.ReplacementInterval.TotalSeconds:0.###} s, and tasks wait"
                    );
                }

                return;
            }

            _vacancies.Dequeue();
            StartWorker(number, now);
        }
    }

    /// <summary>Under the lock. A thread that cannot be started is a worker that is missing for now.</summary>
    private void StartWorker(int number, long now)
    {
        var worker = new AsyncWorker(this, number);
        try
        {
            worker.Start();
            _workers.Add(worker);
            _toldRefused = false;
        }
        catch (Exception e) when (e is OutOfMemoryException or ThreadStartException)
        {
            NoteRefusedThread(e);
            _replacements.GiveBack(now);
            _vacancies.Enqueue(number);
        }
    }

    /// <summary>Under the lock: the worker counts nothing any more, and what it counted is the pool's.</summary>
    private void Retire(AsyncWorker worker)
    {
        if (!_workers.Remove(worker))
            return;
        _former.Add(worker.Figures);
        worker.AddRingTimes(_former.Wait, _former.Run);
    }

    private void EndAbandoned(AsyncTask standIn, AsyncWorker worker)
    {
        Interlocked.Increment(ref _abandoned);
        Interlocked.Increment(ref _stuck);
        Runtime.Budget.Return(worker.AbandonedCharge);
        NoteError(standIn.Error!);
        if (worker.Ring is { } ring && standIn.RingPlace >= 0)
        {
            ring.Return(standIn);
            return;
        }

        standIn.Client.Lane.Return(standIn);
        worker.ReleaseAbandoned();
    }

    private void CancelQueued()
    {
        lock (_lock)
        {
            foreach (TaskRing ring in _rings)
                CancelRing(ring);
            _dispatcher.RemoveAll(Cancel);
            Spill.RemoveAll(Cancel);
        }
    }

    private void Cancel(AsyncTask task)
    {
        task.End(TaskOutcome.Cancelled, "cancelled, since the slow path has stopped");
        Interlocked.Increment(ref _cancelled);
        Runtime.Budget.Return(task.Charge);
        task.Client.Lane.Return(task);
    }
}
