using Spillway.Metrics.Names;
using Spillway.Metrics.Traffic.Geo;

namespace Spillway.Metrics.Traffic;

/// <summary>How traffic itself is counted.</summary>
public sealed record TrafficOptions
{
    /// <summary>The networks that count as one's own.</summary>
    public HomeNetworks Home { get; init; } = HomeNetworks.Default;

    /// <summary>
    /// Databases of countries, cities and AS numbers; null (the default) counts none of these. Their owner disposes of them after the
    /// metrics writer.
    /// </summary>
    public GeoDatabases? Geo { get; init; }

    /// <summary>Whether a shard counts packets too; false behind the lanes, where there are alerts only. Default true.</summary>
    public bool MetersPackets { get; init; } = true;

    /// <summary>
    /// Which names are registered domains; null for <see cref="PublicSuffixList.BuiltIn"/>, which is read when the first name is seen.
    /// </summary>
    public PublicSuffixList? Suffixes { get; init; }
}
