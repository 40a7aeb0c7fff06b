using Spillway.Metrics.Counters;

namespace Spillway.Metrics.Shards;

/// <summary>Takes what the lanes have gathered. Called on the lanes' threads; both calls hand over ownership.</summary>
public interface IMetricSink
{
    /// <summary>A window has ended. Every lane delivers each of its windows, empty ones of skipped time excepted.</summary>
    void Post(CounterWindow window);

    /// <summary>Events have come together.</summary>
    void Post(EventBatch batch);
}
