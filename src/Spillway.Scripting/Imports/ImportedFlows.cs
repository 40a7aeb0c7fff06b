using Spillway.Metrics.Shards;
using Spillway.Net.Flows;
using Spillway.Net.Packets;

namespace Spillway.Scripting.Imports;

/// <summary>
/// Flows that scripts tell of and no packet belongs to: <c>engine:update_flow</c> of input filters and of packet scripts that read flow
/// records.
/// They end when nothing was added for a while of packet time, and are stored like the others. Owned by the lane.
/// </summary>
public sealed class ImportedFlows
{
    /// <summary>The most flows at a time; further ones end the one that was updated longest ago.</summary>
    public const int MaxFlows = 100_000;

    /// <summary>
    /// Packet time without an update after which a flow ends: twice the usual interval at which exporters report a long flow.
    /// </summary>
    public static readonly TimeSpan IdleTimeout = TimeSpan.FromMinutes(2);

    private static readonly long IdleNs = IdleTimeout.Ticks * TimeSpan.NanosecondsPerTick;

    private readonly Dictionary<(FlowKey, NetFlowOrigin?), LinkedListNode<Entry>> _flows = [];
    private readonly LinkedList<Entry> _byAge = [];
    private readonly MetricShard _metrics;

    internal ImportedFlows(MetricShard metrics) => _metrics = metrics;

    /// <summary>Flows that were begun.</summary>
    public long Created { get; private set; }

    /// <summary>Flows that ended early, for want of room.</summary>
    public long Evicted { get; private set; }

    /// <summary>Updates that were ignored: no flow id, no such meter, or no finite number.</summary>
    public long Ignored { get; private set; }

    /// <summary>Whether there are flows: then time is of interest.</summary>
    public bool Any => _byAge.Count > 0;

    /// <summary>Adds to a meter; begins the flow if it is new.</summary>
    /// <returns>False if it was ignored.</returns>
    public bool Update(ReadOnlySpan<byte> id, int meter, double value, long nowNs)
    {
        if (meter is >= 0 and < FlowMeters.Count && double.IsFinite(value) && FlowId.TryParse(id, out FlowKey key) && !key.IsNone)
        {
            Entry entry = GetOrAdd(key, OriginOf(id), nowNs);
            entry.TouchedNs = nowNs;
            entry.Flow.LastNs = Math.Max(entry.Flow.LastNs, nowNs);
            return FlowMeters.Add(entry.Flow, meter, value);
        }

        Ignored++;
        return false;
    }

    /// <summary>Sets how long a flow has taken: it ends so many seconds after it began. Ignored for a flow that is not known.</summary>
    public void SetDuration(ReadOnlySpan<byte> id, double seconds)
    {
        const double most = 10 * 365.25 * 86_400;
        if (Find(id) is { } node && seconds is >= 0 and <= most)
            node.Value.DurationNs = (long)(seconds * 1e9);
        else
            Ignored++;
    }

    /// <summary>Ends a flow, if it is known.</summary>
    public void Terminate(ReadOnlySpan<byte> id)
    {
        if (Find(id) is { } node)
            End(node, FlowState.Terminated);
    }

    /// <summary>Ends the flows that have been idle for <see cref="IdleTimeout"/>.</summary>
    public void Expire(long nowNs)
    {
        while (_byAge.First is { } oldest && nowNs - oldest.Value.TouchedNs > IdleNs)
            End(oldest, FlowState.TimedOut);
    }

    /// <summary>Ends all flows: the end of input.</summary>
    public void EndAll()
    {
        while (_byAge.First is { } oldest)
            End(oldest, FlowState.Terminated);
    }

    private static NetFlowOrigin? OriginOf(ReadOnlySpan<byte> id) => FlowId.TryParseOrigin(id, out NetFlowOrigin origin) ? origin : null;

    private LinkedListNode<Entry>? Find(ReadOnlySpan<byte> id) =>
        FlowId.TryParse(id, out FlowKey key) ? _flows.GetValueOrDefault((key, OriginOf(id))) : null;

    private Entry GetOrAdd(in FlowKey key, NetFlowOrigin? origin, long nowNs)
    {
        if (_flows.TryGetValue((key, origin), out LinkedListNode<Entry>? node))
        {
            _byAge.Remove(node);
            _byAge.AddLast(node);
            return node.Value;
        }

        if (_flows.Count >= MaxFlows)
        {
            Evicted++;
            End(_byAge.First!, FlowState.Terminated);
        }

        Created++;
        node = _byAge.AddLast(new Entry(new Flow(in key, number: 0, nowNs) { State = FlowState.Init | FlowState.ZEndServer }, origin));
        _flows.Add((key, origin), node);
        return node.Value;
    }

    private void End(LinkedListNode<Entry> node, FlowState reason)
    {
        Entry entry = node.Value;
        _byAge.Remove(node);
        _flows.Remove((entry.Flow.Key, entry.Origin));
        entry.Flow.State |= reason;
        if (entry.DurationNs is { } duration)
            entry.Flow.LastNs = entry.Flow.FirstNs + duration;
        _metrics.AddFlow(entry.Flow, entry.Origin);
    }

    private sealed class Entry(Flow flow, NetFlowOrigin? origin)
    {
        public Flow Flow { get; } = flow;

        public NetFlowOrigin? Origin { get; } = origin;

        public long TouchedNs { get; set; }

        public long? DurationNs { get; set; }
    }
}
