namespace Spillway.Metrics.Figures;

/// <summary>How a run is.</summary>
/// <param name="IsAlive">Whether each lane goes on.</param>
/// <param name="IsReady">Whether packets are taken.</param>
/// <param name="Reasons">What is wrong, or was within the last minute; a run that is ready with reasons is degraded.</param>
public sealed record Health(bool IsAlive, bool IsReady, IReadOnlyList<string> Reasons)
{
    /// <summary>In one word.</summary>
    public string Word =>
        !IsAlive ? "hanging"
        : !IsReady ? "not ready"
        : Reasons.Count > 0 ? "degraded"
        : "ready";
}
