namespace Spillway.Questions;

/// <summary>Which alerts, resources or files are asked for. Null asks for all.</summary>
internal sealed record EventFilter
{
    /// <summary>Group, by name or GUID.</summary>
    public string? Group { get; init; }

    /// <summary>Address at either end of the flow, a network, or a name that DNS gave an address.</summary>
    public string? Host { get; init; }

    /// <summary>Text that must be in it.</summary>
    public string? Text { get; init; }

    /// <summary>Least urgent priority, 1 being the most urgent.</summary>
    public int? Priority { get; init; }

    /// <summary>Whether nothing was asked for in particular.</summary>
    public bool IsEverything => this == new EventFilter();

    /// <summary>Adds what is common: the run, the time, the flow's ends.</summary>
    public Query AddTo(Query query, QuestionStore store, QuestionScope scope, string prefix = "")
    {
        query.WhereIf($"{prefix}run_id = $run", "$run", scope.Run).Within(scope, prefix + "time_ns", prefix + "time_ns");
        if (Host is { } host)
            HostFilter.Of(store, host).AddTo(query, prefix + "flow_id");
        return query;
    }
}
