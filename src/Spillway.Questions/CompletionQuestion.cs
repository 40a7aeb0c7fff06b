using System.Globalization;
using Spillway.Metrics.Groups;

namespace Spillway.Questions;

/// <summary>What somebody may be about to type: addresses and names that the store knows, by their beginning.</summary>
public static class CompletionQuestion
{
    private const int MostOfAnAddress = 256;

    /// <summary>Asks it. Reads an index, whatever the size of the store.</summary>
    /// <param name="store">The store.</param>
    /// <param name="text">What was typed so far.</param>
    /// <param name="most">Most answers.</param>
    public static IReadOnlyList<string> Ask(QuestionStore store, string text, int most)
    {
        text = text.Trim();
        if (text.Length == 0)
            return [];
        var found = new List<string>();
        foreach (string prefix in AddressPrefixes(text))
        {
            if (found.Count >= most)
                break;
            found.AddRange(
                Beginning(store, prefix, $"g.guid = '{WellKnownGuids.Hosts}'", most - found.Count)
                    .Select(key => KeyText.Readable(WellKnownGuids.Hosts, key))
            );
        }

        string lower = text.ToLowerInvariant();
        if (found.Count < most && lower.Any(char.IsAsciiLetter))
        {
            const string names = "g.name IN ('HTTP Hosts', 'Base Domains', 'DNS Domains', 'Long Fat Tail Hosts')";
            found.AddRange(Beginning(store, lower, names, most - found.Count));
        }

        return [.. found.Distinct().Take(most)];
    }

    private static IEnumerable<string> Beginning(QuestionStore store, string prefix, string groups, int most) =>
        store.Read(
            new Query("SELECT DISTINCT k.key FROM keys k JOIN groups g ON g.group_id = k.group_id")
                .Where("k.key >= $first AND k.key < $end")
                .Where($"g.kind = 'counter' AND {groups}")
                .Then("ORDER BY k.key LIMIT $most")
                .With("$first", prefix)
                .With("$end", prefix + "\uFFFF")
                .With("$most", (long)most),
            row => row.Text(0)
        );

    // 10.1.2 may go on as 10.1.2. and as 10.1.20 to 10.1.29: keys have each part as two hex digits.
    private static IEnumerable<string> AddressPrefixes(string text)
    {
        if (!text.All(c => char.IsAsciiDigit(c) || c == '.'))
            yield break;
        string[] parts = text.Split('.');
        if (parts.Length > 4)
            yield break;
        string whole = "";
        foreach (string part in parts[..^1])
        {
            if (!byte.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out byte value))
                yield break;
            whole += $"{value:X2}.";
        }

        if (parts[^1].Length == 0)
        {
            yield return whole;
            yield break;
        }

        for (int value = 0; value < MostOfAnAddress; value++)
        {
            if (value.ToString(CultureInfo.InvariantCulture).StartsWith(parts[^1], StringComparison.Ordinal))
                yield return $"{whole}{value:X2}";
        }
    }
}
