using System.Globalization;
using System.Text;

namespace Spillway.Metrics.Traffic.Geo;

/// <summary>Texts of databases on their way to keys and labels.</summary>
internal static class GeoText
{
    // Keys of counters have 255 bytes: a city's three parts fit in with what joins them.
    private const int MaxPartBytes = 100;

    /// <summary>A name as it stands; empty for null and for what databases write for nothing.</summary>
    public static string Name(object? value)
    {
        if (value is not string text)
            return "";
        text = text.Trim();
        return text is "-" or "--" ? "" : text;
    }

    /// <summary>A country's code; empty if the text is none, or stands for an unknown country.</summary>
    public static string CountryCode(object? value) =>
        value is string { Length: 2 } text
        && char.IsAsciiLetter(text[0])
        && char.IsAsciiLetter(text[1])
        && text.ToUpperInvariant() is not ("ZZ" or "XX") and var code
            ? code
            : "";

    /// <summary>
    /// An AS number; 0 if the value is none. Databases have numbers, or texts such as <c>AS15169</c> or <c>AS15169 Example Inc.</c>.
    /// </summary>
    public static uint AsNumber(object? value) =>
        value switch
        {
            int number => number > 0 ? (uint)number : 0,
            long number => number is > 0 and <= uint.MaxValue ? (uint)number : 0,
            ulong number => number <= uint.MaxValue ? (uint)number : 0,
            string text => AsNumber(text),
            _ => 0,
        };

    /// <summary>
    /// The key of a city: <c>Paris, Île-de-France, FR</c>, so that towns of one name are kept apart. Parts that are not known are left out;
    /// a region of the city's own name is too.
    /// </summary>
    public static string City(string city, string region, string countryCode)
    {
        if (city.Length == 0)
            return "";
        var text = new StringBuilder(Cut(city));
        if (region.Length > 0 && region != city)
            text.Append(", ").Append(Cut(region));
        if (countryCode.Length > 0)
            text.Append(", ").Append(countryCode);
        return text.ToString();
    }

    private static uint AsNumber(string text)
    {
        ReadOnlySpan<char> digits = text.AsSpan().Trim();
        if (digits.StartsWith("AS", StringComparison.OrdinalIgnoreCase))
            digits = digits[2..];
        int length = digits.IndexOfAnyExceptInRange('0', '9');
        return uint.TryParse(length < 0 ? digits : digits[..length], NumberStyles.None, CultureInfo.InvariantCulture, out uint number)
            ? number
            : 0;
    }

    private static string Cut(string text)
    {
        if (text.Length * 3 <= MaxPartBytes)
            return text;
        int bytes = 0,
            length = 0;
        foreach (Rune rune in text.EnumerateRunes())
        {
            bytes += rune.Utf8SequenceLength;
            if (bytes > MaxPartBytes)
                return text[..length];
            length += rune.Utf16SequenceLength;
        }

        return text;
    }
}
