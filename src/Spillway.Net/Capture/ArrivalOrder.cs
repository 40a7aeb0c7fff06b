namespace Spillway.Net.Capture;

/// <summary>
/// Which of several interfaces has the packet that came first. The kernel hands packets over in blocks, those of a quiet interface up to
/// its hold time late; so a packet waits for earlier ones of the others, but no longer than <see cref="WindowNs"/>.
/// </summary>
internal static class ArrivalOrder
{
    /// <summary>In place of a time: the interface is open, and has no packet at present.</summary>
    public const long Empty = long.MaxValue;

    /// <summary>In place of a time: the interface is not open, and nobody waits for it.</summary>
    public const long Closed = long.MinValue;

    /// <summary>Behind the clock no packet is to come any more: twice the kernel's hold time, and what a timer may be late.</summary>
    public const long WindowNs = 50_000_000;

    /// <summary>Chooses.</summary>
    /// <param name="heads">The time of the first packet of each interface, or what stands in its place.</param>
    /// <param name="nowNs">The clock, read before those that are empty were last looked at.</param>
    /// <returns>The index of the interface; -1 if none has a packet, or the earliest may still be preceded by one.</returns>
    public static int First(ReadOnlySpan<long> heads, long nowNs)
    {
        int first = -1;
        long earliest = Empty;
        bool mayCome = false;
        for (int i = 0; i < heads.Length; i++)
        {
            if (heads[i] == Closed)
                continue;
            mayCome |= heads[i] == Empty;
            if (heads[i] < earliest)
                (first, earliest) = (i, heads[i]);
        }

        // A packet from the future has another clock, which says nothing about the others.
        return mayCome && earliest > nowNs - WindowNs && earliest <= nowNs ? -1 : first;
    }
}
