namespace Spillway.Metrics.Traffic.Geo;

/// <summary>Limits of what databases of countries, cities and AS numbers may take. Immutable once in use.</summary>
public sealed record GeoOptions
{
    /// <summary>Files at most. Default 16.</summary>
    public int MaxFiles { get; init; } = 16;

    /// <summary>Bytes of one file at most: files are read into memory, so that nobody can change one under a run. Default 1 GiB.</summary>
    public long MaxFileBytes { get; init; } = 1L << 30;

    /// <summary>
    /// Addresses of which is remembered what the databases say. At the limit all are forgotten, and looked up again when they come again.
    /// Default 196,608: 8 MB.
    /// </summary>
    public int MaxCachedHosts { get; init; } = 196_608;

    /// <summary>
    /// Hosts whose country, city and AS number are stored with them in one window; the others' turn comes when they are seen again. Default
    /// 10,000.
    /// </summary>
    public int MaxDescribedHosts { get; init; } = 10_000;

    /// <summary>
    /// Keys of which is remembered that their label is stored. At the limit all are forgotten, and labels are stored anew. Default 131,072.
    /// </summary>
    public int MaxNotedLabels { get; init; } = 131_072;

    /// <summary>Checks the ranges.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A value is out of range; the message names it.</exception>
    public GeoOptions Validate()
    {
        Check(MaxFiles, 1, 1000, nameof(MaxFiles));
        Check(MaxFileBytes, 1024, int.MaxValue, nameof(MaxFileBytes));
        Check(MaxCachedHosts, 1, 1 << 24, nameof(MaxCachedHosts));
        Check(MaxDescribedHosts, 0, 10_000_000, nameof(MaxDescribedHosts));
        Check(MaxNotedLabels, 1, 10_000_000, nameof(MaxNotedLabels));
        return this;
    }

    private static void Check(long value, long min, long max, string name)
    {
        if (value < min || value > max)
            throw new ArgumentOutOfRangeException(name, value, $"{name} must be between {min} and {max}.");
    }
}
