using System.Globalization;

namespace Spillway.Web.Html;

/// <summary>
/// Moments: written in UTC, which app.js turns into the reader's zone without changing the width; UTC stays to be seen by hovering.
/// </summary>
internal static class TimeText
{
    /// <summary>A moment to the millisecond.</summary>
    public static Markup Of(long ns) => Of(ns, digits: 3);

    /// <summary>A moment to the second.</summary>
    public static Markup Second(long ns) => Of(ns, digits: 0);

    /// <summary>A moment as programs have it.</summary>
    public static string Iso(long ns) =>
        DateTimeOffset
            .UnixEpoch.AddTicks(ns / TimeSpan.NanosecondsPerTick)
            .ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    private static Markup Of(long ns, int digits)
    {
        DateTimeOffset time = DateTimeOffset.UnixEpoch.AddTicks(ns / TimeSpan.NanosecondsPerTick);
        string shown = time.ToString(digits == 0 ? "yyyy-MM-dd HH:mm:ss" : "yyyy-MM-dd HH:mm:ss.fff", CultureInfo.InvariantCulture);
        return Markup.Of($"<time datetime=\"{Iso(ns)}\" title=\"{shown} UTC\">{shown}</time>");
    }
}
