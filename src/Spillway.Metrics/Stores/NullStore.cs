using Spillway.Metrics.Counters;
using Spillway.Metrics.Records;

namespace Spillway.Metrics.Stores;

/// <summary>Keeps nothing: for runs whose summary is all that is wanted.</summary>
public sealed class NullStore : IStore
{
    /// <inheritdoc/>
    public string? Location => null;

    /// <inheritdoc/>
    public long RunId => 0;

    /// <inheritdoc/>
    public long PendingRows => 0;

    /// <inheritdoc/>
    public long LostRows => 0;

    /// <inheritdoc/>
    public long RemovedRows => 0;

    /// <inheritdoc/>
    public string? Notice => null;

    /// <inheritdoc/>
    public void Prepare() { }

    /// <inheritdoc/>
    public void Open(RunInfo run, MetricOptions options) { }

    /// <inheritdoc/>
    public void Write(CounterWindow window) { }

    /// <inheritdoc/>
    public void Write(EventBatch batch) { }

    /// <inheritdoc/>
    public void Commit() { }

    /// <inheritdoc/>
    public bool Maintain() => false;

    /// <inheritdoc/>
    public void Finish(RunEnd end) { }

    /// <inheritdoc/>
    public IEnumerable<FileRecord> ReadFiles() => [];

    /// <inheritdoc/>
    public void Dispose() { }
}
