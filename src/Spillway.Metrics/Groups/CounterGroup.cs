namespace Spillway.Metrics.Groups;

/// <summary>
/// A counter group: keys that are counted by the same meters. Immutable, but for what a later definition of the same GUID brings.
/// </summary>
public sealed class CounterGroup
{
    private volatile Meter?[] _meters;
    private volatile CellLayout _layout;

    internal CounterGroup(int index, CounterGroupDefinition definition)
    {
        Index = index;
        Guid = definition.Guid;
        Name = definition.Name;
        Description = definition.Description;
        BucketSeconds = definition.BucketSeconds;
        ResolverGuid = definition.ResolverGuid;
        _meters = AddTo([], definition.Meters);
        _layout = CellLayout.Create(_meters);
    }

    /// <summary>Position in <see cref="GroupRegistry"/>; what the packet path uses in place of the GUID.</summary>
    public int Index { get; }

    /// <summary>Canonical GUID: braces and upper case.</summary>
    public string Guid { get; }

    /// <summary>Title.</summary>
    public string Name { get; private set; }

    /// <summary>Longer text, or empty.</summary>
    public string Description { get; private set; }

    /// <summary>The bucket size its definition asks for, in seconds. Values are kept per streaming window.</summary>
    public int BucketSeconds { get; private set; }

    /// <summary>Canonical GUID of the group whose key labels are used for this one, or null.</summary>
    public string? ResolverGuid { get; private set; }

    /// <summary>The meters by id; null where an id has no meter.</summary>
    public IReadOnlyList<Meter?> Meters => _meters;

    /// <summary>True if a script defined the group, false if it is one of those every probe knows.</summary>
    public bool IsScriptDefined { get; internal set; }

    /// <summary>True if this run feeds the group although not every run does: no script takes it over.</summary>
    internal bool IsHeld { get; set; }

    /// <summary>Where a key's meters lie in a row of the tables.</summary>
    internal CellLayout Layout => _layout;

    /// <summary>The meter with that id, or null.</summary>
    public Meter? FindMeter(int id)
    {
        Meter?[] meters = _meters;
        return (uint)id < (uint)meters.Length ? meters[id] : null;
    }

    /// <summary>
    /// Takes the place of a well-known group for its first script: as <see cref="AddMissingMeters"/>, but what both have is the script's.
    /// </summary>
    internal void TakeOver(CounterGroupDefinition definition)
    {
        (Name, Description, BucketSeconds) = (definition.Name, definition.Description, definition.BucketSeconds);
        ResolverGuid = definition.ResolverGuid ?? ResolverGuid;
        IsScriptDefined = true;
        Meter?[] merged = AddTo(AddTo([], definition.Meters), [.. _meters.OfType<Meter>()]);
        _meters = merged;
        _layout = CellLayout.Create(merged);
    }

    /// <summary>
    /// Adds the meters whose ids are still free. Called under the registry's lock; tables see them from the next window on.
    /// </summary>
    internal void AddMissingMeters(IReadOnlyList<Meter> meters)
    {
        Meter?[] merged = AddTo(_meters, meters);
        if (ReferenceEquals(merged, _meters))
            return;
        _meters = merged;
        _layout = CellLayout.Create(merged);
    }

    /// <summary>The array itself if nothing is added, else a new one: readers hold on to the old.</summary>
    private static Meter?[] AddTo(Meter?[] existing, IReadOnlyList<Meter> meters)
    {
        Meter?[] merged = existing;
        foreach (Meter meter in meters)
        {
            if (meter.Id < merged.Length && merged[meter.Id] is not null)
                continue;
            if (ReferenceEquals(merged, existing))
                merged = existing[..];
            if (meter.Id >= merged.Length)
                Array.Resize(ref merged, meter.Id + 1);
            merged[meter.Id] = meter;
        }

        return merged;
    }
}
