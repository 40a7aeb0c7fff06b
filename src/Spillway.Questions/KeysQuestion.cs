using System.Text.RegularExpressions;

namespace Spillway.Questions;

/// <summary>The keys of a counter group.</summary>
public static class KeysQuestion
{
    private const long NsPerSecond = 1_000_000_000;

    /// <summary>Asks it.</summary>
    /// <param name="store">The store.</param>
    /// <param name="scope">The scope.</param>
    /// <param name="groupText">The group.</param>
    /// <param name="pattern">Keeps keys whose stored form, readable form or label holds it; with * or ? the whole must match. Null keeps
    /// all.</param>
    public static Answer Ask(QuestionStore store, QuestionScope scope, string groupText, string? pattern)
    {
        StoredGroup group = StoredGroup.Find(store, "counter", groupText);
        Regex? wanted = pattern is null ? null : ToRegex(pattern);
        // "44" means ports with 44 in them, not p-445C.
        bool looksAtStored = pattern is not null && !pattern.All(c => char.IsAsciiDigit(c) || c is '.' or '*' or '?');
        Query query = CounterRows
            .Values("v.key_id, min(s.start), max(s.start + s.seconds)", scope, group, meter: null)
            .Where("v.key_id <> 0")
            .Then("GROUP BY v.key_id");
        // Hours and days that were added up reach beyond the packets.
        long windowNs = scope.WindowSeconds * NsPerSecond;
        long firstNs = scope.FirstNs - (scope.FirstNs % windowNs),
            endNs = scope.LastNs - (scope.LastNs % windowNs) + windowNs;
        IEnumerable<object?[]> rows = store
            .Read(query, row => new StoredKey(KeyFinder.KeyOf(store, row.Number(0)), row.Number(1), row.Number(2)))
            .OrderBy(row => row.Key, StringComparer.Ordinal)
            .Select(row =>
                new object?[]
                {
                    row.Key,
                    group.Readable(row.Key),
                    KeyFinder.LabelOf(store, group, row.Key),
                    Math.Max(row.First * NsPerSecond, firstNs),
                    Math.Min(row.Last * NsPerSecond, endNs),
                }
            )
            .Where(row =>
                wanted is null
                || (looksAtStored && wanted.IsMatch((string)row[0]!))
                || wanted.IsMatch((string)row[1]!)
                || wanted.IsMatch((string)row[2]!)
            );
        return new Answer(
            [
                new AnswerColumn("key", "Key", ValueKind.Text) { Place = ColumnPlace.Data },
                new AnswerColumn("name", "Key", ValueKind.Text) { MinWidth = 16 },
                new AnswerColumn("label", "Label", ValueKind.Text) { MinWidth = 8 },
                new AnswerColumn("first", "From", ValueKind.Window) { Spare = 1 },
                new AnswerColumn("last", "To", ValueKind.Window) { Spare = 2 },
            ],
            rows
        )
        {
            Title = $"Keys of {group.Name}{(pattern is null ? "" : $" like {pattern}")}",
            Limit = scope.Limit,
            WhenEmpty = () => $"{group.Name} has no key{(pattern is null ? "" : $" like '{pattern}'")} in that range; {scope.TellRange()}",
        };
    }

    // Linear in the text whatever the pattern: the engine without backtracking.
    private static Regex ToRegex(string pattern)
    {
        string text = Regex.Escape(pattern).Replace("\\*", ".*", StringComparison.Ordinal).Replace("\\?", ".", StringComparison.Ordinal);
        bool isGlob = pattern.AsSpan().ContainsAny('*', '?');
        return new Regex(
            isGlob ? $"^{text}$" : text,
            RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.Singleline
        );
    }

    private sealed record StoredKey(string Key, long First, long Last);
}
