using Spillway.Metrics.Records;

namespace Spillway.Metrics.Shards;

/// <summary>Takes every batch of events beside the store. Called on the writer's thread; keeps its failures to itself.</summary>
public interface IEventLog
{
    /// <summary>Takes a batch that is about to be stored.</summary>
    void Write(EventBatch batch);
}
