using System.CommandLine.Parsing;
using System.Globalization;

namespace Spillway.CommandLine;

/// <summary>Durations on the command line: a number of seconds, with a fraction if need be.</summary>
internal static class Seconds
{
    /// <summary>A parser for an option's value from 0 to <paramref name="most"/>.</summary>
    public static Func<ArgumentResult, double?> UpTo(double most) =>
        result =>
        {
            string text = result.Tokens.Count == 1 ? result.Tokens[0].Value : "";
            if (double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double seconds) && seconds <= most)
                return seconds;
            string option = result.Parent is OptionResult parent ? parent.Option.Name : "the time";
            result.AddError($"{option} must be from 0 to {most.ToString("F0", CultureInfo.InvariantCulture)} seconds, not '{text}'");
            return null;
        };
}
