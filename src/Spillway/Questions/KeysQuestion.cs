using System.Text.RegularExpressions;

namespace Spillway.Questions;

/// <summary>The keys of a counter group.</summary>
internal static class KeysQuestion
{
    /// <summary>Asks it.</summary>
    /// <param name="store">The store.</param>
    /// <param name="scope">The scope.</param>
    /// <param name="groupText">The group.</param>
    /// <param name="pattern">Keeps keys whose stored form, readable form or label holds it; with * or ? the whole must match. Null keeps all.</param>
    public static Answer Ask(QuestionStore store, QuestionScope scope, string groupText, string? pattern)
    {
        StoredGroup group = StoredGroup.Find(store, "counter", groupText);
        Regex? wanted = pattern is null ? null : ToRegex(pattern);
        Dictionary<string, string> labels = [];
        foreach ((string key, string label) in store.Read(KeyFinder.Labels(group).Then("ORDER BY group_id = $own"), row => (row.GetString(0), row.GetString(1)))) labels[key] = label;
        Query query = scope.Windows(new Query("SELECT key, count(DISTINCT window_start), min(window_start), max(window_start) FROM counters")
            .Where("group_id = $group", "$group", group.Id)).Where("key <> $totals", "$totals", KeyText.GroupTotals).Then("GROUP BY key ORDER BY key");
        IEnumerable<object?[]> rows = store.Read(query, row => new object?[]
            {
                row.GetString(0), KeyText.Readable(group, row.GetString(0)), labels.GetValueOrDefault(row.GetString(0), ""), row.GetInt64(1),
                row.GetInt64(2) * 1_000_000_000, (row.GetInt64(3) + scope.WindowSeconds) * 1_000_000_000,
            }).Where(row => wanted is null || wanted.IsMatch((string)row[0]!) || wanted.IsMatch((string)row[1]!) || wanted.IsMatch((string)row[2]!));
        return new Answer(
            [
                new AnswerColumn("key", "Key", ValueKind.Text) { Place = ColumnPlace.Data }, new AnswerColumn("name", "Key", ValueKind.Text) { MinWidth = 16 },
                new AnswerColumn("label", "Label", ValueKind.Text) { MinWidth = 8 }, new AnswerColumn("windows", "Windows", ValueKind.Count),
                new AnswerColumn("first", "From", ValueKind.Time), new AnswerColumn("last", "To", ValueKind.Time),
            ],
            rows)
        {
            Title = $"{group.Name}, keys{(pattern is null ? "" : $" like {pattern}")}",
            Limit = scope.Limit,
            WhenEmpty = () => $"{group.Name} has no key{(pattern is null ? "" : $" like '{pattern}'")} in that range; {scope.TellRange()}",
        };
    }

    // Linear in the text whatever the pattern: the engine without backtracking.
    private static Regex ToRegex(string pattern)
    {
        string text = Regex.Escape(pattern).Replace("\\*", ".*", StringComparison.Ordinal).Replace("\\?", ".", StringComparison.Ordinal);
        bool isGlob = pattern.AsSpan().ContainsAny('*', '?');
        return new Regex(isGlob ? $"^{text}$" : text, RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.Singleline);
    }
}
