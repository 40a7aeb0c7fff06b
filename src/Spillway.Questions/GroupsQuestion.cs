namespace Spillway.Questions;

/// <summary>Which counter groups there are, and how much each holds.</summary>
public static class GroupsQuestion
{
    /// <summary>Asks it.</summary>
    public static Answer Ask(QuestionStore store, QuestionScope scope)
    {
        IEnumerable<object?[]> rows = StoredGroup
            .All(store, "counter")
            .Where(group => HasValues(store, scope, group))
            .Select(group => new object?[] { group.Name, KeysOf(store, scope, group), MetersOf(store, scope, group), group.Guid });
        return new Answer(
            [
                new AnswerColumn("group", "Group", ValueKind.Text),
                new AnswerColumn("keys", "Keys", ValueKind.Count),
                new AnswerColumn("meters", "Meters", ValueKind.Text) { MinWidth = 12, KeepsEnd = false },
                new AnswerColumn("guid", "GUID", ValueKind.Text) { Place = ColumnPlace.Data },
            ],
            rows
        )
        {
            Title = "Counter groups",
            Limit = scope.Limit,
            Next = "one of them: spillway top hosts; over time: spillway series aggregates TOTALBW",
            WhenEmpty = () => $"nothing was counted in that range; {scope.TellRange()}",
        };
    }

    private static bool HasValues(QuestionStore store, QuestionScope scope, StoredGroup group, StoredMeter? meter = null) =>
        store.ReadNumber(CounterRows.Values("1", scope, group, meter).Then("LIMIT 1")) is not null;

    // Of the runs and the time that are asked about; the sum of the group is a key of its own.
    private static long? KeysOf(QuestionStore store, QuestionScope scope, StoredGroup group) =>
        store.ReadNumber(CounterRows.Values("count(DISTINCT v.key_id)", scope, group, meter: null).Where("v.key_id <> 0"));

    // Those that have something to show.
    private static string MetersOf(QuestionStore store, QuestionScope scope, StoredGroup group) =>
        string.Join(", ", StoredMeter.All(store, group).Where(meter => HasValues(store, scope, group, meter)).Select(meter => meter.Name));
}
