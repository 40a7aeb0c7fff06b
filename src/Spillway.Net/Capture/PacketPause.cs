namespace Spillway.Net.Capture;

/// <summary>A time for which packets that were there waited until they were read on, and what of it is known to be the runtime's.</summary>
/// <param name="Time">How long, by the wall clock.</param>
/// <param name="Collecting">How much of it the garbage collector had stopped all threads; the rest is the lane's own work, or other
/// threads' that the processor went to.</param>
/// <param name="EndedAt">When it ended, by the machine's clock; null of no pause.</param>
public sealed record PacketPause(TimeSpan Time, TimeSpan Collecting, DateTimeOffset? EndedAt)
{
    /// <summary>No packet had to wait.</summary>
    public static PacketPause None { get; } = new(TimeSpan.Zero, TimeSpan.Zero, null);

    /// <summary>The longest of several.</summary>
    public static PacketPause LongestOf(IEnumerable<PacketPause> pauses) => pauses.MaxBy(pause => pause.Time) ?? None;
}
