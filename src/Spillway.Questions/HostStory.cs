using Spillway.Metrics.Groups;

namespace Spillway.Questions;

/// <summary>
/// What a host did, in one answer: when it was seen, what it asked for and what asked for it, its peers, files, certificates, alerts, and
/// its volume by hour.
/// </summary>
public static class HostStory
{
    private const long NsPerSecond = 1_000_000_000;

    private static readonly AnswerColumn First = new("first", "First", ValueKind.Time);
    private static readonly AnswerColumn Last = new("last", "Last", ValueKind.Time) { Spare = 1 };
    private static readonly AnswerColumn Times = new("times", "Times", ValueKind.Count);

    /// <summary>Tells it.</summary>
    /// <param name="store">The store.</param>
    /// <param name="scope">The run, the time, and the rows of each chapter.</param>
    /// <param name="text">An address, or a name that DNS gave an address.</param>
    /// <exception cref="QuestionException">It is a network, or a name without an address.</exception>
    public static Story Tell(QuestionStore store, QuestionScope scope, string text)
    {
        HostFilter host = HostFilter.Of(store, text);
        if (host.IsNetwork)
            throw new QuestionException($"'{text}' is a network: give one address or name; 'spillway top hosts' lists hosts");
        foreach (string table in new[] { "http", "dns", "tls" })
            TransactionFilter.Require(store, table);
        if (host.Names.Count == 0)
            host = host.With(NamedAddresses(store, text));
        if (host.Names.Count == 0)
            throw new QuestionException(
                $"no address of '{text}' is known: neither DNS nor a request has named it in this store; give an address"
            );
        var ask = new Chapters(store, scope, host);
        (long? first, long? last, long flows, long sent, long received) = ask.Seen();
        List<(AnswerColumn, object?)> facts =
        [
            (new AnswerColumn("host", "Host", ValueKind.Text), text),
            (new AnswerColumn("addresses_text", "Addresses", ValueKind.Text) { Place = ColumnPlace.Table }, string.Join(", ", host.Names)),
            (new AnswerColumn("addresses", "Addresses", ValueKind.Json) { Place = ColumnPlace.Data }, host.NamesAsJson),
            (new AnswerColumn("name", "Name", ValueKind.Text), ask.Label()),
            (new AnswerColumn("first", "First seen", ValueKind.Time), first),
            (new AnswerColumn("last", "Last seen", ValueKind.Time), last),
            (new AnswerColumn("flows", "Flows", ValueKind.Count), flows),
            (new AnswerColumn("bytes_sent", "Sent", ValueKind.Bytes), sent),
            (new AnswerColumn("bytes_received", "Received", ValueKind.Bytes), received),
        ];
        return new Story(
            text,
            facts,
            [
                new("alerts", ask.Alerts()),
                new("names_asked", ask.NamesAsked()),
                new("names_of_it", ask.NamesOfIt()),
                new("urls", ask.Urls()),
                new("server_names", ask.ServerNames()),
                new("certificates", ask.Certificates()),
                new("files", ask.Files()),
                new("peers", ask.Peers()),
                new("hours", ask.Hours()),
            ]
        )
        {
            WhenEmpty = flows == 0 ? $"'{text}' was not seen; {scope.TellRange()}" : null,
        };
    }

    // Behind a chain of aliases the answer has the addresses; a server that was asked by a name is the name's.
    private static IEnumerable<string> NamedAddresses(QuestionStore store, string name) =>
        store.Read(
            new Query(
                """
                SELECT DISTINCT e.value FROM dns d, json_each(d.answers) e WHERE d.query = $name COLLATE NOCASE AND d.type IN ('A', 'AAAA')
                UNION SELECT server FROM http WHERE host = $name COLLATE NOCASE
                UNION SELECT server FROM tls WHERE sni = $name COLLATE NOCASE
                """
            ).With("$name", name),
            row => row.Text(0)
        );

    private sealed class Chapters(QuestionStore store, QuestionScope scope, HostFilter host)
    {
        public Tuple<long?, long?, long, long, long> Seen()
        {
            Query query = Flows(
                $"""
                SELECT min(first_ns), max(last_ns), count(*), sum(iif(address_a IN ({host.List}), bytes_az, bytes_za)),
                       sum(iif(address_a IN ({host.List}), bytes_za, bytes_az)) FROM flows
                """
            );
            return store
                .Read(query, row => Tuple.Create(row.NumberOrNull(0), row.NumberOrNull(1), row.Number(2), row.Number(3), row.Number(4)))
                .First();
        }

        public string? Label()
        {
            var query = new Query(
                $"SELECT label FROM keys JOIN groups g USING (group_id) WHERE label <> '' AND g.guid IN ('{WellKnownGuids.Hosts}', "
                    + $"'{WellKnownGuids.HostsIPv6}') AND key IN ({host.KeyList}) LIMIT 1"
            );
            return store.Read(host.BindKeys(query), row => row.Text(0)).FirstOrDefault();
        }

        public Answer Alerts() =>
            Chapter(
                "Alerts",
                OfAlerts(
                    new Query(
                        """
                        SELECT min(time_ns), max(time_ns), count(*), min(a.priority), g.name, a.key, max(a.message)
                        FROM alerts a JOIN groups g USING (group_id)
                        """
                    )
                ),
                "GROUP BY g.name, a.key ORDER BY min(a.priority), min(time_ns)",
                [
                    First,
                    Last,
                    Times,
                    new AnswerColumn("priority", "Priority", ValueKind.Count),
                    new AnswerColumn("group", "Group", ValueKind.Text) { MinWidth = 8, Spare = 2 },
                    new AnswerColumn("signature", "Signature", ValueKind.Text) { MinWidth = 10, Spare = 3 },
                    new AnswerColumn("message", "Message", ValueKind.Text) { MinWidth = 20 },
                ],
                row => [row.Number(0), row.Number(1), row.Number(2), row.Number(3), row.Text(4), row.Text(5), row.Text(6)]
            );

        private Query OfAlerts(Query query)
        {
            query.WhereIf("run_id = $run", "$run", scope.Run).Within(scope, "time_ns", "time_ns");
            string ofFlow = host.OfFlow(query, "flow_id");
            return query.Where(store.HasColumn("alerts", "host") ? $"({ofFlow} OR {host.OfEnd(query, "a.host")})" : ofFlow);
        }

        public Answer NamesAsked() =>
            Chapter(
                "Names it asked for",
                Asked(
                    "SELECT min(time_ns), max(time_ns), count(*), query, group_concat(DISTINCT type), max(rcode), max(answers) FROM dns",
                    "client"
                ),
                "GROUP BY query ORDER BY min(time_ns)",
                [
                    First,
                    Last,
                    Times,
                    new AnswerColumn("query", "Name", ValueKind.Text) { MinWidth = 16 },
                    new AnswerColumn("types", "Types", ValueKind.Text) { Spare = 3 },
                    new AnswerColumn("rcode", "Code", ValueKind.Text) { Spare = 2 },
                    new AnswerColumn("answers_text", "Answers", ValueKind.Text)
                    {
                        MinWidth = 12,
                        Spare = 4,
                        Place = ColumnPlace.Table,
                    },
                    new AnswerColumn("answers", "Answers", ValueKind.Json) { Place = ColumnPlace.Data },
                ],
                row =>
                    [
                        row.Number(0),
                        row.Number(1),
                        row.Number(2),
                        row.Text(3),
                        row.Text(4),
                        row.TextOrNull(5),
                        DnsQuestions.Listed(row.TextOrNull(6)),
                        row.TextOrNull(6),
                    ]
            );

        public Answer NamesOfIt()
        {
            var query = new Query("SELECT min(time_ns), max(time_ns), count(*), d.query, d.type FROM dns d, json_each(d.answers) e");
            query.WhereIf("run_id = $run", "$run", scope.Run).Within(scope, "time_ns", "time_ns").Where($"e.value IN ({host.List})");
            return Chapter(
                "Names that lead to it",
                host.BindNames(query),
                "GROUP BY d.query, d.type ORDER BY min(time_ns)",
                [
                    First,
                    Last,
                    Times,
                    new AnswerColumn("query", "Name", ValueKind.Text) { MinWidth = 16 },
                    new AnswerColumn("type", "Type", ValueKind.Text),
                ],
                row => [row.Number(0), row.Number(1), row.Number(2), row.Text(3), row.Text(4)]
            );
        }

        public Answer Urls() =>
            Chapter(
                "URLs",
                Either(
                    "SELECT time_ns, iif(client IN ({0}), 'asked', 'served'), method, host, uri, status, "
                        + "response_type, response_bytes, user_agent FROM http"
                ),
                "ORDER BY time_ns, http_id",
                [
                    new AnswerColumn("time", "Time", ValueKind.Time),
                    new AnswerColumn("role", "Role", ValueKind.Text) { Spare = 3 },
                    new AnswerColumn("method", "Method", ValueKind.Text) { Spare = 4 },
                    new AnswerColumn("host", "Host", ValueKind.Text) { MinWidth = 12 },
                    new AnswerColumn("uri", "URI", ValueKind.Text) { MinWidth = 16 },
                    new AnswerColumn("status", "Status", ValueKind.Count),
                    new AnswerColumn("response_type", "Type", ValueKind.Text) { MinWidth = 8, Spare = 2 },
                    new AnswerColumn("response_bytes", "Size", ValueKind.Bytes) { Spare = 1 },
                    new AnswerColumn("user_agent", "User agent", ValueKind.Text) { MinWidth = 10, Spare = 5 },
                ],
                row =>
                    [
                        row.Number(0),
                        row.Text(1),
                        row.Text(2),
                        row.Text(3),
                        row.Text(4),
                        row.NumberOrNull(5),
                        row.Text(6),
                        row.Number(7),
                        row.Text(8),
                    ]
            );

        public Answer ServerNames() =>
            Chapter(
                "TLS servers it asked for",
                Asked("SELECT min(time_ns), max(time_ns), count(*), sni, min(server), max(version), max(ja4) FROM tls", "client"),
                "GROUP BY sni, iif(sni = '', server, '') ORDER BY min(time_ns)",
                [
                    First,
                    Last,
                    Times,
                    new AnswerColumn("sni", "Server name", ValueKind.Text) { MinWidth = 16 },
                    new AnswerColumn("server", "Server", ValueKind.Text) { MinWidth = 9, Spare = 2 },
                    new AnswerColumn("version", "Version", ValueKind.Text) { Spare = 3 },
                    new AnswerColumn("ja4", "JA4", ValueKind.Text) { Spare = 4 },
                ],
                row => [row.Number(0), row.Number(1), row.Number(2), row.Text(3), row.Text(4), row.TextOrNull(5), row.TextOrNull(6)]
            );

        public Answer Certificates()
        {
            Query query = Asked("SELECT min(time_ns), max(time_ns), count(*), subject, issuer, names, not_after, sha1 FROM tls", "server");
            return Chapter(
                "Certificates it showed",
                query.Where("sha1 IS NOT NULL"),
                "GROUP BY sha1 ORDER BY min(time_ns)",
                [
                    First,
                    Last,
                    Times,
                    new AnswerColumn("subject", "Subject", ValueKind.Text) { MinWidth = 16 },
                    new AnswerColumn("issuer", "Issuer", ValueKind.Text) { MinWidth = 12, Spare = 2 },
                    new AnswerColumn("names", "Names", ValueKind.Text) { MinWidth = 10, Spare = 4 },
                    new AnswerColumn("not_after", "Valid until", ValueKind.Window) { Spare = 3 },
                    new AnswerColumn("sha1", "SHA-1", ValueKind.Text) { Place = ColumnPlace.Data },
                ],
                row =>
                    [
                        row.Number(0),
                        row.Number(1),
                        row.Number(2),
                        row.Text(3),
                        row.Text(4),
                        row.Text(5),
                        row.NumberOrNull(6) * NsPerSecond,
                        row.Text(7),
                    ]
            );
        }

        public Answer Files() =>
            Chapter(
                "Files",
                host.AddFlows(
                    new Query(
                        "SELECT time_ns, direction, host, uri, content_type, size, coalesce(sha1, md5, sha256), end, name FROM files"
                    ),
                    "flow_id",
                    scope
                ),
                "ORDER BY time_ns, file_id",
                [
                    new AnswerColumn("time", "Time", ValueKind.Time),
                    new AnswerColumn("direction", "", ValueKind.Text) { Spare = 3 },
                    new AnswerColumn("host", "Host", ValueKind.Text) { MinWidth = 12, Spare = 2 },
                    new AnswerColumn("uri", "URI", ValueKind.Text) { MinWidth = 16 },
                    new AnswerColumn("content_type", "Type", ValueKind.Text) { MinWidth = 8 },
                    new AnswerColumn("size", "Size", ValueKind.Bytes),
                    new AnswerColumn("hash", "Hash", ValueKind.Text) { Spare = 5 },
                    new AnswerColumn("end", "End", ValueKind.Text) { Spare = 4 },
                    new AnswerColumn("name", "Name", ValueKind.Text) { Place = ColumnPlace.Data },
                ],
                row =>
                    [
                        row.Number(0),
                        row.Number(1) == 0 ? "down" : "up",
                        row.Text(2),
                        row.Text(3),
                        row.Text(4),
                        row.Number(5),
                        row.TextOrNull(6),
                        row.Text(7),
                        row.Text(8),
                    ]
            );

        public Answer Peers() =>
            Chapter(
                "Peers, by bytes",
                Flows(
                    $"""
                    SELECT min(first_ns), max(last_ns), count(*), iif(address_a IN ({host.List}), address_z, address_a) AS peer,
                           group_concat(DISTINCT port_z), group_concat(DISTINCT service),
                           sum(iif(address_a IN ({host.List}), bytes_az, bytes_za)), sum(iif(address_a IN ({host.List}), bytes_za, bytes_az))
                    FROM flows
                    """
                ),
                "GROUP BY peer ORDER BY sum(bytes_az + bytes_za) DESC, peer",
                [
                    First,
                    Last,
                    new AnswerColumn("flows", "Flows", ValueKind.Count),
                    new AnswerColumn("peer", "Peer", ValueKind.Text) { MinWidth = 15 },
                    new AnswerColumn("ports", "Ports", ValueKind.Text) { MinWidth = 6, Spare = 2 },
                    new AnswerColumn("services", "Services", ValueKind.Text) { MinWidth = 6, Spare = 3 },
                    new AnswerColumn("bytes_sent", "Sent", ValueKind.Bytes),
                    new AnswerColumn("bytes_received", "Received", ValueKind.Bytes),
                ],
                row =>
                    [row.Number(0), row.Number(1), row.Number(2), row.Text(3), row.Text(4), row.TextOrNull(5), row.Number(6), row.Number(7)]
            );

        // Counted in the window in which the packets came; a flow's row says only its begin and end.
        public Answer Hours()
        {
            var query = new Query(
                $"""
                SELECT s.start / 3600 * 3600, sum(v.value)
                FROM counter_slices s JOIN counter_values v USING (slice_id)
                WHERE s.level = 0 AND v.meter = 0 AND s.group_id IN
                      (SELECT group_id FROM groups WHERE kind = 'counter' AND guid IN ('{WellKnownGuids.Hosts}', '{WellKnownGuids.HostsIPv6}'))
                  AND v.key_id IN (SELECT key_id FROM keys WHERE group_id = s.group_id AND key IN ({host.KeyList}))
                  AND s.start BETWEEN $fromSecond AND $toSecond
                """
            );
            query.With("$fromSecond", scope.FromSecond).With("$toSecond", scope.ToSecond);
            if (scope.Run is { } run)
                query.Then("AND s.run_id = $run").With("$run", run);
            return Chapter(
                "Bytes by hour",
                host.BindKeys(query),
                "GROUP BY 1 ORDER BY 1",
                [new AnswerColumn("hour", "Hour", ValueKind.Window), new AnswerColumn("bytes", "Bytes", ValueKind.Bytes)],
                row => [row.Number(0) * NsPerSecond, (long)row.Real(1)]
            );
        }

        private Answer Chapter(
            string title,
            Query query,
            string order,
            IReadOnlyList<AnswerColumn> columns,
            Func<StoreRow, object?[]> read
        ) => new(columns, store.Read(query.Then(order).Limit(scope), read)) { Title = title, Limit = scope.Limit };

        private Query Flows(string select) =>
            host.BindNames(
                new Query(select)
                    .WhereIf("run_id = $run", "$run", scope.Run)
                    .Within(scope, "first_ns", "last_ns")
                    .Where($"(address_a IN ({host.List}) OR address_z IN ({host.List}))")
            );

        private Query Asked(string select, string column) =>
            host.BindNames(
                new Query(select)
                    .WhereIf("run_id = $run", "$run", scope.Run)
                    .Within(scope, "time_ns", "time_ns")
                    .Where($"{column} IN ({host.List})")
            );

        private Query Either(string select) =>
            host.BindNames(
                new Query(string.Format(System.Globalization.CultureInfo.InvariantCulture, select, host.List))
                    .WhereIf("run_id = $run", "$run", scope.Run)
                    .Within(scope, "time_ns", "time_ns")
                    .Where($"(client IN ({host.List}) OR server IN ({host.List}))")
            );
    }
}
