namespace Spillway.Net.Packets;

/// <summary>Counts packets by what in them was not looked into. Used by one thread.</summary>
public sealed class OpaqueCounts
{
    /// <summary>Names that are counted one by one, 256: whoever sends all 65,536 EtherTypes gets one count for the rest.</summary>
    public const int MaxNames = 256;

    private readonly Dictionary<OpaqueId, long> _counts = [];

    /// <summary>Counts a packet.</summary>
    public void Add(OpaqueId id)
    {
        if (_counts.TryGetValue(id, out long count))
            _counts[id] = count + 1;
        else if (_counts.Count < MaxNames)
            _counts.Add(id, 1);
        else
            _counts[default] = _counts.GetValueOrDefault(default(OpaqueId)) + 1;
    }

    /// <summary>Adds another lane's.</summary>
    public void Add(OpaqueCounts other)
    {
        ArgumentNullException.ThrowIfNull(other);
        foreach ((OpaqueId id, long packets) in other._counts)
        {
            OpaqueId name = _counts.ContainsKey(id) || _counts.Count < MaxNames ? id : default;
            _counts[name] = _counts.GetValueOrDefault(name) + packets;
        }
    }

    /// <summary>The counts, the largest first; those beyond <see cref="MaxNames"/> together as <c>others</c>.</summary>
    public IReadOnlyList<(OpaqueId Id, long Packets)> ToList() =>
        [
            .. _counts
                .OrderByDescending(pair => pair.Value)
                .ThenBy(pair => pair.Key.Kind)
                .ThenBy(pair => pair.Key.Number)
                .Select(pair => (pair.Key, pair.Value)),
        ];
}
