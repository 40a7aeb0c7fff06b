using System.Diagnostics;
using Spillway.Async.Dispatch;
using Spillway.Async.Journal;

namespace Spillway.Async;

/// <summary>
/// One unit of slow work: what to do, its bytes, and in the end its outcome. Records are pooled by their lane and travel lane,
/// queue, worker, lane; whoever holds one at the moment is the only one to touch it, so no member is thread-safe.
/// </summary>
/// <remarks>All spans lie in native memory: they do not move, and are valid until the record's next hand-over.</remarks>
public sealed partial class AsyncTask
{
    /// <summary>
    /// What a record costs beside its bytes, for the memory accounts: the object, and what the allocator adds to the bytes.
    /// </summary>
    internal const int RecordBytes = 352;

    /// <summary>Bytes of native memory a pooled record keeps for its next use.</summary>
    private const int KeptBytes = 512;

    /// <summary>The link of whatever list the record is in: it is in one at a time.</summary>
    internal AsyncTask? Next;

    private TaskBuffer _body;
    private TaskBuffer _result;
    private TaskRequest _request;

    internal AsyncTask() { }

    /// <summary>Frees the native memory of a record that nobody discarded.</summary>
    ~AsyncTask() => Discard();

    /// <summary>What to do.</summary>
    public TaskKind Kind => _request.Kind;

    /// <summary>Unique in the runtime, rising along each lane, never 0.</summary>
    public long Id { get; internal set; }

    /// <summary>Who submitted the task and gets its result.</summary>
    public AsyncClient Client { get; internal set; } = null!;

    /// <summary>The submitter's own value; see <see cref="ScheduleRequest.Cookie"/>.</summary>
    public long Cookie { get; internal set; }

    /// <summary>The submitter's name for the task, or null.</summary>
    public string? Name { get; private set; }

    /// <summary>The function of a <see cref="TaskKind.Schedule"/> task.</summary>
    public TaskFunction? Function { get; private set; }

    /// <summary>Opaque to the pool; see <see cref="ScheduleRequest.DataKind"/>.</summary>
    public byte DataKind => _request.DataKind;

    /// <summary>
    /// The argument of a scheduled function, or the bytes to write. Kept until the result was delivered if that needs them.
    /// </summary>
    public ReadOnlySpan<byte> Data => Read(_request.Data);

    /// <summary>The serialised upvalues of a scheduled function.</summary>
    public ReadOnlySpan<byte> Upvalues => Read(_request.Upvalues);

    /// <summary>The file to read, as the script gave it.</summary>
    public ReadOnlySpan<byte> SourcePath => Read(_request.Source);

    /// <summary>The file to write or delete, as the script gave it.</summary>
    public ReadOnlySpan<byte> TargetPath => Read(_request.Target);

    /// <summary>The key that orders a scheduled task; empty for none.</summary>
    public ReadOnlySpan<byte> Key => Read(_request.Key);

    /// <summary>Where <see cref="TaskKind.CopyBuffer"/> writes, in bytes from the start; negative appends.</summary>
    public long Position => _request.Position;

    /// <summary>Where an append began, once it has; else -1. A repeat after a crash begins there again.</summary>
    public long AppendedAt { get; internal set; }

    /// <summary>Longest run time in <see cref="Stopwatch"/> ticks; 0 is without limit.</summary>
    public long TimeoutTicks => _request.TimeoutTicks;

    /// <summary>How many repeats are allowed.</summary>
    public int Retries => _request.Retries;

    /// <summary>How often the work was begun.</summary>
    public int Attempts { get; internal set; }

    /// <summary>How the task ended.</summary>
    public TaskOutcome Outcome { get; private set; }

    /// <summary>Why the task failed, with the operation and the paths or with the script's line; null if it did not.</summary>
    public string? Error { get; private set; }

    /// <summary>What failures like this one have in common, for a log that reports kinds; null if only the message says.</summary>
    public string? ErrorKind { get; private set; }

    /// <summary>For the log: where a stopped task was and what it said of it; null if nothing is known.</summary>
    public string? ErrorDetail { get; private set; }

    /// <summary>Whether a successful run left something to deliver.</summary>
    public bool HasResult { get; private set; }

    /// <summary>Opaque to the pool: how <see cref="Result"/> is to be read.</summary>
    public byte ResultKind { get; private set; }

    /// <summary>What the function returned.</summary>
    public ReadOnlySpan<byte> Result => _result.Slice(0, _result.Length);

    /// <summary><see cref="Stopwatch"/> time of the submission.</summary>
    public long SubmittedAt { get; internal set; }

    /// <summary><see cref="Stopwatch"/> time at which a worker began.</summary>
    public long StartedAt { get; internal set; }

    /// <summary><see cref="Stopwatch"/> time at which the worker was done.</summary>
    public long EndedAt { get; internal set; }

    /// <summary>Where the journal has the task; none without a journal.</summary>
    internal JournalEntry Entry { get; set; }

    /// <summary>Whether the task is in the journal, and nothing is known of where: see <see cref="Lost"/>.</summary>
    internal bool IsLeft { get; private set; }

    /// <summary>The run and the id under which an earlier process had the task; zeros if none had.</summary>
    internal (ulong Run, long Id) Former { get; private set; }

    /// <summary>How often a process that had not submitted the task has begun it, this one included once it has.</summary>
    internal int Recoveries { get; private set; }

    /// <summary>What keeps the task's files in place; null for nothing.</summary>
    internal ITaskLease? Lease { get; set; }

    /// <summary>The client's place in the ring that the task came by; -1 if it came another way.</summary>
    internal int RingPlace { get; set; } = -1;

    /// <summary>Place in the pool's submission order; given by the dispatcher.</summary>
    internal long Sequence { get; set; }

    /// <summary>Keys that earlier tasks still hold.</summary>
    internal int Blockers { get; set; }

    /// <summary>The keys the task holds or waits for; null for none.</summary>
    internal KeyLines? Lines { get; set; }

    /// <summary>Bytes this task was charged for in the memory accounts.</summary>
    internal int Charge { get; private set; }

    /// <summary>Bytes that its result is charged for while it waits for the lane, the record included; 0 before.</summary>
    internal long ResultCharge { get; set; }

    /// <summary>All bytes of the request; what is where, only the record knows.</summary>
    internal ReadOnlySpan<byte> Body => _body.Slice(0, _body.Length);

    internal bool WantsResult => _request.WantsResult;

    /// <summary>Whether the lane has to be told anything.</summary>
    internal bool NeedsDelivery => Outcome != TaskOutcome.Succeeded || (HasResult && WantsResult);

    /// <summary>The source path with its terminating zero byte.</summary>
    internal ReadOnlySpan<byte> SourcePathZ => _body.Slice(_request.Source.Start, _request.Source.Length + 1);

    /// <summary>The target path with its terminating zero byte.</summary>
    internal ReadOnlySpan<byte> TargetPathZ => _body.Slice(_request.Target.Start, _request.Target.Length + 1);

    /// <summary>Executor, on its worker: the run succeeded and this is what it gave. The bytes are copied.</summary>
    public void SetResult(byte kind, ReadOnlySpan<byte> result)
    {
        _result.Clear();
        _result.Append(result);
        ResultKind = kind;
        HasResult = true;
    }

    /// <summary>Executor, on its worker: the run failed.</summary>
    /// <param name="message">What the log and the script get.</param>
    /// <param name="kind">See <see cref="ErrorKind"/>.</param>
    public void Fail(string message, string? kind = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(message);
        End(TaskOutcome.Failed, message);
        ErrorKind = kind;
    }

    internal void SetFileOperation(
        TaskKind kind,
        ReadOnlySpan<byte> source,
        ReadOnlySpan<byte> target,
        ReadOnlySpan<byte> data,
        long position,
        int retries,
        byte dataKind = 0,
        long timeoutTicks = 0
    )
    {
        _body.EnsureCapacity((long)source.Length + target.Length + data.Length + 2);
        _request.Kind = kind;
        _request.DataKind = dataKind;
        _request.WantsResult = kind is TaskKind.Hash or TaskKind.Scan;
        _request.Source = _body.AppendPath(source);
        _request.Target = _body.AppendPath(target);
        _request.Data = _body.Append(data);
        _request.Position = position;
        _request.TimeoutTicks = timeoutTicks;
        _request.Retries = retries;
        Charge = RecordBytes + _body.Capacity;
    }

    internal void SetSchedule(in ScheduleRequest request, long timeoutTicks)
    {
        _body.EnsureCapacity((long)request.Data.Length + request.Upvalues.Length + request.Key.Length);
        _request.Kind = TaskKind.Schedule;
        _request.DataKind = request.DataKind;
        _request.WantsResult = request.WantsResult;
        _request.Data = _body.Append(request.Data);
        _request.Upvalues = _body.Append(request.Upvalues);
        _request.Key = _body.Append(request.Key);
        _request.TimeoutTicks = timeoutTicks;
        _request.Retries = request.Retries;
        Function = request.Function;
        Name = request.Name;
        Cookie = request.Cookie;
        Charge = RecordBytes + _body.Capacity;
    }

    /// <summary>Makes the record ready for one more attempt.</summary>
    internal void Begin()
    {
        if (Attempts++ == 0 && Former.Run != 0)
            Entry.NoteRecoveries(++Recoveries); // before anything that may end the process
        Outcome = TaskOutcome.None;
        Error = ErrorDetail = ErrorKind = null;
        HasResult = false;
        _result.Clear();
    }

    /// <summary>
    /// Where an append to a file of this size is to begin: at its end, but where it began if an earlier process has begun it already.
    /// Noted in the journal, before the first byte is written.
    /// </summary>
    internal long BeginAppend(long size)
    {
        if (Former.Run == 0 || Attempts > 1 || AppendedAt < 0 || AppendedAt > size)
            AppendedAt = size;
        Entry.NoteBegun(AppendedAt);
        return AppendedAt;
    }

    /// <summary>The task does not run any more: if the process ends before it is struck, that is not the task's fault.</summary>
    internal void Leave()
    {
        if (Former.Run != 0 && Attempts > 0)
            Entry.NoteRecoveries(Recoveries - 1);
    }

    internal void End(TaskOutcome outcome, string? error, string? detail = null)
    {
        Outcome = outcome;
        Error = error;
        ErrorDetail = detail;
        if (outcome != TaskOutcome.Succeeded)
            HasResult = false;
    }

    /// <summary>A task of which nothing is left but the client that waits for it.</summary>
    /// <param name="isInJournal">Whether the next process will find it there.</param>
    internal static AsyncTask Lost(AsyncClient client, string message, bool isInJournal)
    {
        var task = new AsyncTask { Client = client, IsLeft = isInJournal };
        task.End(TaskOutcome.Failed, message);
        return task;
    }

    /// <summary>Gives back what only the work needed, as soon as it is done, and charges for the rest.</summary>
    internal void ReleasePayload()
    {
        if (Kind == TaskKind.CopyBuffer && Outcome == TaskOutcome.Succeeded)
        {
            _body.Trim(KeptBytes);
            _request.Source = _request.Target = _request.Data = default;
        }

        ResultCharge = RecordBytes + _body.Capacity + _result.Capacity;
    }

    /// <summary>Back to an empty record, for the lane's pool.</summary>
    internal void Reset()
    {
        _body.Trim(KeptBytes);
        _result.Trim(KeptBytes);
        _request = new TaskRequest { Position = -1 };
        Client = null!;
        Cookie = 0;
        Name = null;
        Function = null;
        AppendedAt = -1;
        Entry = default;
        IsLeft = false;
        Former = default;
        Recoveries = 0;
        Attempts = 0;
        Outcome = TaskOutcome.None;
        Error = ErrorDetail = ErrorKind = null;
        HasResult = false;
        ResultKind = 0;
        Lease = null;
        RingPlace = -1;
        ResultCharge = 0;
        Lines = null;
        Blockers = 0;
    }

    /// <summary>Gives the record's memory back without waiting for the garbage collector; it must not be used any more.</summary>
    internal void Discard()
    {
        _body.Free();
        _result.Free();
    }

    private ReadOnlySpan<byte> Read(Segment segment) => _body.Slice(segment.Start, segment.Length);
}
