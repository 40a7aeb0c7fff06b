using Spillway.Metrics.Counters;
using Spillway.Metrics.Records;
using Spillway.Metrics.Shards;

namespace Spillway.Benchmarks;

/// <summary>A store that keeps nothing.</summary>
internal sealed class DiscardingSink : IMetricSink
{
    public void Post(CounterWindow window) { }

    public void Post(EventBatch batch) { }
}
