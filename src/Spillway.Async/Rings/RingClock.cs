using System.Diagnostics;
using Spillway.Async.Native;

namespace Spillway.Async.Rings;

/// <summary>The processor's counter of time, beside the clock. Any thread.</summary>
internal static class RingClock
{
    private static readonly long FirstStamp = RingCode.IsThere ? RingCode.Now : 0;
    private static readonly long FirstTime = Stopwatch.GetTimestamp();

    // The rate is taken again until there is this long between two readings.
    private static readonly TimeSpan Enough = TimeSpan.FromSeconds(2);

    private static double _rate;

    // Two readings a moment apart are as exact as that moment is long beside the reading of them.
    private static readonly TimeSpan Least = TimeSpan.FromMicroseconds(200);

    /// <summary>The counter now.</summary>
    public static long Now => RingCode.Now;

    /// <summary>Counts in a nanosecond.</summary>
    public static double Rate
    {
        get
        {
            double known = Volatile.Read(ref _rate);
            while (known == 0)
            {
                long stamp = RingCode.Now;
                TimeSpan since = Stopwatch.GetElapsedTime(FirstTime);
                double rate = (stamp - FirstStamp) / since.TotalNanoseconds;
                if (since >= Enough)
                    Volatile.Write(ref _rate, rate);
                if (since >= Least)
                    return rate;
                Thread.SpinWait(10);
            }

            return known;
        }
    }
}
