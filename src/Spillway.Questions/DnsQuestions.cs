namespace Spillway.Questions;

/// <summary>Questions of DNS with their answers.</summary>
public static class DnsQuestions
{
    /// <summary>Asks for them.</summary>
    public static Answer Ask(QuestionStore store, QuestionScope scope, TransactionFilter filter)
    {
        TransactionFilter.Require(store, "dns");
        Query query = filter.AddTo(
            new Query("SELECT time_ns, client, server, server_port, query, type, rcode, answers, answer_count, took_ns, flow_id FROM dns"),
            store,
            scope,
            "query"
        );
        query
            .Matching(filter.Name, name => query.Holds(name.TrimEnd('.'), "query"))
            .Matching(filter.Kind, type => $"type = {query.Bind(type)} COLLATE NOCASE")
            .Matching(
                filter.Outcome,
                code =>
                    code.Equals("none", StringComparison.OrdinalIgnoreCase) ? "rcode IS NULL" : $"rcode = {query.Bind(code)} COLLATE NOCASE"
            )
            .Matching(filter.Answer, answer => query.Holds(answer, "answers"))
            .Then(scope.OrderBy("time_ns", "dns_id"))
            .Limit(scope);
        return new Answer(
            [
                new AnswerColumn("time", "Time", ValueKind.Time),
                new AnswerColumn("client", "Client", ValueKind.Text) { MinWidth = 9, Spare = 3 },
                new AnswerColumn("server", "Server", ValueKind.Text) { MinWidth = 9, Spare = 4 },
                new AnswerColumn("server_port", "Port", ValueKind.Count) { Place = ColumnPlace.Data },
                new AnswerColumn("query", "Name", ValueKind.Text) { MinWidth = 16 },
                new AnswerColumn("type", "Type", ValueKind.Text),
                new AnswerColumn("rcode", "Code", ValueKind.Text),
                new AnswerColumn("answers_text", "Answers", ValueKind.Text)
                {
                    MinWidth = 14,
                    Spare = 1,
                    Place = ColumnPlace.Table,
                },
                new AnswerColumn("answers", "Answers", ValueKind.Json) { Place = ColumnPlace.Data },
                new AnswerColumn("answer_count", "Count", ValueKind.Count) { Place = ColumnPlace.Data },
                new AnswerColumn("took", "Took", ValueKind.Duration) { Spare = 2 },
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
                        row.Number(3),
                        row.Text(4) is { Length: > 0 } asked ? asked : ".",
                        row.Text(5),
                        row.TextOrNull(6),
                        Listed(row.TextOrNull(7)),
                        row.TextOrNull(7),
                        row.Number(8),
                        row.NumberOrNull(9),
                        row.Text(10),
                    }
            )
        )
        {
            Title = "DNS",
            Limit = scope.Limit,
            WhenEmpty = () => $"no question matches; {scope.TellRange()}",
        };
    }

    /// <summary>A JSON array of texts as people read it.</summary>
    internal static string Listed(string? json)
    {
        if (json is null)
            return "";
        using var list = System.Text.Json.JsonDocument.Parse(json);
        return string.Join(", ", list.RootElement.EnumerateArray().Select(element => element.GetString()));
    }
}
