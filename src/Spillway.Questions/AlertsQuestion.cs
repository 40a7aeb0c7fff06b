using System.Globalization;

namespace Spillway.Questions;

/// <summary>Alerts in the order in which they came.</summary>
public static class AlertsQuestion
{
    /// <summary>Asks it.</summary>
    public static Answer Ask(QuestionStore store, QuestionScope scope, EventFilter filter)
    {
        StoredGroup? group = filter.Group is { } name ? StoredGroup.Find(store, "alert", name) : null;
        string? host = store.HasColumn("alerts", "host") ? "a.host" : null;
        Query query = filter.AddTo(
            new Query(
                $"""
                SELECT a.time_ns, a.priority, g.name, a.key, a.message, a.classification, a.status, a.flow_id, a.details, {host ?? "NULL"}
                FROM alerts a JOIN groups g ON g.group_id = a.group_id
                """
            ),
            store,
            scope,
            "a.",
            host
        );
        query
            .WhereIf("a.group_id = $group", "$group", group?.Id)
            .Matching(filter.Priority, least => $"a.priority <= {query.Bind(long.Parse(least, CultureInfo.InvariantCulture))}")
            .Matching(filter.Signature, key => $"a.key = {query.Bind(key)}")
            .Matching(filter.Text, text => query.Holds(text, "a.message", "a.key", "a.classification", "a.details"))
            .Then(scope.OrderBy("a.time_ns", "a.alert_id"))
            .Limit(scope);
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
                new AnswerColumn("flow", "Flow or host", ValueKind.Text) { MinWidth = 49, Spare = 1 },
                new AnswerColumn("flow_id", "Flow id", ValueKind.Text) { Place = ColumnPlace.Data },
                new AnswerColumn("details", "Details", ValueKind.Text) { MinWidth = 12, Spare = 6 },
                new AnswerColumn("host", "Host", ValueKind.Text) { Place = ColumnPlace.Data },
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
                        row.IsNull(7) ? row.Text(9) : KeyText.ReadableFlow(row.Text(7)),
                        row.TextOrNull(7),
                        row.Text(8),
                        row.TextOrNull(9),
                    }
            )
        )
        {
            Title = group is null ? "Alerts" : $"Alerts of {group.Name}",
            Limit = scope.Limit,
            WhenEmpty = () =>
                filter.IsEverything
                    ? $"no alert was raised: scripts, --intel and --thresholds raise them; {scope.TellRange()}"
                    : $"no alert matches; {scope.TellRange()}",
        };
    }
}
