namespace Spillway.Questions;

/// <summary>Certificates that servers have shown, each once.</summary>
public static class CertificatesQuestion
{
    private const long NsPerSecond = 1_000_000_000;

    /// <summary>Asks for them.</summary>
    public static Answer Ask(QuestionStore store, QuestionScope scope, TransactionFilter filter)
    {
        TransactionFilter.Require(store, "tls");
        // A certificate is judged by the time at which it was seen, not by today's.
        Query query = filter
            .AddTo(
                new Query(
                    """
                    SELECT min(time_ns), max(time_ns), count(*), count(DISTINCT server), subject, issuer, names, not_before, not_after, sha1,
                           serial, max(sni), min(server), subject = issuer,
                           CASE WHEN not_after IS NULL THEN 'unreadable'
                                WHEN max(time_ns) / 1000000000 > not_after THEN 'expired'
                                WHEN min(time_ns) / 1000000000 < not_before THEN 'not yet valid'
                                WHEN subject = issuer THEN 'self-signed'
                                ELSE 'valid' END AS state
                    FROM tls
                    """
                ),
                store,
                scope,
                "sni"
            )
            .Where("sha1 IS NOT NULL");
        query
            .Matching(filter.Name, name => query.Holds(name, "sni", "names", "subject", "issuer"))
            .Matching(filter.IsSelfSigned, _ => "subject = issuer")
            .Matching(filter.IsExpired, _ => "(time_ns / 1000000000 > not_after OR time_ns / 1000000000 < not_before)")
            .Then("GROUP BY sha1 ORDER BY min(time_ns), sha1")
            .Limit(scope);
        return new Answer(
            [
                new AnswerColumn("first", "First seen", ValueKind.Time),
                new AnswerColumn("last", "Last seen", ValueKind.Time) { Place = ColumnPlace.Data },
                new AnswerColumn("handshakes", "Seen", ValueKind.Count) { Spare = 3 },
                new AnswerColumn("servers", "Servers", ValueKind.Count) { Spare = 4 },
                new AnswerColumn("state", "State", ValueKind.Text),
                new AnswerColumn("subject", "Subject", ValueKind.Text) { MinWidth = 16 },
                new AnswerColumn("issuer", "Issuer", ValueKind.Text) { MinWidth = 12, Spare = 1 },
                new AnswerColumn("names", "Names", ValueKind.Text) { MinWidth = 12, Spare = 5 },
                new AnswerColumn("not_before", "From", ValueKind.Window) { Place = ColumnPlace.Data },
                new AnswerColumn("not_after", "Valid until", ValueKind.Window) { Spare = 2 },
                new AnswerColumn("self_signed", "Self-signed", ValueKind.Count) { Place = ColumnPlace.Data },
                new AnswerColumn("server_name", "Server name", ValueKind.Text) { Place = ColumnPlace.Data },
                new AnswerColumn("server", "Server", ValueKind.Text) { Place = ColumnPlace.Data },
                new AnswerColumn("serial", "Serial", ValueKind.Text) { Place = ColumnPlace.Data },
                new AnswerColumn("sha1", "SHA-1", ValueKind.Text) { Spare = 6 },
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
                        row.Text(14),
                        row.Text(4),
                        row.Text(5),
                        row.Text(6),
                        row.NumberOrNull(7) * NsPerSecond,
                        row.NumberOrNull(8) * NsPerSecond,
                        row.Number(13),
                        row.TextOrNull(11),
                        row.Text(12),
                        row.Text(10),
                        row.Text(9),
                    }
            )
        )
        {
            Title = "Certificates",
            Limit = scope.Limit,
            WhenEmpty = () => $"no certificate matches; from TLS 1.3 on they are encrypted; {scope.TellRange()}",
        };
    }
}
