namespace Spillway.Questions;

/// <summary>Which alerts, resources or files are asked for.</summary>
public sealed record EventFilter
{
    /// <summary>Group, by name or GUID; null for all.</summary>
    public string? Group { get; init; }

    /// <summary>Address at either end of the flow, a network, or a name that DNS gave an address.</summary>
    public FilterTerms Host { get; init; } = FilterTerms.Empty;

    /// <summary>Text that must be in it.</summary>
    public FilterTerms Text { get; init; } = FilterTerms.Empty;

    /// <summary>Signature id of an alert, exactly.</summary>
    public FilterTerms Signature { get; init; } = FilterTerms.Empty;

    /// <summary>Id of a flow as scripts know it, exactly.</summary>
    public FilterTerms Flow { get; init; } = FilterTerms.Empty;

    /// <summary>Least urgent priority, 1 being the most urgent.</summary>
    public FilterTerms Priority { get; init; } = FilterTerms.Empty;

    /// <summary>Whether nothing was asked for in particular.</summary>
    public bool IsEverything => this == new EventFilter();

    /// <summary>Adds what is common: the run, the time, the flow's ends.</summary>
    /// <param name="query">The query.</param>
    /// <param name="store">Knows the addresses of names.</param>
    /// <param name="scope">The run and the time.</param>
    /// <param name="prefix">Goes before the names of columns.</param>
    /// <param name="hostColumn">A column of addresses beside the flow's; null without one.</param>
    internal Query AddTo(Query query, QuestionStore store, QuestionScope scope, string prefix = "", string? hostColumn = null)
    {
        query.WhereIf($"{prefix}run_id = $run", "$run", scope.Run).Within(scope, prefix + "time_ns", prefix + "time_ns");
        query.Matching(Flow, text => $"{prefix}flow_id = {query.Bind(text)}");
        return query.Matching(
            Host,
            text =>
            {
                HostFilter host = HostFilter.Of(store, text);
                string ofFlow = host.OfFlow(query, prefix + "flow_id");
                return hostColumn is null ? ofFlow : $"({ofFlow} OR {host.OfEnd(query, hostColumn)})";
            }
        );
    }
}
