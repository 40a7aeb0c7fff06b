using Spillway.Report;

namespace Spillway.Questions;

/// <summary>Alerts in the order in which they came.</summary>
internal static class AlertsQuestion
{
    /// <summary>Asks it.</summary>
    public static Answer Ask(QuestionStore store, QuestionScope scope, EventFilter filter)
    {
        StoredGroup? group = filter.Group is { } name ? StoredGroup.Find(store, "alert", name) : null;
        Query query = filter.AddTo(
            new Query(
                """
                SELECT a.time_ns, a.priority, g.name, a.key, a.message, a.classification, a.status, a.flow_id
                FROM alerts a JOIN groups g ON g.group_id = a.group_id
                """
            ),
            store,
            scope,
            "a."
        );
        query.WhereIf("a.group_id = $group", "$group", group?.Id).WhereIf("a.priority <= $priority", "$priority", filter.Priority);
        if (filter.Text is { } text)
            query.Where(
                "(a.message LIKE $text ESCAPE '\\' OR a.key LIKE $text ESCAPE '\\' OR a.classification LIKE $text ESCAPE '\\')",
                "$text",
                Query.Containing(text)
            );
        query.Then("ORDER BY a.time_ns, a.alert_id").Limit(scope);
        return new Answer(
            [
                new AnswerColumn("time", "Time", ValueKind.Time),
                new AnswerColumn("priority", "Pri", ValueKind.Count),
                new AnswerColumn("group", "Group", ValueKind.Text)
                {
                    MinWidth = 8,
                    Spare = 3,
                    Place = group is null ? ColumnPlace.Everywhere : ColumnPlace.Data,
                },
                new AnswerColumn("key", "Signature", ValueKind.Text) { MinWidth = 8, Spare = 2 },
                new AnswerColumn("message", "Message", ValueKind.Text) { MinWidth = 16 },
                new AnswerColumn("classification", "Class", ValueKind.Text) { MinWidth = 8, Spare = 5 },
                new AnswerColumn("status", "Status", ValueKind.Text) { MinWidth = 5, Spare = 4 },
                new AnswerColumn("flow", "Flow", ValueKind.Text) { MinWidth = 49, Spare = 1 },
                new AnswerColumn("flow_id", "Flow id", ValueKind.Text) { Place = ColumnPlace.Data },
            ],
            store.Read(
                query,
                row =>
                    new object?[]
                    {
                        row.Number(0),
                        row.Number(1),
                        row.Text(2),
                        row.Text(3),
                        row.Text(4),
                        row.Text(5),
                        row.Text(6),
                        KeyText.ReadableFlow(row.TextOrNull(7)),
                        row.TextOrNull(7),
                    }
            )
        )
        {
            Title = group is null ? "Alerts" : $"Alerts of {group.Name}",
            Limit = scope.Limit,
            WhenEmpty = () =>
                filter.IsEverything
                    ? $"no alert was raised: scripts raise them; {scope.TellRange()}"
                    : $"no alert matches; {scope.TellRange()}",
        };
    }
}
