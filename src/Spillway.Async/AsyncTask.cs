using System.Diagnostics;
using Spillway.Async.Dispatch;
using Spillway.Async.Journal;
using Spillway.Async.Spill;

namespace Spillway.Async;

/// <summary>
/// One unit of slow work: what to do, its bytes, and in the end its outcome. Records are pooled by their lane and travel lane,
/// queue, worker, lane; whoever holds one at the moment is the only one to touch it, so no member is thread-safe.
/// </summary>
/// <remarks>All spans lie in native memory: they do not move, and are valid until the record's next hand-over.</remarks>
public sealed class AsyncTask
{
    /// <summary>What a record costs beside its bytes, for the memory accounts: the object, and what the allocator adds to the bytes.</summary>
    internal const int RecordBytes = 352;

    /// <summary>Bytes of native memory a pooled record keeps for its next use.</summary>
    private const int KeptBytes = 512;

    /// <summary>The link of whatever list the record is in: it is in one at a time.</summary>
    internal AsyncTask? Next;

    private TaskBuffer _body;
    private TaskBuffer _result;
    private Segment _source;
    private Segment _target;
    private Segment _data;
    private Segment _upvalues;
    private Segment _key;

    internal AsyncTask()
    {
    }

    /// <summary>Frees the native memory of a record that nobody discarded.</summary>
    ~AsyncTask() => Discard();

    /// <summary>What to do.</summary>
    public TaskKind Kind { get; private set; }

    /// <summary>Unique in the runtime, rising along each lane, never 0.</summary>
    public long Id { get; internal set; }

    /// <summary>Who submitted the task and gets its result.</summary>
    public AsyncClient Client { get; internal set; } = null!;

    /// <summary>The submitter's own value; see <see cref="ScheduleRequest.Cookie"/>.</summary>
    public long Cookie { get; private set; }

    /// <summary>The submitter's name for the task, or null.</summary>
    public string? Name { get; private set; }

    /// <summary>The function of a <see cref="TaskKind.Schedule"/> task.</summary>
    public TaskFunction? Function { get; private set; }

    /// <summary>Opaque to the pool; see <see cref="ScheduleRequest.DataKind"/>.</summary>
    public byte DataKind { get; private set; }

    /// <summary>The argument of a scheduled function, or the bytes to write. Kept until the result was delivered if that needs them.</summary>
    public ReadOnlySpan<byte> Data => Read(_data);

    /// <summary>The serialised upvalues of a scheduled function.</summary>
    public ReadOnlySpan<byte> Upvalues => Read(_upvalues);

    /// <summary>The file to read, as the script gave it.</summary>
    public ReadOnlySpan<byte> SourcePath => Read(_source);

    /// <summary>The file to write or delete, as the script gave it.</summary>
    public ReadOnlySpan<byte> TargetPath => Read(_target);

    /// <summary>The key that orders a scheduled task; empty for none.</summary>
    public ReadOnlySpan<byte> Key => Read(_key);

    /// <summary>Where <see cref="TaskKind.CopyBuffer"/> writes, in bytes from the start; negative appends.</summary>
    public long Position { get; private set; }

    /// <summary>Where an append began, once it has; else -1. A repeat after a crash begins there again.</summary>
    public long AppendedAt { get; internal set; }

    /// <summary>Longest run time in <see cref="Stopwatch"/> ticks; 0 is without limit.</summary>
    public long TimeoutTicks { get; private set; }

    /// <summary>How many repeats are allowed.</summary>
    public int Retries { get; private set; }

    /// <summary>How often the work was begun.</summary>
    public int Attempts { get; internal set; }

    /// <summary>How the task ended.</summary>
    public TaskOutcome Outcome { get; private set; }

    /// <summary>Why the task failed, with the operation and the paths or with the script's line; null if it did not.</summary>
    public string? Error { get; private set; }

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

    /// <summary>The run and the id under which an earlier process had the task; zeros if none had.</summary>
    internal (ulong Run, long Id) Former { get; private set; }

    /// <summary>What keeps the task's files in place; null for nothing.</summary>
    internal ITaskLease? Lease { get; set; }

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

    internal bool WantsResult { get; private set; }

    /// <summary>Whether the lane has to be told anything.</summary>
    internal bool NeedsDelivery => Outcome != TaskOutcome.Succeeded || (HasResult && WantsResult);

    /// <summary>The source path with its terminating zero byte.</summary>
    internal ReadOnlySpan<byte> SourcePathZ => _body.Slice(_source.Start, _source.Length + 1);

    /// <summary>The target path with its terminating zero byte.</summary>
    internal ReadOnlySpan<byte> TargetPathZ => _body.Slice(_target.Start, _target.Length + 1);

    /// <summary>Executor, on its worker: the run succeeded and this is what it gave. The bytes are copied.</summary>
    public void SetResult(byte kind, ReadOnlySpan<byte> result)
    {
        _result.Clear();
        _result.Append(result);
        ResultKind = kind;
        HasResult = true;
    }

    /// <summary>Executor, on its worker: the run failed. <paramref name="message"/> is what log and script are told.</summary>
    public void Fail(string message)
    {
        ArgumentException.ThrowIfNullOrEmpty(message);
        End(TaskOutcome.Failed, message);
    }

    internal void SetFileOperation(
        TaskKind kind, ReadOnlySpan<byte> source, ReadOnlySpan<byte> target, ReadOnlySpan<byte> data, long position, int retries, byte dataKind = 0)
    {
        DataKind = dataKind;
        WantsResult = kind == TaskKind.Hash;
        Kind = kind;
        _body.EnsureCapacity((long)source.Length + target.Length + data.Length + 2);
        _source = _body.AppendPath(source);
        _target = _body.AppendPath(target);
        _data = _body.Append(data);
        Position = position;
        Retries = retries;
        Charge = RecordBytes + _body.Capacity;
    }

    internal void SetSchedule(in ScheduleRequest request, long timeoutTicks)
    {
        Kind = TaskKind.Schedule;
        Function = request.Function;
        _body.EnsureCapacity((long)request.Data.Length + request.Upvalues.Length + request.Key.Length);
        _data = _body.Append(request.Data);
        _upvalues = _body.Append(request.Upvalues);
        _key = _body.Append(request.Key);
        DataKind = request.DataKind;
        Name = request.Name;
        Cookie = request.Cookie;
        WantsResult = request.WantsResult;
        TimeoutTicks = timeoutTicks;
        Retries = request.Retries;
        Charge = RecordBytes + _body.Capacity;
    }

    /// <summary>Makes the record ready for one more attempt.</summary>
    internal void Begin()
    {
        Attempts++;
        Outcome = TaskOutcome.None;
        Error = ErrorDetail = null;
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

    internal void End(TaskOutcome outcome, string? error, string? detail = null)
    {
        Outcome = outcome;
        Error = error;
        ErrorDetail = detail;
        if (outcome != TaskOutcome.Succeeded)
            HasResult = false;
    }

    /// <summary>A task of which nothing is left but the client that waits for it.</summary>
    internal static AsyncTask Lost(AsyncClient client, string message)
    {
        var task = new AsyncTask { Client = client };
        task.End(TaskOutcome.Failed, message);
        return task;
    }

    /// <summary>What has to be stored besides <see cref="Body"/> to run the task later.</summary>
    internal TaskHeader ToHeader(ObjectTable objects) => new()
    {
        Id = Id,
        Cookie = Cookie,
        Position = Position,
        TimeoutTicks = TimeoutTicks,
        SubmittedAt = SubmittedAt,
        Retries = Retries,
        Client = objects.Add(Client),
        Function = objects.Add(Function),
        Name = objects.Add(Name),
        Lease = objects.Add(Lease),
        Source = _source,
        Target = _target,
        Data = _data,
        Upvalues = _upvalues,
        Key = _key,
        Kind = Kind,
        DataKind = DataKind,
        WantsResult = WantsResult,
        Segment = objects.Add(Entry.Segment),
        SegmentPosition = Entry.Position,
        AppendedAt = AppendedAt,
        FormerRun = Former.Run,
        FormerId = Former.Id,
    };

    /// <summary>What the journal has to store besides <see cref="Body"/> and <see cref="Name"/>, without the numbers of objects.</summary>
    internal TaskRecord ToRecord() => new()
    {
        Id = Id,
        Position = Position,
        TimeoutMicroseconds = (long)(TimeoutTicks * (1e6 / Stopwatch.Frequency)),
        Retries = Retries,
        BodyLength = _body.Length,
        Source = _source,
        Target = _target,
        Data = _data,
        Upvalues = _upvalues,
        Key = _key,
        Kind = Kind,
        DataKind = DataKind,
        WantsResult = (byte)(WantsResult ? 1 : 0),
        HasName = (byte)(Name is null ? 0 : 1),
    };

    /// <summary>Makes an empty record the task that an earlier process has left.</summary>
    internal void Recover(in RecoveredTask recovered, TaskFunction? function)
    {
        TaskRecord record = recovered.Record;
        Kind = record.Kind;
        Position = record.Position;
        TimeoutTicks = (long)(record.TimeoutMicroseconds * (Stopwatch.Frequency / 1e6));
        Retries = record.Retries;
        Function = function;
        Name = recovered.Name;
        _source = record.Source;
        _target = record.Target;
        _data = record.Data;
        _upvalues = record.Upvalues;
        _key = record.Key;
        DataKind = record.DataKind;
        WantsResult = record.WantsResult != 0;
        Entry = recovered.Entry;
        AppendedAt = recovered.AppendedAt;
        Former = (recovered.Run, record.Id);
        _body.Append(recovered.Body);
        Charge = RecordBytes + _body.Capacity;
    }

    /// <summary>Makes an empty record the task that was stored.</summary>
    internal void Restore(in TaskHeader header, ReadOnlySpan<byte> body, ObjectTable objects)
    {
        Id = header.Id;
        Cookie = header.Cookie;
        Position = header.Position;
        TimeoutTicks = header.TimeoutTicks;
        SubmittedAt = header.SubmittedAt;
        Retries = header.Retries;
        Client = objects.Remove<AsyncClient>(header.Client)!;
        Function = objects.Remove<TaskFunction>(header.Function);
        Name = objects.Remove<string>(header.Name);
        Lease = objects.Remove<ITaskLease>(header.Lease);
        _source = header.Source;
        _target = header.Target;
        _data = header.Data;
        _upvalues = header.Upvalues;
        _key = header.Key;
        Kind = header.Kind;
        DataKind = header.DataKind;
        WantsResult = header.WantsResult;
        Entry = new JournalEntry(objects.Remove<JournalSegment>(header.Segment), header.SegmentPosition);
        AppendedAt = header.AppendedAt;
        Former = (header.FormerRun, header.FormerId);
        _body.Append(body);
        Charge = RecordBytes + _body.Capacity;
    }

    /// <summary>
    /// Takes over from a record that a stuck worker still reads: everything its client needs to hear about the end, no more than that.
    /// </summary>
    internal void StandInFor(AsyncTask stuck)
    {
        Kind = stuck.Kind;
        Id = stuck.Id;
        Client = stuck.Client;
        Cookie = stuck.Cookie;
        Name = stuck.Name;
        Function = stuck.Function;
        Lease = stuck.Lease;
        Entry = stuck.Entry;
        DataKind = stuck.DataKind;
        _source = _body.AppendPath(stuck.SourcePath);
        _target = _body.AppendPath(stuck.TargetPath);
        _data = _body.Append(stuck.Data);
        _key = _body.Append(stuck.Key);
        WantsResult = stuck.WantsResult;
        Attempts = stuck.Attempts;
        TimeoutTicks = stuck.TimeoutTicks;
        SubmittedAt = stuck.SubmittedAt;
        StartedAt = stuck.StartedAt;
    }

    /// <summary>Gives back what only the work needed, as soon as it is done, and charges for the rest.</summary>
    internal void ReleasePayload()
    {
        if (Kind == TaskKind.CopyBuffer && Outcome == TaskOutcome.Succeeded)
        {
            _data = default;
            _body.Trim(KeptBytes);
            _source = _target = default;
        }

        ResultCharge = RecordBytes + _body.Capacity + _result.Capacity;
    }

    /// <summary>Back to an empty record, for the lane's pool.</summary>
    internal void Reset()
    {
        _body.Trim(KeptBytes);
        _result.Trim(KeptBytes);
        Kind = TaskKind.None;
        Client = null!;
        Cookie = 0;
        Name = null;
        Function = null;
        DataKind = 0;
        _source = _target = _data = _upvalues = _key = default;
        Position = AppendedAt = -1;
        Entry = default;
        Former = default;
        TimeoutTicks = 0;
        Retries = Attempts = 0;
        Outcome = TaskOutcome.None;
        Error = ErrorDetail = null;
        HasResult = WantsResult = false;
        ResultKind = 0;
        Lease = null;
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
