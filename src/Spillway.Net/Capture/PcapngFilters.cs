namespace Spillway.Net.Capture;

/// <summary>A filter, compiled once for each link type of a file.</summary>
/// <param name="filter">The filter; null or blank lets all packets through.</param>
internal sealed class PcapngFilters(string? filter) : IDisposable
{
    private readonly Dictionary<LinkType, PacketFilter?> _compiled = [];

    public bool LetsAllThrough { get; } = string.IsNullOrWhiteSpace(filter);

    /// <summary>The filter for packets of a link type; null if it speaks of what they do not have, and then none passes.</summary>
    public PacketFilter? For(LinkType linkType)
    {
        if (_compiled.TryGetValue(linkType, out PacketFilter? known))
            return known;
        PacketFilter? compiled = PacketFilter.TryCompile(filter!, linkType, out _);
        _compiled.Add(linkType, compiled);
        return compiled;
    }

    public void Dispose()
    {
        foreach (PacketFilter? compiled in _compiled.Values)
            compiled?.Dispose();
        _compiled.Clear();
    }
}
