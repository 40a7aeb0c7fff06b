using Spillway.Metrics.Counters;
using Spillway.Metrics.Records;
using Spillway.Net.Flows;
using Spillway.Net.Packets;

namespace Spillway.Metrics.Shards;

// What is told of a window while it is open, if somebody watches; and the shard of the watchers themselves.
public sealed partial class MetricShard
{
    private volatile bool _postsParts;
    private volatile bool _reportsFlows;

    /// <summary>
    /// Hands over about every second what the open window has gathered, so that whoever watches need not wait for its end. Any thread;
    /// takes effect within a second of packet time.
    /// </summary>
    public bool PostsParts
    {
        get => _postsParts;
        set => _postsParts = value;
    }

    /// <summary>Reports flows while they last; null while only their ends are reported. On the lane's thread.</summary>
    public FlowWatch? FlowWatch { get; private set; }

    /// <summary>Whether flows are reported while they last. Any thread; takes effect within a second of packet time.</summary>
    public bool ReportsFlows
    {
        get => _reportsFlows;
        set => _reportsFlows = value;
    }

    /// <summary>
    /// Ends the open window before its time: at the end of the input, when those who watch are to see it while the lane can still answer.
    /// </summary>
    public void EndWindow()
    {
        FlowWatch?.Report();
        FlushEvents();
        HandOverWindow(isLast: false);
    }

    /// <summary>Sets the time that records get, for a shard without packets; it then has no windows of its own.</summary>
    public void SetTime(long timestampNs) => NowNs = timestampNs;

    /// <summary>Hands over the events that have come together.</summary>
    public void HandOverEvents() => FlushEvents();

    /// <summary>Takes the table of a group out of the open window; null if nothing was counted.</summary>
    public CounterTable? TakeTable(int group)
    {
        if ((uint)group >= (uint)_tables.Length)
            return null;
        CounterTable? table = _tables[group];
        _tables[group] = null;
        return table;
    }

    /// <summary>Takes the tags that were given to a flow; empty if there are none.</summary>
    public string TakeTags(in FlowKey flow) => _tags.Take(flow);

    /// <summary>The tags that a flow has so far.</summary>
    public string PeekTags(in FlowKey flow) => _tags.Peek(flow);

    /// <summary>Forgets which edges were told in the window that has ended.</summary>
    public void ForgetEdges() => _seenEdges.Clear();

    private void FollowWishes()
    {
        if (_reportsFlows == FlowWatch is not null)
            return;
        FlowWatch = _reportsFlows ? new FlowWatch(this) : null;
    }

    /// <summary>Adds an interim report of a flow that lasts; the store keeps one row for it, with what was told last.</summary>
    public void AddFlowUpdate(Flow flow)
    {
        ArgumentNullException.ThrowIfNull(flow);
        AddFlowUpdate(FlowUpdateKind.Interim, flow);
    }

    internal void AddFlowUpdate(FlowUpdateKind kind, Flow flow)
    {
        _batch.Add(new FlowUpdate(kind, new FlowRecord(flow, _tags.Peek(flow.Key))));
        FlushIfFull();
    }
}
