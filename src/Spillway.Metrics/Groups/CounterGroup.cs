using Spillway.Metrics.Counters;

namespace Spillway.Metrics.Groups;

/// <summary>
/// A counter group: keys that are counted by the same meters. Immutable, but for meters that a later definition of the same GUID adds.
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
        _meters = new Meter?[definition.Meters.Count == 0 ? 0 : definition.Meters.Max(meter => meter.Id) + 1];
        foreach (Meter meter in definition.Meters) _meters[meter.Id] ??= meter;
        _layout = CellLayout.Create(_meters);
    }

    /// <summary>Position in <see cref="GroupRegistry"/>; what the packet path uses in place of the GUID.</summary>
    public int Index { get; }

    /// <summary>Canonical GUID: braces and upper case.</summary>
    public string Guid { get; }

    /// <summary>Title.</summary>
    public string Name { get; }

    /// <summary>Longer text, or empty.</summary>
    public string Description { get; }

    /// <summary>The bucket size its definition asks for, in seconds. Values are kept per streaming window.</summary>
    public int BucketSeconds { get; }

    /// <summary>Canonical GUID of the group whose key labels are used for this one, or null.</summary>
    public string? ResolverGuid { get; }

    /// <summary>The meters by id; null where an id has no meter.</summary>
    public IReadOnlyList<Meter?> Meters => _meters;

    /// <summary>True if a script defined the group, false if it is one of those every probe knows.</summary>
    public bool IsScriptDefined { get; internal init; }

    /// <summary>Where a key's meters lie in a row of the tables.</summary>
    internal CellLayout Layout => _layout;

    /// <summary>The meter with that id, or null.</summary>
    public Meter? FindMeter(int id)
    {
        Meter?[] meters = _meters;
        return (uint)id < (uint)meters.Length ? meters[id] : null;
    }

    /// <summary>Adds the meters whose ids are still free. Called under the registry's lock; tables see them from the next window on.</summary>
    internal void AddMissingMeters(IReadOnlyList<Meter> meters)
    {
        Meter?[] merged = _meters;
        foreach (Meter meter in meters)
        {
            if (FindIn(merged, meter.Id) is not null) continue;
            var grown = new Meter?[Math.Max(merged.Length, meter.Id + 1)];
            merged.CopyTo(grown, 0);
            grown[meter.Id] = meter;
            merged = grown;
        }

        if (ReferenceEquals(merged, _meters)) return;
        _meters = merged;
        _layout = CellLayout.Create(merged);
    }

    private static Meter? FindIn(Meter?[] meters, int id) => (uint)id < (uint)meters.Length ? meters[id] : null;
}
