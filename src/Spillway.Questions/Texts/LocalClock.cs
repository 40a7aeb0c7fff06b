namespace Spillway.Questions.Texts;

/// <summary>
/// What a clock on the wall means in a zone that changes it twice a year: an hour that comes twice has two meanings, and one that is left
/// out has none.
/// </summary>
public static class LocalClock
{
    /// <summary>The moment that a clock shows; null if the clocks skip it.</summary>
    /// <param name="time">What it shows.</param>
    /// <param name="isEnd">Of a time that comes twice, whether the second is meant: a range holds both.</param>
    /// <param name="zone">The zone; null for this machine's.</param>
    public static DateTimeOffset? At(DateTime time, bool isEnd, TimeZoneInfo? zone = null)
    {
        zone ??= TimeZoneInfo.Local;
        time = DateTime.SpecifyKind(time, DateTimeKind.Unspecified);
        if (zone.IsInvalidTime(time))
            return null;
        if (!zone.IsAmbiguousTime(time))
            return new DateTimeOffset(time, zone.GetUtcOffset(time));
        TimeSpan[] offsets = zone.GetAmbiguousTimeOffsets(time);
        return new DateTimeOffset(time, isEnd ? offsets.Min() : offsets.Max());
    }

    /// <summary>The first moment of a day, which is not everywhere and always at midnight.</summary>
    public static DateTimeOffset? BeginOf(DateTime day, TimeZoneInfo? zone = null)
    {
        for (int minutes = 0; minutes <= 180; minutes += 15)
        {
            if (At(day.AddMinutes(minutes), isEnd: false, zone) is { } begin)
                return begin;
        }

        return null;
    }

    /// <summary>What to tell somebody who gave a time that the clocks skip; null if that is not so.</summary>
    /// <param name="text">The time as given.</param>
    /// <param name="isUtc">Whether times without a zone are UTC.</param>
    /// <param name="parse">Reads it; given whether it is UTC.</param>
    public static string? Complaint(string text, bool isUtc, Func<bool, long?> parse) =>
        isUtc || parse(false) is not null || parse(true) is null
            ? null
            : $"'{text}' does not exist in this machine's zone, whose clocks skip it: give it with a zone, such as "
                + "2026-03-29T03:30:00+02:00, or with --utc";
}
