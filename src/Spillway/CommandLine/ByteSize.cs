using System.CommandLine.Parsing;
using System.Globalization;

namespace Spillway.CommandLine;

/// <summary>Sizes on the command line: a number of bytes, or one with K, M, G (powers of 1024).</summary>
internal static class ByteSize
{
    /// <summary>Reads an option's value; adds the error to the result if it is none.</summary>
    public static long Parse(ArgumentResult result)
    {
        string text = result.Tokens.Count == 1 ? result.Tokens[0].Value : "";
        if (TryParse(text, out long bytes)) return bytes;
        result.AddError($"'{text}' is no size: give a number of bytes, such as 5M or 1G");
        return 0;
    }

    /// <summary>Reads a size.</summary>
    public static bool TryParse(string text, out long bytes)
    {
        bytes = 0;
        string number = text.TrimEnd('B', 'b', 'i');
        int shift = number.Length == 0 ? 0 : char.ToUpperInvariant(number[^1]) switch { 'K' => 10, 'M' => 20, 'G' => 30, 'T' => 40, _ => 0 };
        if (shift > 0) number = number[..^1];
        if (!double.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double value)) return false;
        double scaled = value * (1L << shift);
        if (scaled > long.MaxValue / 2) return false;
        bytes = (long)scaled;
        return true;
    }
}
