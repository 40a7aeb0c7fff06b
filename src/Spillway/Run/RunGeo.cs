using Spillway.Metrics.Traffic.Geo;
using Spillway.Report;

namespace Spillway.Run;

/// <summary>The databases of countries, cities and AS numbers of a run: how they are opened and what is told of them.</summary>
internal static class RunGeo
{
    /// <summary>Opens what was given.</summary>
    /// <param name="options">The options; with the databases when they are open.</param>
    /// <param name="console">Is told of a file that cannot be used, and later of records that cannot be read.</param>
    /// <param name="databases">The databases, the caller's to dispose of; null if none were given.</param>
    /// <returns>False if a file cannot be used.</returns>
    public static bool TryOpen(ref RunOptions options, ScriptConsole console, out GeoDatabases? databases)
    {
        databases = null;
        if (options.GeoFiles.Count == 0)
            return true;
        if (!GeoDatabases.TryOpen(options.GeoFiles, new GeoOptions(), out databases, out string? flaw))
        {
            console.Error("--geoip: " + flaw);
            return false;
        }

        databases.FaultSeen = fault => console.Warn("--geoip: " + fault);
        if (options.Metrics.Traffic is { } traffic)
            options = options with { Metrics = options.Metrics with { Traffic = traffic with { Geo = databases } } };
        return true;
    }

    /// <summary>Adds what was asked of them, and what was wrong with them.</summary>
    public static RunSummary WithGeo(this RunSummary summary, GeoDatabases? databases)
    {
        if (databases is null)
            return summary;
        GeoStatistics asked = databases.Statistics;
        return summary with
        {
            Warnings = [.. summary.Warnings, .. databases.Faults.Select(fault => "--geoip: " + fault)],
            Details =
            [
                .. summary.Details,
                new("geo.lookups", asked.Lookups),
                new("geo.cache_hits", asked.CacheHits),
                new("geo.unknown", asked.Unknown),
                new("geo.faults", asked.Faults),
                new("geo.hosts_described", asked.Described),
            ],
        };
    }
}
