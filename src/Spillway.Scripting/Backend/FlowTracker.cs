using Spillway.Metrics.Records;
using Spillway.Scripting.Vm;

namespace Spillway.Scripting.Backend;

/// <summary>
/// A list of the flows that are highest by a measure of a script's own, for each bucket of packet time (script API, section 1.13,
/// flowtracker).
/// Of equal values the flow that came first is higher.
/// </summary>
internal sealed class FlowTracker
{
    /// <summary>The most flows in one list.</summary>
    public const int MaxCount = 10_000;

    private readonly SortedSet<Entry> _entries = [];
    private readonly Dictionary<string, Entry> _byFlow = [];
    private readonly int _count;
    private readonly long _bucketNs;
    private long _bucketStartNs;
    private long _order;

    /// <summary>Creates a tracker.</summary>
    /// <param name="script">The script that measures.</param>
    /// <param name="name">Name of the list.</param>
    /// <param name="bucket">Length of a bucket.</param>
    /// <param name="count">Flows in a list, 1 to <see cref="MaxCount"/>.</param>
    public FlowTracker(ScriptInstance script, string name, TimeSpan bucket, int count)
    {
        Script = script;
        Name = name;
        _bucketNs = bucket.Ticks * TimeSpan.NanosecondsPerTick;
        _count = count;
    }

    /// <summary>The script.</summary>
    public ScriptInstance Script { get; }

    /// <summary>Name of the list.</summary>
    public string Name { get; }

    /// <summary>Measures a flow that scripts are being shown.</summary>
    public void Take(in FlowRecord flow)
    {
        double value = Script.GetMetric();
        if (value == 0 || !double.IsFinite(value))
            return;
        string id = flow.Id;
        if (_byFlow.Remove(id, out Entry? known))
            _entries.Remove(known);
        if (_entries.Count >= _count)
        {
            if (value <= _entries.Max!.Value)
                return;
            _byFlow.Remove(_entries.Max.FlowId);
            _entries.Remove(_entries.Max);
        }

        var entry = new Entry(value, _order++, id);
        _entries.Add(entry);
        _byFlow.Add(id, entry);
    }

    /// <summary>A window begins: a bucket that is over is handed over.</summary>
    public void Advance(long windowStartNs, EventBatch kept)
    {
        long start = windowStartNs - (((windowStartNs % _bucketNs) + _bucketNs) % _bucketNs);
        if (start != _bucketStartNs)
            HandOver(kept);
        _bucketStartNs = start;
    }

    /// <summary>
    /// Goes on with the list of the script that this one replaces: what it measured stands until the flow is measured again, or pushed out.
    /// </summary>
    /// <returns>False if that list has another name or other buckets.</returns>
    public bool TakeOver(FlowTracker old)
    {
        if (old.Name != Name || old._bucketNs != _bucketNs)
            return false;
        (_bucketStartNs, _order) = (old._bucketStartNs, old._order);
        foreach (Entry entry in old._entries.Take(_count))
        {
            _entries.Add(entry);
            _byFlow.Add(entry.FlowId, entry);
        }

        return true;
    }

    /// <summary>Hands over the open bucket.</summary>
    public void HandOver(EventBatch kept)
    {
        int rank = 0;
        foreach (Entry entry in _entries)
            kept.Add(new TrackedFlowRecord(_bucketStartNs, Name, ++rank, entry.FlowId, entry.Value));
        _entries.Clear();
        _byFlow.Clear();
    }

    // The highest first.
    private sealed record Entry(double Value, long Order, string FlowId) : IComparable<Entry>
    {
        public int CompareTo(Entry? other)
        {
            if (other is null)
                return -1;
            int byValue = other.Value.CompareTo(Value);
            return byValue != 0 ? byValue : Order.CompareTo(other.Order);
        }
    }
}
