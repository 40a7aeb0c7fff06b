using System.Globalization;

namespace Spillway.Metrics.Thresholds;

/// <summary>Marks as they are written in a file of thresholds.</summary>
internal static class ThresholdNumber
{
    /// <summary>Forms that are read.</summary>
    public static string Examples(ThresholdKind kind) =>
        kind switch
        {
            ThresholdKind.Bytes => "bytes, such as 500000, 10M or 1.5G",
            ThresholdKind.NoSuchName => "a share from 0% to 100%, such as 30%",
            _ => "a number, such as 500 or 2K",
        };

    /// <summary>A mark that may do, for somebody who gave none.</summary>
    public static string Usual(ThresholdKind kind) =>
        kind switch
        {
            ThresholdKind.Bytes => "10M",
            ThresholdKind.NoSuchName => "30%",
            _ => "500",
        };

    /// <summary>
    /// Reads a mark of a kind; null if it is none. K, M, G and T are powers of 1024 of bytes, of 1000 of what is counted.
    /// </summary>
    public static double? TryParse(ThresholdKind kind, string text)
    {
        bool isShare = kind == ThresholdKind.NoSuchName;
        if (text.EndsWith('%') != isShare)
            return null;
        string number =
            isShare ? text[..^1].TrimEnd()
            : kind == ThresholdKind.Bytes ? text.TrimEnd('B', 'b', 'i')
            : text;
        int power = number.Length == 0 || isShare ? 0 : "KMGT".IndexOf(char.ToUpperInvariant(number[^1]), StringComparison.Ordinal) + 1;
        if (power > 0)
            number = number[..^1].TrimEnd();
        if (!double.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double value))
            return null;
        value = isShare ? value / 100 : value * Math.Pow(kind == ThresholdKind.Bytes ? 1024 : 1000, power);
        return double.IsFinite(value) && !(isShare && value > 1) ? value : null;
    }
}
