namespace Spillway.Async.Spill;

/// <summary>A task's fixed part as it lies on disk; its bytes follow. Objects are numbers of an <see cref="ObjectTable"/>.</summary>
internal struct TaskHeader
{
    public long Id;
    public long Cookie;
    public long Position;
    public long TimeoutTicks;
    public long SubmittedAt;
    public int Retries;
    public int Client;
    public int Function;
    public int Name;
    public int Lease;
    public int Segment;
    public int SegmentPosition;
    public long AppendedAt;
    public ulong FormerRun;
    public long FormerId;
    public Segment Source;
    public Segment Target;
    public Segment Data;
    public Segment Upvalues;
    public Segment Key;
    public TaskKind Kind;
    public byte DataKind;
    public bool WantsResult;
}
