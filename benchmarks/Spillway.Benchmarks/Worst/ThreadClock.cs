using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Spillway.Benchmarks.Worst;

/// <summary>Processor time of the calling thread: what others take of a busy machine is not in it.</summary>
internal static partial class ThreadClock
{
    private const int ThreadProcessorTime = 3; // CLOCK_THREAD_CPUTIME_ID

    /// <summary>Nanoseconds so far.</summary>
    public static long Now()
    {
        if (clock_gettime(ThreadProcessorTime, out TimeSpec time) != 0)
            throw new Win32Exception(Marshal.GetLastPInvokeError());
        return (time.Seconds * 1_000_000_000) + time.Nanoseconds;
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int clock_gettime(int clock, out TimeSpec time);

    private struct TimeSpec
    {
        public long Seconds;
        public long Nanoseconds;
    }
}
