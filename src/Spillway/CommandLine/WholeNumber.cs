using System.CommandLine.Parsing;
using System.Globalization;

namespace Spillway.CommandLine;

/// <summary>
/// Whole numbers on the command line. The library's own reading of a number throws where a validator asks for the value of an option that
/// was given none, so that a mistyped one would end in a stack trace.
/// </summary>
internal static class WholeNumber
{
    /// <summary>A parser for an option's value in a range.</summary>
    /// <param name="least">The least.</param>
    /// <param name="most">The most.</param>
    /// <param name="range">How the range is told; null for "from least to most".</param>
    public static Func<ArgumentResult, int?> Between(int least, int most, string? range = null) =>
        result => Read(result, least, most, range);

    /// <summary>The same for an option that always has a value.</summary>
    public static Func<ArgumentResult, int> Always(int least, int most, string? range = null) =>
        result => Read(result, least, most, range) ?? least;

    private static int? Read(ArgumentResult result, int least, int most, string? range)
    {
        string text = result.Tokens.Count == 1 ? result.Tokens[0].Value : "";
        if (
            int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int number)
            && number >= least
            && number <= most
        )
            return number;
        string option = result.Parent is OptionResult parent ? parent.Option.Name : "the number";
        result.AddError(
            $"{option} must be {range ?? string.Create(CultureInfo.InvariantCulture, $"from {least} to {most}")}, not '{text}'"
        );
        return null;
    }
}
