namespace Spillway.Metrics.Shards;

/// <content>Finished lines for a log beside the store.</content>
public sealed partial class MetricShard
{
    /// <summary>Adds a line that <see cref="IEventLog"/> writes as it is; the store does not see it.</summary>
    /// <param name="line">The line with its end; copied.</param>
    public void AddLine(ReadOnlySpan<byte> line)
    {
        _batch.AddLine(line.ToArray());
        FlushIfFull();
    }
}
