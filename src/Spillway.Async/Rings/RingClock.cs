using System.Diagnostics;
using Spillway.Async.Native;

namespace Spillway.Async.Rings;

/// <summary>The processor's counter of time, beside the clock. Any thread.</summary>
internal static class RingClock
{
    private static readonly long FirstStamp = RingCode.IsThere ? RingCode.Now : 0;
    private static readonly long FirstTime = Stopwatch.GetTimestamp();

    // Two readings a moment apart are as exact as that moment is long beside the reading of them.
    private static readonly TimeSpan Least = TimeSpan.FromMicroseconds(200);

    /// <summary>The counter now.</summary>
    public static long Now => RingCode.Now;

    /// <summary>Counts in a nanosecond.</summary>
    public static double Rate
    {
        get
        {
            while (true)
            {
                long stamp = RingCode.Now;
                TimeSpan since = Stopwatch.GetElapsedTime(FirstTime);
                if (since >= Least)
                    return (stamp - FirstStamp) / since.TotalNanoseconds;
                Thread.SpinWait(10);
            }
        }
    }
}
