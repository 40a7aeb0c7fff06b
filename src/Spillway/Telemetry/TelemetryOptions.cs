namespace Spillway.Telemetry;

/// <summary>Where figures and traces go by OTLP. Immutable.</summary>
internal sealed record TelemetryOptions
{
    /// <summary>The receiver: the address before <c>/v1/metrics</c> and <c>/v1/traces</c>.</summary>
    public required Uri Receiver { get; init; }

    /// <summary>The share of tasks that are traced, 0 to 1.</summary>
    public double TraceSample { get; init; } = 0.01;

    /// <summary>Time between two exports of figures.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(10);
}
