using Spillway.Metrics.Shards;

namespace Spillway.Metrics;

/// <content>A log beside the store.</content>
public sealed partial class MetricsWriter
{
    private IEventLog? _log;

    /// <summary>Gives every batch to a log too, before it is stored. Called before the first packet; the log stays its owner's.</summary>
    public void Attach(IEventLog log) => _log = log;
}
