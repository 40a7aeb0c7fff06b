namespace Spillway.Metrics.Traffic.Geo;

/// <summary>What was asked of the databases. Written by the metrics thread; read when it has ended.</summary>
public sealed class GeoStatistics
{
    /// <summary>Rows of flows whose address was remembered.</summary>
    public long CacheHits { get; internal set; }

    /// <summary>Look-ups of an address in the databases.</summary>
    public long Lookups { get; internal set; }

    /// <summary>Look-ups that no database had a record for.</summary>
    public long Unknown { get; internal set; }

    /// <summary>Records that could not be read; they count as unknown.</summary>
    public long Faults { get; internal set; }

    /// <summary>Hosts that were stored with what the databases say of them; one that was forgotten in between counts again.</summary>
    public long Described { get; internal set; }
}
