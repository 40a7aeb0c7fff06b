using System.CommandLine.Parsing;
using System.Globalization;

namespace Spillway.Configuration;

/// <summary>Sizes on the command line: a number of bytes, or one with K, M, G (powers of 1024).</summary>
internal static class ByteSize
{
    /// <summary>A parser for an option's value within a range, both ends included.</summary>
    /// <param name="range">The range in words, for the message.</param>
    public static Func<ArgumentResult, long?> Between(long low, long high, string range) =>
        result =>
        {
            string text = result.Tokens.Count == 1 ? result.Tokens[0].Value : "";
            string option = result.Parent is OptionResult parent ? parent.Option.Name : "the size";
            if (!TryParse(text, out long bytes))
                result.AddError($"{option} '{text}' is no size: give a number of bytes, such as 5M or 1G");
            else if (bytes < low || bytes > high)
                result.AddError($"{option} must be {range}, not {text}");
            return bytes;
        };

    /// <summary>Reads a size.</summary>
    public static bool TryParse(string text, out long bytes)
    {
        bytes = 0;
        string number = text.TrimEnd('B', 'b', 'i');
        int shift =
            number.Length == 0
                ? 0
                : char.ToUpperInvariant(number[^1]) switch
                {
                    'K' => 10,
                    'M' => 20,
                    'G' => 30,
                    'T' => 40,
                    _ => 0,
                };
        if (shift > 0)
            number = number[..^1];
        if (!double.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double value))
            return false;
        double scaled = value * (1L << shift);
        if (scaled > long.MaxValue / 2)
            return false;
        bytes = (long)scaled;
        return true;
    }
}
