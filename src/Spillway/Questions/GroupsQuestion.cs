namespace Spillway.Questions;

/// <summary>Which counter groups there are, and how much each holds.</summary>
internal static class GroupsQuestion
{
    /// <summary>Asks it.</summary>
    public static Answer Ask(QuestionStore store, QuestionScope scope)
    {
        IEnumerable<object?[]> rows = StoredGroup.All(store, "counter").Where(group => HasValues(store, scope, group)).Select(group => new object?[]
        {
            group.Name, store.ReadNumber(new Query("SELECT count(*) FROM keys").Where("group_id = $group", "$group", group.Id)), MetersOf(store, group), group.Guid,
        });
        return new Answer(
            [
                new AnswerColumn("group", "Group", ValueKind.Text), new AnswerColumn("keys", "Keys", ValueKind.Count),
                new AnswerColumn("meters", "Meters", ValueKind.Text) { MinWidth = 12 }, new AnswerColumn("guid", "GUID", ValueKind.Text) { Place = ColumnPlace.Data },
            ],
            rows)
        {
            Limit = scope.Limit,
            WhenEmpty = () => $"nothing was counted in that range; {scope.TellRange()}",
        };
    }

    private static bool HasValues(QuestionStore store, QuestionScope scope, StoredGroup group) =>
        store.Read(CounterRows.Values("1", scope, group, meter: null).Then("LIMIT 1"), _ => true).Any();

    private static string MetersOf(QuestionStore store, StoredGroup group) => string.Join(", ", store.Read(
        new Query("SELECT name FROM meters").Where("group_id = $group", "$group", group.Id).Then("ORDER BY meter"), row => row.GetString(0)));
}
