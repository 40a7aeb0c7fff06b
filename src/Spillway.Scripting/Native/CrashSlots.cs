using System.Runtime.InteropServices;
using System.Text;

namespace Spillway.Scripting.Native;

/// <summary>
/// What each thread that runs scripts is doing, in memory that a signal handler can read: a slot for each thread, and in it the parts of
/// the one line that is written if native code crashes there.
/// </summary>
internal static unsafe class CrashSlots
{
    /// <summary>More threads than these at a time go unnamed.</summary>
    public const int Count = 1024;

    private static readonly Lock Gate = new();
    private static readonly CrashSlot* Slots = MakeSlots();

    [ThreadStatic]
    private static CrashSlot* _current;

    /// <summary>The first slot. Behind the last one stands another, for threads that have none.</summary>
    public static CrashSlot* First => Slots;

    /// <summary>The calling thread's slot; its number is written when it is first asked for.</summary>
    public static CrashSlot* Current => _current is not null ? _current : _current = Take();

    /// <summary>Text for a slot; lives until it is freed.</summary>
    public static CrashText Make(string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        byte* memory = (byte*)NativeMemory.Alloc((nuint)bytes.Length + 1);
        bytes.CopyTo(new Span<byte>(memory, bytes.Length));
        return new CrashText { Base = memory, Length = (nuint)bytes.Length };
    }

    private static CrashSlot* MakeSlots()
    {
        var slots = (CrashSlot*)NativeMemory.AllocZeroed(Count + 1, (nuint)sizeof(CrashSlot));
        CrashText end = Make("\n");
        for (int i = 0; i <= Count; i++)
            slots[i].End = end;
        return slots;
    }

    // A thread that has ended leaves its slot to the next: workers come and go.
    private static CrashSlot* Take()
    {
        lock (Gate)
        {
            for (int i = 0; i < Count; i++)
            {
                CrashSlot* slot = Slots + i;
                if (slot->Thread != 0 && Directory.Exists($"/proc/self/task/{slot->Thread}"))
                    continue;
                slot->Script = default;
                slot->Thread = CrashHandler.ThreadNumber;
                return slot;
            }
        }

        return Slots + Count;
    }
}

/// <summary>Bytes for <c>writev</c>: an <c>iovec</c>.</summary>
internal unsafe struct CrashText
{
    public byte* Base;
    public nuint Length;
}

/// <summary>A thread's slot. The handler's machine code knows this layout: 64 bytes, the texts from offset 8 on.</summary>
[StructLayout(LayoutKind.Sequential, Size = 64)]
internal struct CrashSlot
{
    /// <summary>The kernel's number of the thread; 0 for a slot that nobody has.</summary>
    public int Thread;

    /// <summary>Which signal it was; written by the handler.</summary>
    public CrashText Signal;

    /// <summary>The script's call that runs; empty between calls.</summary>
    public CrashText Script;

    /// <summary>The end of the line.</summary>
    public CrashText End;
}
