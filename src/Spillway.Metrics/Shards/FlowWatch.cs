using Spillway.Metrics.Records;
using Spillway.Net.Flows;

namespace Spillway.Metrics.Shards;

/// <summary>
/// Reports flows while they last, for those who watch them: each about a second after its first packet, then about once a second while it
/// has packets. (Interim reports of flows that last are the flow table's, watched or not.) One for each lane that is watched; a flow
/// without packets costs nothing.
/// </summary>
public sealed class FlowWatch
{
    private readonly Dictionary<Flow, State> _states = new(ReferenceEqualityComparer.Instance);
    private readonly List<Flow> _touched = [];
    private readonly MetricShard _shard;

    internal FlowWatch(MetricShard shard) => _shard = shard;

    /// <summary>A flow has had a packet. For every packet.</summary>
    public void Touch(Flow flow)
    {
        ArgumentNullException.ThrowIfNull(flow);
        if (!_states.TryGetValue(flow, out State? state))
            _states.Add(flow, state = new State());
        if (state.IsTouched)
            return;
        state.IsTouched = true;
        _touched.Add(flow);
    }

    /// <summary>Reports the flows that were touched since the last time.</summary>
    internal void Report()
    {
        foreach (Flow flow in _touched)
        {
            // A flow that has ended meanwhile has been reported in full.
            if (!_states.TryGetValue(flow, out State? state) || !state.IsTouched)
                continue;
            state.IsTouched = false;
            Tell(flow, state);
        }

        _touched.Clear();
    }

    /// <summary>A flow ends: the last that is heard of it here. Its end itself is an event of its own.</summary>
    internal void OnEnd(Flow flow)
    {
        if (!_states.Remove(flow, out State? state) || !state.IsTold)
            _shard.AddFlowUpdate(FlowUpdateKind.Started, flow);
    }

    private void Tell(Flow flow, State state)
    {
        _shard.AddFlowUpdate(state.IsTold ? FlowUpdateKind.Updated : FlowUpdateKind.Started, flow);
        state.IsTold = true;
    }

    private sealed class State
    {
        public bool IsTold { get; set; }
        public bool IsTouched { get; set; }
    }
}
