namespace Spillway.Questions;

/// <summary>Resources in the order in which they were seen.</summary>
public static class ResourcesQuestion
{
    /// <summary>Asks it.</summary>
    public static Answer Ask(QuestionStore store, QuestionScope scope, EventFilter filter)
    {
        StoredGroup? group = filter.Group is { } name ? StoredGroup.Find(store, "resource", name) : null;
        Query query = filter
            .AddTo(
                new Query(
                    """
                    SELECT r.time_ns, g.name, r.uri, r.label, r.flow_id
                    FROM resources r JOIN groups g ON g.group_id = r.group_id
                    """
                ),
                store,
                scope,
                "r."
            )
            .WhereIf("r.group_id = $group", "$group", group?.Id);
        query
            .Matching(filter.Text, text => query.Holds(text, "r.uri", "r.label"))
            .Then(scope.OrderBy("r.time_ns", "r.resource_id"))
            .Limit(scope);
        return new Answer(
            [
                new AnswerColumn("time", "Time", ValueKind.Time),
                new AnswerColumn("group", "Group", ValueKind.Text)
                {
                    MinWidth = 8,
                    Spare = 2,
                    Place = group is null ? ColumnPlace.Everywhere : ColumnPlace.Data,
                },
                new AnswerColumn("uri", "Resource", ValueKind.Lines) { MinWidth = 24 },
                new AnswerColumn("label", "Contents", ValueKind.Lines) { MinWidth = 24, Spare = 1 },
                new AnswerColumn("flow", "Flow", ValueKind.Text) { MinWidth = 49, Spare = 3 },
                new AnswerColumn("flow_id", "Flow id", ValueKind.Text) { Place = ColumnPlace.Data },
            ],
            store.Read(
                query,
                row =>
                    new object?[]
                    {
                        row.Number(0),
                        row.Text(1),
                        row.Text(2),
                        row.Text(3),
                        KeyText.ReadableFlow(row.TextOrNull(4)),
                        row.TextOrNull(4),
                    }
            )
        )
        {
            Title = group?.Name ?? "Resources",
            Limit = scope.Limit,
            WhenEmpty = () => $"no resource matches; {scope.TellRange()}; the program's own are recorded by 'spillway run --resources all'",
        };
    }
}
