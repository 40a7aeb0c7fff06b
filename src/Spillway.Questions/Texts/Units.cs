using System.Globalization;

namespace Spillway.Questions.Texts;

/// <summary>Numbers as people read them. Decimal units, three significant digits, no dependence on the locale.</summary>
public static class Units
{
    private static readonly string[] ByteUnits = ["B", "kB", "MB", "GB", "TB", "PB", "EB"];
    private static readonly string[] BitUnits = ["bit/s", "kbit/s", "Mbit/s", "Gbit/s", "Tbit/s", "Pbit/s", "Ebit/s"];

    /// <summary>A whole number with separators.</summary>
    public static string Count(long value) => value.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>"1 packet", "2 packets".</summary>
    public static string Count(long value, string noun) => Count(value, noun, noun + "s");

    /// <summary>As above, for nouns with a plural of their own.</summary>
    public static string Count(long value, string noun, string plural) => $"{Count(value)} {(value == 1 ? noun : plural)}";

    /// <summary>Bytes in the unit that suits.</summary>
    public static string Bytes(double value) => Scale(value, ByteUnits);

    /// <summary>Bits per second in the unit that suits.</summary>
    public static string BitRate(double bitsPerSecond) => Scale(bitsPerSecond, BitUnits);

    /// <summary>A counter's value in its unit.</summary>
    public static string Value(double value, string units)
    {
        if (units == "B")
            return Bytes(value);
        string number =
            Math.Abs(value) >= 1e15
                ? value.ToString("G4", CultureInfo.InvariantCulture)
                : value.ToString(double.IsInteger(value) ? "N0" : "#,##0.###", CultureInfo.InvariantCulture);
        return units.Length == 0 ? number : $"{number} {units}";
    }

    /// <summary>A span of time.</summary>
    public static string Duration(TimeSpan time)
    {
        double seconds = time.TotalSeconds;
        return seconds switch
        {
            0 => "0 s",
            // What would be rounded to 1,000 is one of the next unit.
            < 0.0009995 => Number(seconds * 1e6, "us"),
            < 0.9995 => Number(seconds * 1e3, "ms"),
            < 59.95 => Number(seconds, "s"),
            < 60 => "1 min 0 s",
            < 3600 => $"{time.Minutes} min {time.Seconds} s",
            < 86_400 => $"{time.Hours} h {time.Minutes} min",
            _ => string.Create(CultureInfo.InvariantCulture, $"{time.Days} d {time.Hours} h"),
        };
    }

    /// <summary>A moment, from nanoseconds since 1970 UTC.</summary>
    public static DateTimeOffset Time(long ns) => DateTimeOffset.UnixEpoch.AddTicks(ns / TimeSpan.NanosecondsPerTick);

    /// <summary>Time of day in UTC, to the millisecond.</summary>
    public static string TimeOfDay(long ns) => Time(ns).ToString("HH:mm:ss.fff", CultureInfo.InvariantCulture);

    /// <summary>Date and time in UTC, to the second.</summary>
    public static string DateAndTime(long ns) => Time(ns).ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);

    private static string Scale(double value, string[] units)
    {
        int unit = 0;
        while (Math.Abs(value) >= 999.5 && unit < units.Length - 1)
        {
            value /= 1000;
            unit++;
        }

        return Number(value, units[unit]);
    }

    private static string Number(double value, string unit)
    {
        string format = Math.Abs(value) switch
        {
            >= 99.95 => "0",
            >= 9.995 => "0.#",
            _ => "0.##",
        };
        return $"{value.ToString(format, CultureInfo.InvariantCulture)} {unit}";
    }
}
