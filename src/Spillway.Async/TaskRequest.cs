namespace Spillway.Async;

/// <summary>What a task is to do, beside its bytes: the part of it that spilling stores and brings back as it is.</summary>
internal struct TaskRequest
{
    public long Position;
    public long TimeoutTicks;
    public int Retries;
    public Segment Source;
    public Segment Target;
    public Segment Data;
    public Segment Upvalues;
    public Segment Key;
    public TaskKind Kind;
    public byte DataKind;
    public bool WantsResult;
}
