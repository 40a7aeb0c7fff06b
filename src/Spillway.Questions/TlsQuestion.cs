namespace Spillway.Questions;

/// <summary>Handshakes of TLS.</summary>
public static class TlsQuestion
{
    /// <summary>Asks for them.</summary>
    public static Answer Ask(QuestionStore store, QuestionScope scope, TransactionFilter filter)
    {
        TransactionFilter.Require(store, "tls");
        Query query = filter.AddTo(
            new Query(
                """
                SELECT time_ns, client, server, server_port, sni, version, cipher, alpn, ja3, ja4, ja3s, subject, issuer, sha1, took_ns, flow_id
                FROM tls
                """
            ),
            store,
            scope,
            "sni"
        );
        query
            .Matching(filter.Name, name => query.Holds(name, "sni", "names"))
            .Matching(
                filter.Fingerprint,
                text =>
                {
                    string print = query.Bind(text.ToLowerInvariant());
                    return $"{print} IN (coalesce(ja3, ''), coalesce(ja4, ''), coalesce(ja3s, ''))";
                }
            )
            .Matching(filter.Kind, version => $"version = {query.Bind(version)} COLLATE NOCASE")
            .Then(scope.OrderBy("time_ns", "tls_id"))
            .Limit(scope);
        return new Answer(
            [
                new AnswerColumn("time", "Time", ValueKind.Time),
                new AnswerColumn("client", "Client", ValueKind.Text) { MinWidth = 9, Spare = 3 },
                new AnswerColumn("server", "Server", ValueKind.Text) { MinWidth = 9, Spare = 2 },
                new AnswerColumn("server_port", "Port", ValueKind.Count) { Spare = 4 },
                new AnswerColumn("sni", "Server name", ValueKind.Text) { MinWidth = 16 },
                new AnswerColumn("version", "Version", ValueKind.Text),
                new AnswerColumn("cipher", "Cipher", ValueKind.Count) { Place = ColumnPlace.Data },
                new AnswerColumn("alpn", "ALPN", ValueKind.Text) { MinWidth = 8, Spare = 7 },
                new AnswerColumn("ja3", "JA3", ValueKind.Text) { Place = ColumnPlace.Data },
                new AnswerColumn("ja4", "JA4", ValueKind.Text) { Spare = 6 },
                new AnswerColumn("ja3s", "JA3S", ValueKind.Text) { Place = ColumnPlace.Data },
                new AnswerColumn("subject", "Certificate", ValueKind.Text) { MinWidth = 12, Spare = 1 },
                new AnswerColumn("issuer", "Issuer", ValueKind.Text) { Place = ColumnPlace.Data },
                new AnswerColumn("sha1", "SHA-1", ValueKind.Text) { Place = ColumnPlace.Data },
                new AnswerColumn("took", "Took", ValueKind.Duration) { Spare = 5 },
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
                        row.TextOrNull(5),
                        row.NumberOrNull(6),
                        row.Text(7),
                        row.TextOrNull(8),
                        row.TextOrNull(9),
                        row.TextOrNull(10),
                        row.TextOrNull(11),
                        row.TextOrNull(12),
                        row.TextOrNull(13),
                        row.NumberOrNull(14),
                        row.Text(15),
                    }
            )
        )
        {
            Title = "TLS",
            Limit = scope.Limit,
            WhenEmpty = () => $"no handshake matches; {scope.TellRange()}",
        };
    }
}
