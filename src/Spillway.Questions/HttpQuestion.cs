using System.Globalization;

namespace Spillway.Questions;

/// <summary>Requests of HTTP with their responses.</summary>
public static class HttpQuestion
{
    /// <summary>Asks it.</summary>
    public static Answer Ask(QuestionStore store, QuestionScope scope, TransactionFilter filter)
    {
        TransactionFilter.Require(store, "http");
        Query query = filter.AddTo(
            new Query(
                """
                SELECT time_ns, client, server, server_port, method, host, uri, status, response_type, response_bytes, request_bytes,
                       took_ns, user_agent, referer, request_type, file_name, flow_id
                FROM http
                """
            ),
            store,
            scope,
            "host"
        );
        query
            .Matching(filter.Kind, method => $"method = {query.Bind(method)} COLLATE NOCASE")
            .Matching(filter.Name, url => query.Holds(url, "(host || uri)"))
            .Matching(filter.Agent, agent => query.Holds(agent, "user_agent"))
            .Matching(filter.Outcome, status => OfStatus(query, status))
            .Then(scope.OrderBy("time_ns", "http_id"))
            .Limit(scope);
        return new Answer(
            [
                new AnswerColumn("time", "Time", ValueKind.Time),
                new AnswerColumn("client", "Client", ValueKind.Text) { MinWidth = 9, Spare = 3 },
                new AnswerColumn("server", "Server", ValueKind.Text) { Place = ColumnPlace.Data },
                new AnswerColumn("server_port", "Port", ValueKind.Count) { Place = ColumnPlace.Data },
                new AnswerColumn("method", "Method", ValueKind.Text) { MinWidth = 3 },
                new AnswerColumn("host", "Host", ValueKind.Text) { MinWidth = 12 },
                new AnswerColumn("uri", "URI", ValueKind.Text) { MinWidth = 16 },
                new AnswerColumn("status", "Status", ValueKind.Count),
                new AnswerColumn("response_type", "Type", ValueKind.Text) { MinWidth = 9, Spare = 2 },
                new AnswerColumn("response_bytes", "Size", ValueKind.Bytes) { Spare = 1 },
                new AnswerColumn("request_bytes", "Sent", ValueKind.Bytes) { Place = ColumnPlace.Data },
                new AnswerColumn("took", "Took", ValueKind.Duration) { Spare = 4 },
                new AnswerColumn("user_agent", "User agent", ValueKind.Text) { MinWidth = 10, Spare = 5 },
                new AnswerColumn("referer", "Referer", ValueKind.Text) { Place = ColumnPlace.Data },
                new AnswerColumn("request_type", "Request type", ValueKind.Text) { Place = ColumnPlace.Data },
                new AnswerColumn("file", "File", ValueKind.Text) { Place = ColumnPlace.Data },
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
                        row.Text(4),
                        row.Text(5),
                        row.Text(6),
                        row.NumberOrNull(7),
                        row.Text(8),
                        row.Number(9),
                        row.Number(10),
                        row.NumberOrNull(11),
                        row.Text(12),
                        row.Text(13),
                        row.Text(14),
                        row.TextOrNull(15),
                        row.Text(16),
                    }
            )
        )
        {
            Title = "HTTP",
            Limit = scope.Limit,
            WhenEmpty = () => $"no request matches; {scope.TellRange()}",
        };
    }

    private static string OfStatus(Query query, string text)
    {
        if (text.Equals("none", StringComparison.OrdinalIgnoreCase))
            return "status IS NULL";
        if (text is [>= '1' and <= '9', 'x' or 'X', 'x' or 'X'])
            return $"status / 100 = {query.Bind((long)(text[0] - '0'))}";
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int status))
            return $"status = {query.Bind((long)status)}";
        throw new QuestionException($"--status '{text}' is no status: give one such as 404, 4xx for a class, or none for no response");
    }
}
