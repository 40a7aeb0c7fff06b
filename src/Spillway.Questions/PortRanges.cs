using System.Globalization;

namespace Spillway.Questions;

/// <summary>Ports as people give them: <c>443</c>, <c>1-1023</c>, <c>80,443,8000-8100</c>.</summary>
public sealed class PortRanges
{
    private readonly List<(ushort First, ushort Last)> _ranges = [];

    private PortRanges() { }

    /// <summary>What is said of a text that is none; null if it is one.</summary>
    public static string? Complaint(string text) =>
        TryParse(text) is null
            ? $"'{text}' is no port: give one from 0 to 65535, a range such as 1-1023, or several joined by commas"
            : null;

    /// <summary>Reads them; null if they are none.</summary>
    public static PortRanges? TryParse(string text)
    {
        var ranges = new PortRanges();
        foreach (string part in text.Split(',', StringSplitOptions.TrimEntries))
        {
            int hyphen = part.IndexOf('-', StringComparison.Ordinal);
            (string first, string last) = hyphen < 0 ? (part, part) : (part[..hyphen], part[(hyphen + 1)..]);
            if (!TryPort(first, out ushort from) || !TryPort(last, out ushort to) || from > to)
                return null;
            ranges._ranges.Add((from, to));
        }

        return ranges;
    }

    /// <summary>The condition on a column of ports, in which protocols without ports have words.</summary>
    internal string Of(Query query, string column)
    {
        IEnumerable<string> ranges = _ranges.Select(range =>
            range.First == range.Last
                ? $"CAST({column} AS INTEGER) = {query.Bind((long)range.First)}"
                : $"CAST({column} AS INTEGER) BETWEEN {query.Bind((long)range.First)} AND {query.Bind((long)range.Last)}"
        );
        return $"({column} GLOB '[0-9]*' AND ({string.Join(" OR ", ranges)}))";
    }

    private static bool TryPort(string text, out ushort port) =>
        ushort.TryParse(text.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out port);
}
