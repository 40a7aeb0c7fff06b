using System.Runtime.InteropServices;

namespace Spillway.Async.Journal;

/// <summary>The fixed part of a task's record; its bytes and its name follow. Part of the format on disk.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 8)]
internal struct TaskRecord
{
    public long Id;
    public long Position;
    public long TimeoutMicroseconds;
    public int Retries;
    public int Client;
    public int Function;
    public int BodyLength;
    public Segment Source;
    public Segment Target;
    public Segment Data;
    public Segment Upvalues;
    public Segment Key;
    public TaskKind Kind;
    public byte DataKind;
    public byte WantsResult;
    public byte HasName;
    private readonly int _unused;

    /// <summary>Whether all parts lie within the body: a sound checksum does not prove that this program wrote it.</summary>
    public readonly bool IsSound(int payload)
    {
        int most = BodyLength;
        return most >= 0
            && most <= payload
            && Kind is > TaskKind.None
            && Enum.IsDefined(Kind)
            && Retries is >= 0 and <= AsyncOptions.MaxRetries
            && TimeoutMicroseconds >= 0
            && Fits(Source, Kind != TaskKind.Schedule)
            && Fits(Target, Kind != TaskKind.Schedule)
            && Fits(Data, false)
            && Fits(Upvalues, false)
            && Fits(Key, false);

        bool Fits(Segment part, bool terminated) =>
            part.Start >= 0 && part.Length >= 0 && (long)part.Start + part.Length + (terminated ? 1 : 0) <= most;
    }
}
