using System.Globalization;

namespace Spillway.Questions;

/// <summary>
/// Times as people give them to a question. Parts of a day and spans back are meant from the end of what the run has seen: a capture of
/// last year is asked about as if it had just ended.
/// </summary>
public static class QuestionTime
{
    /// <summary>Forms that are read.</summary>
    public const string Examples = "2026-01-31T23:59:59Z, '2026-01-31 23:59', 23:59, -15m (before the end), or seconds since 1970";

    /// <summary>Characters of <see cref="ToText"/> up to the second.</summary>
    public const int SecondLength = 19;

    /// <summary>Characters of the day in <see cref="ToText"/>, before the time of day.</summary>
    public const int DayLength = 10;

    private const long NsPerSecond = 1_000_000_000;

    private static readonly string[] DayFormats = [@"h\:mm", @"hh\:mm", @"h\:mm\:ss", @"hh\:mm\:ss", @"hh\:mm\:ss\.FFFFFFF"];

    /// <summary>Whether a text is a time in any form.</summary>
    public static bool IsTime(string text) => TryParse(text, endNs: 1_000_000_000 * NsPerSecond, isUtc: true) is not null;

    /// <summary>Reads a time; null if it is none.</summary>
    /// <param name="text">The text.</param>
    /// <param name="endNs">The last packet's time: the day that <c>HH:MM</c> is of, and what <c>-15m</c> is before.</param>
    /// <param name="isUtc">Whether a time without a zone is UTC, else this machine's.</param>
    /// <param name="isEnd">Of a local time that comes twice, as clocks are put back, whether the second is meant.</param>
    /// <returns>Nanoseconds since 1970 UTC; null also for a local time that clocks skip.</returns>
    public static long? TryParse(string text, long endNs, bool isUtc, bool isEnd = false)
    {
        text = text.Trim();
        if (text is ['-', _, ..])
            return TryParseSpan(text.AsSpan(1)) is { } span && span <= endNs ? endNs - span : null;
        if (TimeSpan.TryParseExact(text, DayFormats, CultureInfo.InvariantCulture, out TimeSpan timeOfDay))
            return OnTheDayOf(endNs, timeOfDay, isUtc, isEnd);
        return PacketTime.TryParse(text, isUtc, isEnd);
    }

    /// <summary>A time for programs: ISO 8601 with microseconds and zone.</summary>
    public static string ToIso(long ns, bool isUtc)
    {
        DateTimeOffset time = DateTimeOffset.UnixEpoch.AddTicks(ns / TimeSpan.NanosecondsPerTick);
        return isUtc
            ? time.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture)
            : time.ToLocalTime().ToString("yyyy-MM-dd'T'HH:mm:ss.ffffffzzz", CultureInfo.InvariantCulture);
    }

    /// <summary>A time for people, to the millisecond.</summary>
    public static string ToText(long ns, bool isUtc)
    {
        DateTimeOffset time = DateTimeOffset.UnixEpoch.AddTicks(ns / TimeSpan.NanosecondsPerTick);
        return (isUtc ? time : time.ToLocalTime()).ToString("yyyy-MM-dd HH:mm:ss.fff", CultureInfo.InvariantCulture);
    }

    /// <summary>This machine's zone at a time: <c>+02:00</c>, or <c>UTC</c>.</summary>
    public static string ZoneOf(long ns)
    {
        DateTimeOffset time = DateTimeOffset.UnixEpoch.AddTicks(ns / TimeSpan.NanosecondsPerTick).ToLocalTime();
        return time.Offset == TimeSpan.Zero ? "UTC" : time.ToString("zzz", CultureInfo.InvariantCulture);
    }

    /// <summary>Reads a span such as <c>15m</c>; null if it is none.</summary>
    /// <returns>Nanoseconds.</returns>
    public static long? TryParseSpan(ReadOnlySpan<char> text)
    {
        if (text.IsEmpty)
            return null;
        long unit = text[^1] switch
        {
            's' => 1,
            'm' => 60,
            'h' => 3600,
            'd' => 86_400,
            'w' => 604_800,
            _ => 0,
        };
        if (unit == 0 || !double.TryParse(text[..^1], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double count))
            return null;
        double ns = count * unit * NsPerSecond;
        return ns < long.MaxValue ? (long)ns : null;
    }

    private static long? OnTheDayOf(long ns, TimeSpan timeOfDay, bool isUtc, bool isEnd)
    {
        DateTimeOffset end = DateTimeOffset.UnixEpoch.AddTicks(ns / TimeSpan.NanosecondsPerTick);
        DateTime day = isUtc ? end.UtcDateTime.Date : end.LocalDateTime.Date;
        DateTimeOffset? time = isUtc ? new DateTimeOffset(day + timeOfDay, TimeSpan.Zero) : LocalClock.At(day + timeOfDay, isEnd);
        return (time - DateTimeOffset.UnixEpoch)?.Ticks * TimeSpan.NanosecondsPerTick;
    }
}
