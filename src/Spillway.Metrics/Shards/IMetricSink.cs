using Spillway.Metrics.Counters;
using Spillway.Metrics.Records;
using Spillway.Metrics.Traffic;

namespace Spillway.Metrics.Shards;

/// <summary>Takes what the lanes have gathered. Called on the lanes' threads; the calls hand over ownership.</summary>
public interface IMetricSink
{
    /// <summary>A window has ended. Every lane delivers each of its windows, empty ones of skipped time excepted.</summary>
    void Post(CounterWindow window);

    /// <summary>Traffic of the window that its lane posts next. A sink without use for it gives the batch back.</summary>
    void Post(TrafficBatch batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        batch.Recycle();
    }

    /// <summary>Events have come together.</summary>
    void Post(EventBatch batch);
}
