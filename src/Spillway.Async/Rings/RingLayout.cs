using System.Runtime.InteropServices;

namespace Spillway.Async.Rings;

/// <summary>What a record of a ring is. <c>rings.lua</c> has the same numbers.</summary>
internal enum RingRecordKind
{
    /// <summary>A task, or what came of it.</summary>
    Plain,

    /// <summary>The ring goes on in another segment (<see cref="RingJump"/>).</summary>
    Jump,

    /// <summary>Stands for an <see cref="AsyncTask"/> at this place among the results: a failure.</summary>
    Task,
}

/// <summary>The head of a task or a result in a ring; its bytes follow. <c>sw_record</c> in <c>cdef.lua</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct RingRecord
{
    /// <summary>Bytes to the next record.</summary>
    public int Size;

    /// <summary>A <c>RingRecordKind</c>.</summary>
    public int Kind;

    /// <summary>The function's number, as <see cref="TaskFunction.Id"/>.</summary>
    public int Code;

    /// <summary>See <see cref="ScheduleRequest.Cookie"/>.</summary>
    public int Slot;

    /// <summary>The client's place in the ring.</summary>
    public int Client;

    /// <summary>Of a task: as <see cref="AsyncTask.DataKind"/>; of a result: <see cref="AsyncTask.ResultKind"/>.</summary>
    public int DataKind;

    /// <summary>Bytes of data.</summary>
    public int Length;

    /// <summary>Bytes of upvalues, which follow the data at the next multiple of 8.</summary>
    public int BlobLength;

    /// <summary>The task's number.</summary>
    public double Id;

    /// <summary>When it was submitted, by the processor's counter of time.</summary>
    public long Stamp;
}

/// <summary>The end of a segment. <c>sw_record</c> shares its first two fields.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct RingJump
{
    public int Size;
    public int Kind;
    public RingRecord* Next;
}

/// <summary>
/// The words of a ring, in groups that one side writes, each on cache lines of its own. <c>sw_ring</c> in <c>cdef.lua</c>. What the other
/// side reads is <see cref="Tail"/>, <see cref="Done"/>, and the four words at the end.
/// </summary>
[StructLayout(LayoutKind.Explicit, Size = 1024)]
public unsafe struct RingWords
{
    /// <summary>Tasks published; lane.</summary>
    [FieldOffset(0)]
    public int Tail;

    /// <summary>Where the lane puts its next task.</summary>
    [FieldOffset(128)]
    public RingRecord* PutAt;

    /// <summary>Where room for tasks ends.</summary>
    [FieldOffset(136)]
    public byte* PutEnd;

    /// <summary>Tasks put.</summary>
    [FieldOffset(144)]
    public int Put;

    /// <summary>Not 0 while tasks may go this way.</summary>
    [FieldOffset(148)]
    public int Open;

    /// <summary>The last number given, and the last that may be.</summary>
    [FieldOffset(152)]
    public double* Ids;

    /// <summary>Where the lane takes its next result.</summary>
    [FieldOffset(160)]
    public RingRecord* TakeAt;

    /// <summary>Results taken.</summary>
    [FieldOffset(168)]
    public int Take;

    /// <summary>When taking results has to end, by the counter of time.</summary>
    [FieldOffset(176)]
    public long Deadline;

    /// <summary>The task at work, or the next.</summary>
    [FieldOffset(256)]
    public RingRecord* ReadAt;

    /// <summary>Tasks that are over.</summary>
    [FieldOffset(264)]
    public int Read;

    /// <summary>Where the worker puts its next result.</summary>
    [FieldOffset(272)]
    public RingRecord* OutAt;

    /// <summary>Where room for results ends.</summary>
    [FieldOffset(280)]
    public byte* OutEnd;

    /// <summary>Results put.</summary>
    [FieldOffset(288)]
    public int Out;

    /// <summary>Tasks that ended well.</summary>
    [FieldOffset(296)]
    public double Succeeded;

    /// <summary>When the task at work was submitted, by the counter of time.</summary>
    [FieldOffset(304)]
    public long Stamp;

    /// <summary>Results published; worker.</summary>
    [FieldOffset(384)]
    public int Done;

    /// <summary>Not 0 if a task needs the host to be noticed: the worker sleeps (1), or has stopped (2).</summary>
    [FieldOffset(512)]
    public int Asleep;

    /// <summary>Not 0 while the lane sleeps.</summary>
    [FieldOffset(640)]
    public int Waiting;

    /// <summary>Not 0 if the worker is to leave its loop.</summary>
    [FieldOffset(768)]
    public int Leave;
}

/// <summary>A client's share in a ring. <c>sw_account</c> in <c>cdef.lua</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct RingShare
{
    /// <summary>Tasks put.</summary>
    public double Submitted;

    /// <summary>Tasks that are over, their delivery included.</summary>
    public double Completed;

    /// <summary>Results that something was called for, or could have been.</summary>
    public double Calls;

    /// <summary>The client's place in the ring.</summary>
    public int Client;

    /// <summary>Not 0 while tasks would need a lease, which the ring has no place for.</summary>
    public int Leased;

    /// <summary>Not 0 while a result is delivered.</summary>
    public int Delivering;
}

/// <summary>
/// What a worker notes of tasks in rings. <c>sw_run</c> in <c>cdef.lua</c>; the code of <c>finish</c> has the offsets from
/// <see cref="Start"/> on.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
public unsafe struct RingTimes
{
    /// <summary>A duration's buckets, as those of <c>LogHistogram</c>, and behind them the longest.</summary>
    public const int Buckets = 497;

    /// <summary>When the task at work began, by the counter of time.</summary>
    public long Start;

    /// <summary>When the worker is to look after others.</summary>
    public long Until;

    /// <summary>The run from which on a task is looked at as a slow one.</summary>
    public long Slow;

    /// <summary>The last task's run.</summary>
    public long Last;

    /// <summary>From submission to start.</summary>
    public fixed long Wait[Buckets];

    /// <summary>From start to end.</summary>
    public fixed long Run[Buckets];

    /// <summary>
    /// The task at work, as its place in the ring: who swaps it owns the task's end. Negative once it was asked to stop; 0 between two.
    /// </summary>
    public int Running;
}
