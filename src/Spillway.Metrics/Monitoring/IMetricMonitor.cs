using Spillway.Metrics.Counters;
using Spillway.Metrics.Records;
using Spillway.Metrics.Shards;

namespace Spillway.Metrics.Monitoring;

/// <summary>
/// Watches the stream of metrics before it is stored, and may change it: scripts of the metrics pipeline. Called on the writer's thread, in
/// the order of the stream. Whatever takes time here holds the writer up; its queue then fills, and its policy decides.
/// </summary>
public interface IMetricMonitor
{
    /// <summary>Whether <see cref="OnPart"/> is of use. May change between two calls.</summary>
    bool WantsParts { get; }

    /// <summary>Takes events; what nobody watches is returned at once to be stored, the rest with <see cref="EndFlush"/>.</summary>
    /// <param name="batch">The events; owned by the monitor from here on.</param>
    EventBatch Take(EventBatch batch);

    /// <summary>Takes a message from elsewhere, in its place in the stream; what it is the sender and the monitor know.</summary>
    void Take(IMonitorMessage message);

    /// <summary>Some seconds of a window have come together; asked for by <see cref="MetricShard.PostsParts"/>.</summary>
    /// <param name="part">What is new. May be without tables: packet time went on.</param>
    /// <param name="open">The window so far, with the part.</param>
    void OnPart(CounterWindow part, CounterWindow open);

    /// <summary>
    /// Whether work of the windows before is not done that the next one should have: before it, <see cref="CatchUp"/> waits for it.
    /// </summary>
    bool IsBehind { get; }

    /// <summary>Waits until the monitor is behind no more, or for as long as it has been told to.</summary>
    void CatchUp();

    /// <summary>
    /// A window is over. Its tables follow, each with <see cref="TakeAdded"/> and <see cref="OnTable"/>, then <see cref="EndFlush"/>.
    /// </summary>
    /// <param name="startNs">Packet time of the window's start.</param>
    /// <param name="endNs">Packet time of its last packet, or of its end.</param>
    /// <param name="isRest">True for what came after the last window of the run: it is stored, but is no window of its own.</param>
    void BeginFlush(long startNs, long endNs, bool isRest);

    /// <summary>
    /// What the monitor itself has counted in a group since the last time; null if nothing. It becomes part of the window.
    /// </summary>
    CounterTable? TakeAdded(int group);

    /// <summary>The window's keys of one group, totals included: values may be changed and rows dropped.</summary>
    void OnTable(CounterTable table);

    /// <summary>The turn of a group in which nothing was counted in the window.</summary>
    void OnNoTable(int group);

    /// <summary>All tables were shown.</summary>
    /// <returns>The events of the window, to be stored.</returns>
    EventBatch EndFlush();

    /// <summary>Does what is waiting, when the stream has nothing or has gone on for a while.</summary>
    /// <returns>How long the monitor can wait until it must be called again, unless something comes; infinite if it has nothing to wait
    /// for.</returns>
    TimeSpan Turn();

    /// <summary>Does everything that is still waiting, before the run says good-bye. Blocks as long as that takes.</summary>
    void Finish();
}

/// <summary>Something for the monitor that takes its place in the stream of metrics.</summary>
public interface IMonitorMessage;
