using System.Diagnostics;
using Spillway.Async.Journal;
using Spillway.Async.Rings;

namespace Spillway.Async;

/// <summary>
/// One script instance's end of the slow path. Belongs to its lane: every member may be called on the lane's thread only.
/// Submissions copy the bytes they are given, allocate nothing once the lane's records are warm, and never block, unless memory and
/// disk are full and the policy is to wait.
/// </summary>
public sealed class AsyncClient
{
    private readonly long _defaultTimeoutTicks;
    private readonly int _fileRetries;
    private ITaskLease? _lease;
    private long _pending;
    private long _submitted;

    internal AsyncClient(TaskPort lane, AsyncPool pool, string name, object? owner, ReadOnlyMemory<byte> identity)
    {
        Lane = lane;
        Pool = pool;
        Name = name;
        Owner = owner;
        Identity = identity;
        _defaultTimeoutTicks = ToTicks(lane.Runtime.Options.TaskTimeout);
        _fileRetries = lane.Runtime.Options.FileRetries;
    }

    /// <summary>The lane that delivers this client's results.</summary>
    public TaskPort Lane { get; }

    /// <summary>The plugin's workers.</summary>
    public AsyncPool Pool { get; }

    /// <summary>The script's name, for logs.</summary>
    public string Name { get; }

    /// <summary>Whatever the host wants to find again when a result arrives, such as the script's VM.</summary>
    public object? Owner { get; }

    /// <summary>By what the host finds the client again in another process, such as the script's path: kept in the journal.</summary>
    public ReadOnlyMemory<byte> Identity { get; }

    /// <summary>
    /// Tasks submitted now keep this in place until their results have been delivered. The host sets it around a callback that is
    /// given a file; during a delivery it is the delivered task's lease.
    /// </summary>
    public ITaskLease? CurrentLease
    {
        get => _lease;
        set
        {
            _lease = value;
            if (Share is { } share)
                share.IsLeased = value is not null;
        }
    }

    /// <summary>
    /// Whether its tasks are kept in the journal, if there is one. Not those whose results mean nothing to another process.
    /// </summary>
    public bool IsJournalled { get; init; } = true;

    /// <summary>Tasks submitted and not yet completed: queued, running, or waiting for their delivery to end.</summary>
    public long Pending => Volatile.Read(ref _pending) + (Share?.Pending ?? 0);

    /// <summary>Tasks submitted so far.</summary>
    public long Submitted => Volatile.Read(ref _submitted) + (Share?.Submitted ?? 0);

    /// <summary>Submissions refused because memory and disk were full; see <see cref="AsyncOptions.LoadPolicy"/>.</summary>
    public long Dropped { get; private set; }

    /// <summary>Whether <see cref="Close"/> was called.</summary>
    public bool IsClosed { get; private set; }

    /// <summary>The fast way of its small tasks; null if there is none.</summary>
    public TaskRing? Ring { get; init; }

    /// <summary>What it has there, once it has used it.</summary>
    internal RingAccount? Share { get; private set; }

    /// <summary>Results that were taken out of the ring for a function of the script's.</summary>
    public long RingCalls => Share?.Calls ?? 0;

    /// <summary>Has the ring made, if there can be one. Both addresses are 0 if not.</summary>
    /// <param name="share">The address of what this client has there.</param>
    /// <returns>The address of the ring.</returns>
    public nint OpenRing(out nint share)
    {
        ObjectDisposedException.ThrowIf(IsClosed, this);
        if (Ring is not null)
            Share ??= Ring.Join(this);
        share = Share?.Address ?? 0;
        return share == 0 ? 0 : Ring!.Address;
    }

    /// <summary>Appends the content of <paramref name="from"/> to <paramref name="to"/>.</summary>
    /// <returns>The task's id; 0 if the task was dropped.</returns>
    /// <exception cref="ArgumentException">A path is empty or holds a zero byte.</exception>
    public long SubmitCat(ReadOnlySpan<byte> from, ReadOnlySpan<byte> to) => SubmitFile(TaskKind.Cat, from, to, default, -1);

    /// <summary>
    /// Gives <paramref name="to"/> the content of <paramref name="from"/>; readers see the old file or the whole new one.
    /// </summary>
    /// <inheritdoc cref="SubmitCat"/>
    public long SubmitCopy(ReadOnlySpan<byte> from, ReadOnlySpan<byte> to) => SubmitFile(TaskKind.Copy, from, to, default, -1);

    /// <summary>Deletes a file; one that is not there is no error.</summary>
    /// <inheritdoc cref="SubmitCat"/>
    public long SubmitRemove(ReadOnlySpan<byte> path)
    {
        CheckPath(path, nameof(path));
        return Submit(Prepare(TaskKind.Remove, default, path, default, -1));
    }

    /// <summary>Appends <paramref name="bytes"/> to a file, which is created if need be.</summary>
    /// <inheritdoc cref="SubmitCat"/>
    public long SubmitAppend(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> to)
    {
        CheckPath(to, nameof(to));
        return Submit(Prepare(TaskKind.CopyBuffer, default, to, bytes, -1));
    }

    /// <summary>Writes <paramref name="bytes"/> at an offset of a file and leaves the rest of it alone; a hole reads as zeros.</summary>
    /// <returns>The task's id; 0 if the task was dropped.</returns>
    /// <exception cref="ArgumentException">The path is empty or holds a zero byte, or the position is negative.</exception>
    public long SubmitWriteAt(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> to, long position)
    {
        CheckPath(to, nameof(to));
        ArgumentOutOfRangeException.ThrowIfNegative(position);
        return Submit(Prepare(TaskKind.CopyBuffer, default, to, bytes, position));
    }

    /// <summary>
    /// Gives <paramref name="from"/> the name <paramref name="to"/>; readers of that name see the old file or the whole new one.
    /// </summary>
    /// <inheritdoc cref="SubmitCat"/>
    public long SubmitMove(ReadOnlySpan<byte> from, ReadOnlySpan<byte> to) => SubmitFile(TaskKind.Move, from, to, default, -1);

    /// <summary>Computes the hash of a file. The result is the digest in lower-case hexadecimal digits, with result kind 1.</summary>
    /// <param name="algorithm"><c>md5</c>, <c>sha1</c> or <c>sha256</c>.</param>
    /// <param name="dataKind">Comes back as <see cref="AsyncTask.DataKind"/>.</param>
    /// <param name="cookie">Comes back as <see cref="AsyncTask.Cookie"/>.</param>
    /// <returns>The task's id; 0 if the task was dropped.</returns>
    /// <exception cref="ArgumentException">The path is empty or holds a zero byte, or the algorithm is unknown.</exception>
    public long SubmitHash(ReadOnlySpan<byte> path, ReadOnlySpan<byte> algorithm, byte dataKind = 0, long cookie = 0)
    {
        CheckPath(path, nameof(path));
        if (!Files.FileHasher.Knows(algorithm))
            throw new ArgumentException("the algorithm is none of md5, sha1, sha256", nameof(algorithm));
        ObjectDisposedException.ThrowIf(IsClosed, this);
        AsyncTask task = Lane.Rent();
        task.SetFileOperation(TaskKind.Hash, path, default, algorithm, -1, _fileRetries, dataKind);
        task.Cookie = cookie;
        return Submit(task);
    }

    /// <summary>
    /// Scans a file with rules of YARA. The result, with result kind 1, is the rules that match, in the form of
    /// <see cref="Inspection.RuleMatchFormat"/>.
    /// </summary>
    /// <param name="rules">Rules, if there is a brace in it; else the path of a file or directory of rules.</param>
    /// <param name="dataKind">Comes back as <see cref="AsyncTask.DataKind"/>.</param>
    /// <param name="cookie">Comes back as <see cref="AsyncTask.Cookie"/>.</param>
    /// <param name="timeout">Longest scan; null takes that of <see cref="AsyncOptions.Scan"/>.</param>
    /// <returns>The task's id; 0 if the task was dropped.</returns>
    /// <exception cref="ArgumentException">A path is empty or holds a zero byte.</exception>
    public long SubmitScan(ReadOnlySpan<byte> path, ReadOnlySpan<byte> rules, byte dataKind = 0, long cookie = 0, TimeSpan? timeout = null)
    {
        CheckPath(path, nameof(path));
        CheckPath(rules, nameof(rules));
        ObjectDisposedException.ThrowIf(IsClosed, this);
        AsyncTask task = Lane.Rent();
        long ticks = ToTicks(timeout ?? Lane.Runtime.Options.Scan.Timeout);
        task.SetFileOperation(TaskKind.Scan, path, default, rules, -1, 0, dataKind, ticks);
        task.Cookie = cookie;
        return Submit(task);
    }

    /// <summary>Has a function run on a worker.</summary>
    /// <returns>The task's id; 0 if the task was dropped.</returns>
    /// <exception cref="ArgumentException">The time-out or the number of retries is out of range.</exception>
    public long SubmitSchedule(in ScheduleRequest request)
    {
        ArgumentNullException.ThrowIfNull(request.Function);
        ArgumentOutOfRangeException.ThrowIfNegative(request.Retries);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(request.Retries, AsyncOptions.MaxRetries);
        long timeout = request.Timeout is { } limit ? ToTicks(limit) : _defaultTimeoutTicks;
        ArgumentOutOfRangeException.ThrowIfNegative(timeout);
        ObjectDisposedException.ThrowIf(IsClosed, this);
        AsyncTask task = Lane.Rent();
        task.SetSchedule(request, timeout);
        return Submit(task);
    }

    /// <summary>
    /// Has a task run that an earlier process did not finish. It stays where it is in the journal, and has no lease: see
    /// <see cref="TaskJournal"/>. False if there was no room for it; then the next process finds it again.
    /// </summary>
    /// <param name="task">What the journal shows.</param>
    /// <param name="function">For <see cref="TaskKind.Schedule"/>: the function, made from the task's code.</param>
    public bool Resubmit(in RecoveredTask task, TaskFunction? function)
    {
        if (task.Kind == TaskKind.Schedule)
            ArgumentNullException.ThrowIfNull(function);
        ObjectDisposedException.ThrowIf(IsClosed, this);
        AsyncTask record = Lane.Rent();
        record.Recover(in task, function);
        return Submit(record) != 0;
    }

    /// <summary>Called when the last task of a closed client is over. On the lane's thread.</summary>
    public Action? Over { get; set; }

    /// <summary>
    /// There will be no more submissions. The tasks there are go on and their results are delivered; with the last one the pool takes the
    /// client's figures over and forgets it. Idempotent.
    /// </summary>
    public void Close()
    {
        if (IsClosed)
            return;
        IsClosed = true;
        if (Pending == 0)
            Pool.Forget(this);
    }

    /// <summary>A task is over, its delivery included.</summary>
    internal void EndTask()
    {
        _pending--;
        ForgetIfOver();
    }

    /// <summary>A task of the ring is over that came back as a record.</summary>
    internal void EndRingTask()
    {
        Share!.Complete();
        ForgetIfOver();
    }

    /// <summary>The script has taken results out of the ring.</summary>
    internal void EndRingDelivery()
    {
        Share!.EndDelivery();
        ForgetIfOver();
    }

    private void ForgetIfOver()
    {
        if (!IsClosed || Pending > 0)
            return;
        Pool.Forget(this);
        Over?.Invoke();
    }

    private static long ToTicks(TimeSpan time) => (long)(time.TotalSeconds * Stopwatch.Frequency);

    private static void CheckPath(ReadOnlySpan<byte> path, string parameter)
    {
        if (path.IsEmpty)
            throw new ArgumentException("the path is empty", parameter);
        if (path.Contains((byte)0))
            throw new ArgumentException("the path holds a zero byte", parameter);
    }

    private long SubmitFile(TaskKind kind, ReadOnlySpan<byte> from, ReadOnlySpan<byte> to, ReadOnlySpan<byte> data, long position)
    {
        CheckPath(from, nameof(from));
        CheckPath(to, nameof(to));
        return Submit(Prepare(kind, from, to, data, position));
    }

    private AsyncTask Prepare(TaskKind kind, ReadOnlySpan<byte> from, ReadOnlySpan<byte> to, ReadOnlySpan<byte> data, long position)
    {
        ObjectDisposedException.ThrowIf(IsClosed, this);
        AsyncTask task = Lane.Rent();
        task.SetFileOperation(kind, from, to, data, position, _fileRetries);
        return task;
    }

    private long Submit(AsyncTask task)
    {
        if (!Lane.TryAdmit(task, Pool, out Admission admission))
        {
            Dropped++;
            return 0;
        }

        long id = Lane.NextId();
        task.Id = id;
        task.Client = this;
        if (IsJournalled && task.Entry.IsNone && !Lane.TryJournal(task, CurrentLease))
        {
            Lane.Refuse(task, admission);
            Dropped++;
            return 0;
        }

        if (CurrentLease is { } lease)
        {
            lease.AddReference();
            task.Lease = lease;
        }

        _pending++;
        _submitted++;
        Lane.Submit(task, admission);
        return id;
    }
}
