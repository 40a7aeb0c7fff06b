namespace Spillway.Metrics.Traffic;

/// <summary>How traffic itself is counted.</summary>
public sealed record TrafficOptions
{
    /// <summary>The networks that count as one's own.</summary>
    public HomeNetworks Home { get; init; } = HomeNetworks.Default;
}
