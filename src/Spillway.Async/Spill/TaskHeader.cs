namespace Spillway.Async.Spill;

/// <summary>A task's fixed part as it lies on disk; its bytes follow. Objects are numbers of an <see cref="ObjectTable"/>.</summary>
internal struct TaskHeader
{
    public TaskRequest Request;
    public long Id;
    public long Cookie;
    public long SubmittedAt;
    public int Client;
    public int Function;
    public int Name;
    public int Lease;
    public int Segment;
    public int SegmentPosition;
    public long AppendedAt;
    public ulong FormerRun;
    public long FormerId;
    public int Recoveries;
}
