using Spillway.Metrics.Shards;
using Spillway.Net.Flows;

namespace Spillway.Scripting;

/// <summary>
/// Counters that scripts have tied to flows (<c>engine:add_flow_counter</c>): every packet of the flow adds its wire length. Owned by the
/// lane.
/// </summary>
public sealed class FlowCounters
{
    /// <summary>The most counters of one flow; further ones are ignored and counted.</summary>
    public const int MaxPerFlow = 64;

    private readonly Dictionary<long, List<Counter>> _byFlow = [];

    /// <summary>Whether any flow has a counter: then each packet is looked at.</summary>
    public bool Any => _byFlow.Count > 0;

    /// <summary>Counters that found no room.</summary>
    public long Refused { get; private set; }

    /// <summary>Ties a counter to a flow.</summary>
    /// <param name="flow">The flow.</param>
    /// <param name="group">Counter group; unknown ones (-1) are ignored.</param>
    /// <param name="key">Key.</param>
    /// <param name="meter">Meter.</param>
    /// <param name="direction">0 both, 1 client to server, 2 server to client.</param>
    public void Add(Flow flow, int group, ReadOnlySpan<byte> key, int meter, int direction)
    {
        ArgumentNullException.ThrowIfNull(flow);
        if (group < 0)
            return;
        if (!_byFlow.TryGetValue(flow.Number, out List<Counter>? counters))
            _byFlow.Add(flow.Number, counters = []);
        foreach (Counter counter in counters)
        {
            if (counter.Group == group && counter.Meter == meter && counter.Direction == direction && key.SequenceEqual(counter.Key))
                return;
        }

        if (counters.Count < MaxPerFlow)
            counters.Add(new Counter(group, key.ToArray(), meter, direction));
        else
            Refused++;
    }

    /// <summary>Takes a group's counters off a flow.</summary>
    public void Remove(Flow flow, int group)
    {
        ArgumentNullException.ThrowIfNull(flow);
        if (_byFlow.TryGetValue(flow.Number, out List<Counter>? counters))
            counters.RemoveAll(counter => counter.Group == group);
    }

    /// <summary>Counts a packet.</summary>
    public void Count(Flow flow, bool fromA, int wireLength, MetricShard metrics)
    {
        ArgumentNullException.ThrowIfNull(flow);
        ArgumentNullException.ThrowIfNull(metrics);
        if (!_byFlow.TryGetValue(flow.Number, out List<Counter>? counters))
            return;
        bool fromClient = flow.DirectionOf(fromA) == StreamDirection.ClientToServer;
        foreach (Counter counter in counters)
        {
            if (counter.Direction == 0 || counter.Direction == 1 == fromClient)
                metrics.Update(counter.Group, counter.Key, counter.Meter, wireLength);
        }
    }

    /// <summary>Forgets a flow that has ended.</summary>
    public void Forget(Flow flow)
    {
        ArgumentNullException.ThrowIfNull(flow);
        _byFlow.Remove(flow.Number);
    }

    private sealed record Counter(int Group, byte[] Key, int Meter, int Direction);
}
