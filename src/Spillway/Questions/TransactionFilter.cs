namespace Spillway.Questions;

/// <summary>Which transactions are asked for. Null asks for all.</summary>
internal sealed record TransactionFilter
{
    /// <summary>Address at either end, a network, or a name: one that DNS gave an address, or that was asked for.</summary>
    public string? Host { get; init; }

    /// <summary>Part of the name that was asked for: a query of DNS, a server name, a name of a certificate, a URL.</summary>
    public string? Name { get; init; }

    /// <summary>Method of HTTP, or type of a question of DNS.</summary>
    public string? Kind { get; init; }

    /// <summary>Status of HTTP: 404, 4xx, none; code of a response of DNS: NXDOMAIN, none.</summary>
    public string? Outcome { get; init; }

    /// <summary>Part of the user agent.</summary>
    public string? Agent { get; init; }

    /// <summary>Text in an answer of DNS.</summary>
    public string? Answer { get; init; }

    /// <summary>JA3, JA4 or JA3S.</summary>
    public string? Fingerprint { get; init; }

    /// <summary>Only certificates that were not valid when they were seen.</summary>
    public bool IsExpired { get; init; }

    /// <summary>Only certificates whose issuer is their subject.</summary>
    public bool IsSelfSigned { get; init; }

    /// <summary>Adds what is common: the run, the time, the ends.</summary>
    /// <param name="query">The query.</param>
    /// <param name="store">Knows the addresses of names.</param>
    /// <param name="scope">The run and the time.</param>
    /// <param name="nameColumn">The column of the name that was asked for.</param>
    public Query AddTo(Query query, QuestionStore store, QuestionScope scope, string nameColumn)
    {
        query.WhereIf("run_id = $run", "$run", scope.Run).Within(scope, "time_ns", "time_ns");
        if (Host is { } host)
        {
            HostFilter wanted = HostFilter.Of(store, host);
            string ends = wanted.OfEnds(query, "flow_id", "client", "server");
            if (wanted.IsName)
                query.Where($"({ends} OR {nameColumn} = $host COLLATE NOCASE)", "$host", host);
            else
                query.Where(ends);
        }

        return query;
    }

    /// <summary>What a store without a table of transactions has to say; null if it has it.</summary>
    /// <exception cref="QuestionException">It was written by an older version.</exception>
    public static void Require(QuestionStore store, string table)
    {
        if (!store.Has(table))
            throw new QuestionException(
                $"'{store.Path}' was written by a version that kept no transactions: run the capture again, or see 'spillway flows'"
            );
    }
}
