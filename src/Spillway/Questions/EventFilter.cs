namespace Spillway.Questions;

/// <summary>Which alerts, resources or files are asked for. Null asks for all.</summary>
internal sealed record EventFilter
{
    /// <summary>Group, by name or GUID.</summary>
    public string? Group { get; init; }

    /// <summary>Address at either end of the flow.</summary>
    public string? Host { get; init; }

    /// <summary>Text that must be in it.</summary>
    public string? Text { get; init; }

    /// <summary>Least urgent priority, 1 being the most urgent.</summary>
    public int? Priority { get; init; }

    /// <summary>Adds what is common: the run, the time, the flow's ends.</summary>
    public Query AddTo(Query query, QuestionScope scope, string prefix = "")
    {
        query.WhereIf($"{prefix}run_id = $run", "$run", scope.Run).Within(scope, prefix + "time_ns", prefix + "time_ns");
        if (Host is not { } host) return query;
        string key = KeyText.TryAddressKey(host) ?? throw new QuestionException($"--host '{host}' is no address: give one such as 10.1.2.3 or 2001:db8::1");
        return query.Where($"{prefix}flow_id LIKE $host", "$host", $"%{key}:%");
    }
}
