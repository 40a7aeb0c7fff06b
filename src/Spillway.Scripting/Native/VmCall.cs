using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Spillway.Net.Packets;

namespace Spillway.Scripting.Native;

/// <summary>
/// A run of bytes in memory that Lua may read: native, or pinned while the callback runs. <c>sw_bytes</c> in <c>cdef.lua</c>.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct NativeBytes
{
    public byte* Data;
    public long Length;

    public readonly ReadOnlySpan<byte> Span => new(Data, checked((int)Length));

    /// <summary>Points at a span. The caller keeps it in place.</summary>
    public void Set(ReadOnlySpan<byte> span)
    {
        Data = (byte*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(span));
        Length = span.Length;
    }
}

/// <summary>What <c>T.async:stats()</c> tells: counts, and times in seconds. <c>sw_async_figures</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct AsyncFigures
{
    public double Submitted;
    public double Completed;
    public double Failed;
    public double TimedOut;
    public double Retried;
    public double Spilled;
    public double Dropped;
    public double Pending;
    public double Workers;
    public double WaitP50;
    public double WaitP99;
    public double WaitMax;
    public double RunP50;
    public double RunP99;
    public double RunMax;
}

/// <summary>A header block, as callbacks receive it. <c>sw_header</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct HeaderView
{
    /// <summary>
    /// Identifies the header among those of the run, so that a VM makes one object for it; 0 for a header that was not seen.
    /// </summary>
    public long Id;
    public NativeBytes Raw;
    public int Status;
    public int IsRequest;
}

/// <summary>
/// The arguments of the callback that runs, at a fixed address for each VM. <c>sw_call</c> in <c>cdef.lua</c>: the order of the fields
/// is a contract, which a test checks.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct VmCall
{
    public int Vm;
    public uint Generation;
    public long TimestampNs;
    public PacketInfo* Packet;
    public long FlowNumber;
    public FlowKey FlowKey;
    public int Direction;
    public int Layer;
    public int Result;
    public int Flag;
    public double Position;
    public double Length;
    public NativeBytes Data;
    public NativeBytes Text;
    public NativeBytes Name;
    public HeaderView Request;
    public HeaderView Response;
    public long Task;
    public int Code;
    public int DataKind;
    public int ResultKind;
    public int Slot;
    public NativeBytes Blob;
    public NativeBytes Out;

    /// <summary>Not 0 while a person at the terminal holds the callback: its time does not count.</summary>
    public int Attended;

    /// <summary>What the script wishes for the storage of the packet: 0 for nothing, else one more than the policy.</summary>
    public int PacketPolicy;
    public ItemView* Item;
    public long IntervalNs;
    public nint Ring;
    public nint Account;
    public nint Run;

    /// <summary>Not 0 if results are to be taken out of the ring.</summary>
    public int FromRing;

    /// <summary>Why a worker has left the ring: <c>ring_worker.lua</c>.</summary>
    public int Left;
}
