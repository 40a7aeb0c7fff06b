using System.Diagnostics;

namespace Spillway.Async.Queues;

/// <summary>
/// How long a thread watches for something before it sleeps: what comes within that time costs no system call on either side. It never
/// yields its processor, which on a busy machine takes longer to come back than anything it waits for here.
/// </summary>
internal ref struct SpinBudget(TimeSpan time)
{
    private const int PausesPerLook = 4;
    private const int LooksPerClock = 8;

    private static readonly bool IsAlone = Environment.ProcessorCount == 1;

    private long _end;
    private int _looks;

    /// <summary>
    /// Pauses for some ten nanoseconds; false once the time is used up, and at once where no other thread could run meanwhile.
    /// </summary>
    public bool Spin()
    {
        if (_looks++ % LooksPerClock == 0)
        {
            long now = Stopwatch.GetTimestamp();
            if (_end == 0)
                _end = IsAlone ? now : now + (long)(time.TotalSeconds * Stopwatch.Frequency);
            if (now >= _end)
                return false;
        }

        Thread.SpinWait(PausesPerLook);
        return true;
    }
}
