using System.Globalization;

namespace Spillway.Questions;

/// <summary>Alerts by what raised them: one row for each signature, the most urgent first.</summary>
public static class AlertGroupsQuestion
{
    /// <summary>Asks it.</summary>
    public static Answer Ask(QuestionStore store, QuestionScope scope, EventFilter filter)
    {
        StoredGroup? group = filter.Group is { } name ? StoredGroup.Find(store, "alert", name) : null;
        string? host = store.HasColumn("alerts", "host") ? "a.host" : null;
        Query query = filter.AddTo(
            new Query(
                $"""
                SELECT min(a.priority), count(*), min(a.time_ns), max(a.time_ns), g.name, g.guid, a.key, max(a.message), max(a.classification),
                       count(DISTINCT coalesce(a.flow_id, {host ?? "NULL"}))
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
            .Matching(filter.Signature, key => $"a.key = {query.Bind(key)}")
            .Matching(filter.Priority, least => $"a.priority <= {query.Bind(long.Parse(least, CultureInfo.InvariantCulture))}")
            .Matching(filter.Text, text => query.Holds(text, "a.message", "a.key", "a.classification", "a.details"))
            .Then("GROUP BY a.group_id, a.key ORDER BY min(a.priority), count(*) DESC, max(a.time_ns) DESC")
            .Limit(scope);
        return new Answer(
            [
                new AnswerColumn("priority", "Pri", ValueKind.Count),
                new AnswerColumn("times", "Times", ValueKind.Count),
                new AnswerColumn("first", "First", ValueKind.Time) { Spare = 3 },
                new AnswerColumn("last", "Last", ValueKind.Time),
                new AnswerColumn("group", "Group", ValueKind.Text) { MinWidth = 8, Spare = 2 },
                new AnswerColumn("group_guid", "Group GUID", ValueKind.Text) { Place = ColumnPlace.Data },
                new AnswerColumn("key", "Signature", ValueKind.Text) { MinWidth = 8, Spare = 1 },
                new AnswerColumn("message", "Message", ValueKind.Text) { MinWidth = 16 },
                new AnswerColumn("classification", "Class", ValueKind.Text) { MinWidth = 8, Spare = 4 },
                new AnswerColumn("subjects", "Flows, hosts", ValueKind.Count) { Spare = 5 },
            ],
            store.Read(
                query,
                row =>
                    new object?[]
                    {
                        row.Number(0),
                        row.Number(1),
                        row.Number(2),
                        row.Number(3),
                        row.Text(4),
                        row.Text(5),
                        row.Text(6),
                        row.Text(7),
                        row.Text(8),
                        row.Number(9),
                    }
            )
        )
        {
            Title = "Alerts by signature",
            Limit = scope.Limit,
            WhenEmpty = () =>
                filter.IsEverything
                    ? $"no alert was raised: scripts, --intel and --thresholds raise them; {scope.TellRange()}"
                    : $"no alert matches; {scope.TellRange()}",
        };
    }
}
