namespace Spillway.Questions;

/// <summary>A text in what was recorded: names and contents of resources.</summary>
internal static class SearchQuestion
{
    /// <summary>Asks it.</summary>
    public static Answer Ask(QuestionStore store, QuestionScope scope, EventFilter filter)
    {
        string text = filter.Text!;
        Query query = filter.AddTo(new Query("""
            SELECT r.time_ns, g.name, r.uri || char(10) || r.label, r.flow_id
            FROM resources r JOIN groups g ON g.group_id = r.group_id
            """), scope, "r.").Where("(r.uri LIKE $text ESCAPE '\\' OR r.label LIKE $text ESCAPE '\\')", "$text", Query.Containing(text))
            .Then("ORDER BY r.time_ns, r.resource_id").Limit(scope);
        return new Answer(
            [
                new AnswerColumn("time", "Time", ValueKind.Time), new AnswerColumn("group", "Group", ValueKind.Text) { MinWidth = 8 },
                new AnswerColumn("excerpt", "Found", ValueKind.Text) { MinWidth = 24, Place = ColumnPlace.Table },
                new AnswerColumn("text", "Text", ValueKind.Text) { Place = ColumnPlace.Data },
                new AnswerColumn("flow", "Flow", ValueKind.Text) { MinWidth = 24 },
                new AnswerColumn("flow_id", "Flow id", ValueKind.Text) { Place = ColumnPlace.Data },
            ],
            store.Read(query, row => new object?[]
            {
                row.GetInt64(0), row.GetString(1), TextExcerpt.Around(row.GetString(2), text), row.GetString(2),
                KeyText.ReadableFlow(row.IsDBNull(3) ? null : row.GetString(3)), row.IsDBNull(3) ? null : row.GetString(3),
            }))
        {
            Limit = scope.Limit,
            WhenEmpty = () => $"'{text}' is in nothing that was recorded; {scope.TellRange()}; more is recorded by 'spillway run --resources all'",
        };
    }
}
