namespace Spillway.Questions;

/// <summary>Which groups there are, and how much each holds.</summary>
internal static class GroupsQuestion
{
    /// <summary>Counter groups with what they hold.</summary>
    public static Answer Counters(QuestionStore store, QuestionScope scope)
    {
        Query query = scope.Windows(new Query("SELECT group_id, count(*) FROM counters")).Then("GROUP BY group_id");
        return Listing(store, "counter", "values", "Values", query, scope);
    }

    private static Answer Listing(QuestionStore store, string kind, string name, string title, Query counts, QuestionScope scope)
    {
        Dictionary<long, long> counted = store.Read(counts, row => (row.GetInt64(0), row.GetInt64(1))).ToDictionary(pair => pair.Item1, pair => pair.Item2);
        IEnumerable<object?[]> rows = StoredGroup.All(store, kind).Where(group => counted.ContainsKey(group.Id))
            .Select(group => new object?[] { group.Name, counted[group.Id], MetersOf(store, group), group.Guid });
        return new Answer(
            [
                new AnswerColumn("group", "Group", ValueKind.Text), new AnswerColumn(name, title, ValueKind.Count),
                new AnswerColumn("meters", "Meters", ValueKind.Text) { MinWidth = 12 }, new AnswerColumn("guid", "GUID", ValueKind.Text) { Place = ColumnPlace.Data },
            ],
            rows)
        {
            WhenEmpty = () => $"nothing was counted in that range; {scope.TellRange()}",
        };
    }

    private static string MetersOf(QuestionStore store, StoredGroup group) => string.Join(", ", store.Read(
        new Query("SELECT name FROM meters").Where("group_id = $group", "$group", group.Id).Then("ORDER BY meter"), row => row.GetString(0)));
}
