using System.Globalization;

namespace Spillway.Questions.Texts;

/// <summary>Packet times on the command line and in lists.</summary>
public static class PacketTime
{
    /// <summary>Forms that are read.</summary>
    public const string Examples =
        "2026-01-31, '2026-01-31 23:59:59.5', 2026-01-31T23:59:59Z, 2026-01-31T23:59:59+02:00, or seconds since 1970";

    private const long NanosecondsPerSecond = 1_000_000_000;
    private const int FractionDigits = 9;

    private static readonly string[] Formats = ["yyyy-MM-dd", "yyyy-MM-dd'T'HH:mm", "yyyy-MM-dd'T'HH:mm:ss"];

    /// <summary>Reads a time; null if it is none.</summary>
    /// <param name="text">The text.</param>
    /// <param name="isUtc">Whether one without a zone is UTC, else this machine's.</param>
    /// <param name="isEnd">Of a local time that comes twice, as clocks are put back, whether the second is meant.</param>
    /// <returns>Nanoseconds since 1970 UTC; null also for a local time that clocks skip: see <see cref="LocalClock.Complaint"/>.</returns>
    public static long? TryParse(string text, bool isUtc, bool isEnd = false)
    {
        text = text.Trim();
        int dot = text.IndexOf('.', StringComparison.Ordinal);
        string fraction = "";
        if (dot >= 0)
        {
            int end = dot + 1;
            while (end < text.Length && char.IsAsciiDigit(text[end]))
                end++;
            fraction = text[(dot + 1)..end];
            if (fraction.Length is 0 or > FractionDigits)
                return null;
            text = text[..dot] + text[end..];
        }

        long nanoseconds = fraction.Length == 0 ? 0 : long.Parse(fraction.PadRight(FractionDigits, '0'), CultureInfo.InvariantCulture);
        if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long seconds))
            return seconds <= uint.MaxValue ? (seconds * NanosecondsPerSecond) + nanoseconds : null;

        if (text.Length > 10 && text[10] is ' ' or 't')
            text = text[..10] + "T" + text[11..];
        if (TryParseZoned(text, out DateTimeOffset time) || TryParseLocal(text, isUtc, isEnd, out time))
            return time.Year < 1970 ? null : (time.ToUnixTimeSeconds() * NanosecondsPerSecond) + nanoseconds;
        return null;
    }

    /// <summary>A time with its nanoseconds.</summary>
    public static string Format(long ns, bool isUtc)
    {
        DateTimeOffset second = DateTimeOffset.FromUnixTimeSeconds(ns / NanosecondsPerSecond);
        if (!isUtc)
            second = second.ToLocalTime();
        return string.Create(CultureInfo.InvariantCulture, $"{second:yyyy-MM-dd HH:mm:ss}.{ns % NanosecondsPerSecond:D9}");
    }

    private static bool TryParseZoned(string text, out DateTimeOffset time)
    {
        string[] zoned = [.. Formats.Skip(1).Select(format => format + "K")];
        time = default;
        bool hasZone = text.EndsWith('Z') || (text.Length > 16 && text[^6] is '+' or '-');
        return hasZone && DateTimeOffset.TryParseExact(text, zoned, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out time);
    }

    private static bool TryParseLocal(string text, bool isUtc, bool isEnd, out DateTimeOffset time)
    {
        if (isUtc)
            return DateTimeOffset.TryParseExact(text, Formats, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out time);
        time = default;
        if (!DateTime.TryParseExact(text, Formats, CultureInfo.InvariantCulture, DateTimeStyles.None, out DateTime clock))
            return false;
        DateTimeOffset? found = text.Length == Formats[0].Length ? LocalClock.BeginOf(clock) : LocalClock.At(clock, isEnd);
        time = found ?? default;
        return found is not null;
    }
}
