namespace Spillway.Questions;

/// <summary>How much there is in a scope, in one row.</summary>
public static class TotalsQuestion
{
    /// <summary>Asks it.</summary>
    public static Answer Ask(QuestionStore store, QuestionScope scope) =>
        new(
            [
                new AnswerColumn("packets", "Packets", ValueKind.Count),
                new AnswerColumn("bytes", "Bytes", ValueKind.Bytes),
                new AnswerColumn("flows", "Flows", ValueKind.Count),
                new AnswerColumn("alerts", "Alerts", ValueKind.Count),
                new AnswerColumn("urgent_alerts", "Of priority 1", ValueKind.Count),
                new AnswerColumn("files", "Files", ValueKind.Count),
                new AnswerColumn("requests", "HTTP requests", ValueKind.Count),
                new AnswerColumn("questions", "DNS questions", ValueKind.Count),
                new AnswerColumn("handshakes", "TLS handshakes", ValueKind.Count),
            ],
            Rows(store, scope)
        )
        {
            Title = "Totals",
        };

    private static IEnumerable<object?[]> Rows(QuestionStore store, QuestionScope scope)
    {
        yield return
        [
            Sum(store, scope, "Packets"),
            Sum(store, scope, "Total"),
            Count(store, scope, "flows", "first_ns", "last_ns"),
            Count(store, scope, "alerts"),
            Count(store, scope, "alerts", condition: "priority <= 1"),
            Count(store, scope, "files"),
            Count(store, scope, "http"),
            Count(store, scope, "dns"),
            Count(store, scope, "tls"),
        ];
    }

    // Of all traffic, as it was counted window by window; null where nothing was counted.
    private static long? Sum(QuestionStore store, QuestionScope scope, string meterName)
    {
        StoredGroup? group = StoredGroup.All(store, "counter").FirstOrDefault(group => group.Name == "Aggregates");
        StoredMeter? meter = group is null ? null : StoredMeter.All(store, group).FirstOrDefault(meter => meter.Name == meterName);
        long? key = group is null
            ? null
            : store.ReadNumber(
                new Query("SELECT key_id FROM keys").Where("key = 'TOTALBW'").Where("group_id = $group", "$group", group.Id)
            );
        return meter is null || key is null
            ? null
            : (long?)store.ReadReal(CounterRows.Values("sum(v.value)", scope, group!, meter).Where("v.key_id = $key", "$key", key));
    }

    private static long? Count(
        QuestionStore store,
        QuestionScope scope,
        string table,
        string first = "time_ns",
        string last = "time_ns",
        string? condition = null
    )
    {
        if (!store.Has(table))
            return null;
        Query query = new Query($"SELECT count(*) FROM {table}").WhereIf("run_id = $run", "$run", scope.Run).Within(scope, first, last);
        return store.ReadNumber(condition is null ? query : query.Where(condition));
    }
}
