using System.Diagnostics;

namespace Spillway.Net.Capture;

/// <summary>
/// How long a reader leaves packets waiting: the longest time between two looks while there was something to read. A look costs a clock
/// reading, so there is one for each batch of packets, and the packets of one batch count as one pause. Written by the reader, read by any.
/// </summary>
internal sealed class PauseWatch
{
    private long _since;
    private TimeSpan _collectedUntilThen;
    private PacketPause _longest = PacketPause.None;

    /// <summary>The longest pause so far.</summary>
    public PacketPause Longest => Volatile.Read(ref _longest);

    /// <summary>Packets have come after none were there: nothing has waited until now.</summary>
    public void Begin() => Begin(Stopwatch.GetTimestamp());

    /// <summary>The reader comes for the next packets.</summary>
    public void Look()
    {
        long now = Stopwatch.GetTimestamp();
        if (_since != 0 && Stopwatch.GetElapsedTime(_since, now) is var waited && waited > _longest.Time)
            Volatile.Write(ref _longest, new PacketPause(waited, GC.GetTotalPauseDuration() - _collectedUntilThen, DateTimeOffset.UtcNow));
        Begin(now);
    }

    private void Begin(long now)
    {
        _since = now;
        _collectedUntilThen = GC.GetTotalPauseDuration();
    }
}
