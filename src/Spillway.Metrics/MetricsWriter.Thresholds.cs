using Spillway.Metrics.Counters;
using Spillway.Metrics.Records;
using Spillway.Metrics.Thresholds;

namespace Spillway.Metrics;

/// <content>Thresholds: each window is compared with them before it is stored.</content>
public sealed partial class MetricsWriter
{
    private ThresholdWatch? _thresholds;

    /// <summary>Has windows compared with thresholds, on the writer's thread. Called before the first packet.</summary>
    public void Attach(ThresholdWatch thresholds) => _thresholds = thresholds;

    private void Compare(CounterWindow window)
    {
        if (_thresholds is not { } thresholds)
            return;
        EventBatch? alerts = null;
        Guarded((store, closed) => alerts = thresholds.OnWindow(closed, store), window);
        if (alerts is not null)
            Keep(alerts);
    }
}
