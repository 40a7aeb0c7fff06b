namespace Spillway.Questions;

/// <summary>Which transactions are asked for.</summary>
public sealed record TransactionFilter
{
    /// <summary>Address at either end, a network, or a name: one that DNS gave an address, or that was asked for.</summary>
    public FilterTerms Host { get; init; } = FilterTerms.Empty;

    /// <summary>Address of the client, a network, or a name that DNS gave an address.</summary>
    public FilterTerms Client { get; init; } = FilterTerms.Empty;

    /// <summary>The same of the server, or a name that was asked for.</summary>
    public FilterTerms Server { get; init; } = FilterTerms.Empty;

    /// <summary>Id of a flow as scripts know it, exactly.</summary>
    public FilterTerms Flow { get; init; } = FilterTerms.Empty;

    /// <summary>Port of the server, see <see cref="PortRanges"/>.</summary>
    public FilterTerms Port { get; init; } = FilterTerms.Empty;

    /// <summary>Part of the name that was asked for: a query of DNS, a server name, a name of a certificate, a URL.</summary>
    public FilterTerms Name { get; init; } = FilterTerms.Empty;

    /// <summary>Method of HTTP, or type of a question of DNS.</summary>
    public FilterTerms Kind { get; init; } = FilterTerms.Empty;

    /// <summary>Status of HTTP: 404, 4xx, none; code of a response of DNS: NXDOMAIN, none.</summary>
    public FilterTerms Outcome { get; init; } = FilterTerms.Empty;

    /// <summary>Part of the user agent.</summary>
    public FilterTerms Agent { get; init; } = FilterTerms.Empty;

    /// <summary>Text in an answer of DNS.</summary>
    public FilterTerms Answer { get; init; } = FilterTerms.Empty;

    /// <summary>JA3, JA4 or JA3S.</summary>
    public FilterTerms Fingerprint { get; init; } = FilterTerms.Empty;

    /// <summary>Only certificates that were not valid when they were seen.</summary>
    public FilterTerms IsExpired { get; init; } = FilterTerms.Empty;

    /// <summary>Only certificates whose issuer is their subject.</summary>
    public FilterTerms IsSelfSigned { get; init; } = FilterTerms.Empty;

    /// <summary>Adds what is common: the run, the time, the ends.</summary>
    /// <param name="query">The query.</param>
    /// <param name="store">Knows the addresses of names.</param>
    /// <param name="scope">The run and the time.</param>
    /// <param name="nameColumn">The column of the name that was asked for.</param>
    internal Query AddTo(Query query, QuestionStore store, QuestionScope scope, string nameColumn)
    {
        query.WhereIf("run_id = $run", "$run", scope.Run).Within(scope, "time_ns", "time_ns");
        return query
            .Matching(Flow, text => $"flow_id = {query.Bind(text)}")
            .Matching(
                Host,
                text =>
                {
                    HostFilter host = HostFilter.Of(store, text);
                    return OrAskedFor(host, host.OfEnds(query, "client", "server"));
                }
            )
            .Matching(Client, text => HostFilter.Of(store, text, "--client").OfEnd(query, "client"))
            .Matching(
                Server,
                text =>
                {
                    HostFilter host = HostFilter.Of(store, text, "--server");
                    return OrAskedFor(host, host.OfEnd(query, "server"));
                }
            )
            .Matching(Port, text => PortRanges.TryParse(text)?.Of(query, "server_port") ?? "0");

        string OrAskedFor(HostFilter host, string ends) =>
            host.IsName ? $"({ends} OR {nameColumn} = {query.Bind(host.Text)} COLLATE NOCASE)" : ends;
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
