namespace Spillway.Questions;

/// <summary>The lists of flow trackers: the highest flows of each bucket, by a script's own measure.</summary>
public static class TrackedQuestion
{
    private const long NsPerSecond = 1_000_000_000;

    /// <summary>Which lists there are.</summary>
    public static Answer Lists(QuestionStore store, QuestionScope scope) =>
        new(
            [
                new AnswerColumn("list", "List", ValueKind.Text) { MinWidth = 16 },
                new AnswerColumn("buckets", "Buckets", ValueKind.Count),
                new AnswerColumn("flows", "Flows", ValueKind.Count),
                new AnswerColumn("highest", "Highest", ValueKind.Number),
                new AnswerColumn("first", "From", ValueKind.Window) { Spare = 2 },
                new AnswerColumn("last", "To", ValueKind.Window) { Spare = 1 },
            ],
            store.Read(
                Within(
                        new Query(
                            "SELECT tracker, count(DISTINCT bucket_start), count(*), max(value), min(bucket_start), "
                                + "max(bucket_start) FROM tracked_flows"
                        ),
                        scope
                    )
                    .Then("GROUP BY tracker ORDER BY tracker")
                    .Limit(scope),
                row =>
                    new object?[]
                    {
                        row.Text(0),
                        row.Number(1),
                        row.Number(2),
                        row.Real(3),
                        row.Number(4) * NsPerSecond,
                        row.Number(5) * NsPerSecond,
                    }
            )
        )
        {
            Title = "Lists of flow trackers",
            Limit = scope.Limit,
            WhenEmpty = () => $"no script has tracked flows (flowtracker); {scope.TellRange()}",
            Next = "one of them: spillway tracked LIST",
        };

    /// <summary>One list, bucket by bucket.</summary>
    /// <exception cref="QuestionException">There is no such list.</exception>
    public static Answer Of(QuestionStore store, QuestionScope scope, string text)
    {
        string list = Find(store, text);
        return new Answer(
            [
                new AnswerColumn("bucket", "Bucket", ValueKind.Window) { Spare = 1 },
                new AnswerColumn("rank", "Rank", ValueKind.Count),
                new AnswerColumn("value", "Value", ValueKind.Number),
                new AnswerColumn("flow", "Flow", ValueKind.Text) { MinWidth = 24 },
                new AnswerColumn("flow_id", "Flow id", ValueKind.Text) { Place = ColumnPlace.Data },
            ],
            store.Read(
                Within(new Query("SELECT bucket_start, rank, value, flow_id FROM tracked_flows"), scope)
                    .Where("tracker = $list", "$list", list)
                    .Then("ORDER BY bucket_start, rank, run_id")
                    .Limit(scope),
                row =>
                    new object?[]
                    {
                        row.Number(0) * NsPerSecond,
                        row.Number(1),
                        row.Real(2),
                        KeyText.ReadableFlow(row.Text(3)),
                        row.Text(3),
                    }
            )
        )
        {
            Title = list,
            Limit = scope.Limit,
            WhenEmpty = () => $"'{list}' has no flow in that range; {scope.TellRange()}",
        };
    }

    private static Query Within(Query query, QuestionScope scope) =>
        query
            .WhereIf("run_id = $run", "$run", scope.Run)
            .Where("bucket_start >= $from AND bucket_start <= $to")
            .With("$from", scope.FromSecond)
            .With("$to", scope.ToSecond);

    private static string Find(QuestionStore store, string text)
    {
        List<string> lists = [.. store.Read(new Query("SELECT DISTINCT tracker FROM tracked_flows ORDER BY tracker"), row => row.Text(0))];
        string wanted = Nearest.Plain(text);
        if (lists.Contains(text))
            return text;
        List<string> named = [.. lists.Where(list => Nearest.Plain(list) == wanted)];
        if (named.Count == 0)
            named = [.. lists.Where(list => wanted.Length > 0 && Nearest.Plain(list).StartsWith(wanted, StringComparison.Ordinal))];
        return named.Count switch
        {
            1 => named[0],
            > 1 => throw new QuestionException($"'{text}' may be {string.Join(", ", named)}: give more of the name"),
            _ => throw new QuestionException(
                lists.Count == 0
                    ? "no script has tracked flows (flowtracker) in this store"
                    : $"no list '{text}'; there are {string.Join(", ", lists)}"
            ),
        };
    }
}
