using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Spillway.Async.Native;

/// <summary>A number that threads can sleep on until it changes: futex(2), which the C library has no function for.</summary>
internal sealed unsafe partial class Futex
{
    private const int WaitPrivate = 128; // FUTEX_WAIT | FUTEX_PRIVATE_FLAG
    private const int WakePrivate = 129; // FUTEX_WAKE | FUTEX_PRIVATE_FLAG
    private const long NanosecondsPerSecond = 1_000_000_000;

    // The system call's number: x86-64 has its own table, all newer architectures share one.
    private static readonly nint FutexCall = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 202 : 98;

    // Pinned, so that the kernel finds it. On a cache line of its own: everybody who wakes writes to it.
    private readonly int[] _memory = GC.AllocateArray<int>(32, pinned: true);

    /// <summary>The number. Change it by interlocked operations only, then wake.</summary>
    public ref int Value => ref _memory[16];

    /// <summary>Sleeps until somebody wakes this thread, if the number is still the given one. May return for no reason.</summary>
    /// <param name="timeout"><see cref="Timeout.InfiniteTimeSpan"/> for no end.</param>
    public void WaitWhile(int value, TimeSpan timeout)
    {
        long nanoseconds = (long)timeout.TotalNanoseconds;
        var time = new TimeSpec
        {
            Seconds = (nint)(nanoseconds / NanosecondsPerSecond),
            Nanoseconds = (nint)(nanoseconds % NanosecondsPerSecond),
        };
        _ = Wait(FutexCall, Address, WaitPrivate, value, timeout == Timeout.InfiniteTimeSpan ? null : &time);
    }

    /// <summary>Wakes one thread that sleeps.</summary>
    public void WakeOne() => _ = Wake(FutexCall, Address, WakePrivate, 1);

    private int* Address => (int*)Unsafe.AsPointer(ref Value);

    [LibraryImport("libc", EntryPoint = "syscall")]
    private static partial nint Wait(nint call, int* address, int operation, int value, TimeSpec* timeout);

    [LibraryImport("libc", EntryPoint = "syscall")]
    private static partial nint Wake(nint call, int* address, int operation, int count);

    private struct TimeSpec
    {
        public nint Seconds;
        public nint Nanoseconds;
    }
}
