namespace Spillway.Metrics.Groups;

/// <summary>What a script's <c>countergroup</c> block says about a group.</summary>
public sealed record CounterGroupDefinition
{
    /// <summary>GUID in any case; see <see cref="GroupGuid"/>.</summary>
    public required string Guid { get; init; }

    /// <summary>Title.</summary>
    public required string Name { get; init; }

    /// <summary>Longer text.</summary>
    public string Description { get; init; } = "";

    /// <summary>Bucket size in seconds; 60 if the block does not say.</summary>
    public int BucketSeconds { get; init; } = 60;

    /// <summary>GUID of the group whose key labels are used for this one.</summary>
    public string? ResolverGuid { get; init; }

    /// <summary>The meters; of two with one id the first counts.</summary>
    public IReadOnlyList<Meter> Meters { get; init; } = [];

    /// <summary>Labels of keys known from the start (<c>keyinfo</c>).</summary>
    public IReadOnlyList<(string Key, string Label)> KeyLabels { get; init; } = [];
}
