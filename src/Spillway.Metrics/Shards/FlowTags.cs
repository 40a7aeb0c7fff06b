using Spillway.Metrics.Records;
using Spillway.Net.Packets;

namespace Spillway.Metrics.Shards;

/// <summary>
/// The tags of flows that have not ended. Tags of one flow, joined by vertical bars, stay below 64 bytes; those that do not fit are
/// dropped.
/// When too many flows are tagged, those that got no tag for an hour of packet time make room, at most once a minute.
/// </summary>
internal sealed class FlowTags(int maxFlows, ShardCounters counters)
{
    /// <summary>Bytes of one flow's tags must stay below this.</summary>
    public const int Limit = 64;

    private const long IdleNs = 3_600_000_000_000;
    private const long SweepIntervalNs = 60_000_000_000;

    private readonly Dictionary<FlowKey, Entry> _flows = [];
    private long _lastSweepNs = long.MinValue;

    public void Add(in FlowKey flow, ReadOnlySpan<byte> tag, long nowNs)
    {
        if (tag.IsEmpty)
            return;
        FlowKey key = Canonical(flow);
        if (!_flows.TryGetValue(key, out Entry? entry))
        {
            if (tag.Length >= Limit)
            {
                counters.DroppedTags++;
                return;
            }

            if (_flows.Count >= maxFlows)
                Sweep(nowNs);
            if (_flows.Count >= maxFlows)
            {
                counters.RefusedTags++;
                return;
            }

            _flows.Add(key, entry = new Entry());
        }

        entry.LastNs = nowNs;
        if (!entry.TryAdd(tag))
            counters.DroppedTags++;
    }

    /// <summary>The tags of a flow that has ended, joined; empty if it has none.</summary>
    public string Take(in FlowKey flow) => _flows.Count != 0 && _flows.Remove(flow, out Entry? entry) ? WireText.Decode(entry.Joined) : "";

    /// <summary>The tags of a flow so far.</summary>
    public string Peek(in FlowKey flow) =>
        _flows.Count != 0 && _flows.TryGetValue(flow, out Entry? entry) ? WireText.Decode(entry.Joined) : "";

    /// <summary>Forgets everything; what is left had no flow.</summary>
    public void Clear()
    {
        counters.LateTags += _flows.Count;
        _flows.Clear();
    }

    // Scripts may spell a flow's ends the other way round; the flow table does not.
    private static FlowKey Canonical(in FlowKey flow) =>
        flow.IsNone ? flow : FlowKey.Create(flow.AddressA, flow.PortA, flow.AddressZ, flow.PortZ, flow.Protocol, flow.IPVersion, out _);

    private void Sweep(long nowNs)
    {
        if (_lastSweepNs != long.MinValue && nowNs - _lastSweepNs < SweepIntervalNs && nowNs >= _lastSweepNs)
            return;
        _lastSweepNs = nowNs;
        foreach ((FlowKey key, Entry entry) in _flows)
        {
            // A dictionary allows removal of what it enumerates.
            if (nowNs - entry.LastNs <= IdleNs)
                continue;
            _flows.Remove(key);
            counters.LateTags++;
        }
    }

    private sealed class Entry
    {
        private readonly byte[] _bytes = new byte[Limit];
        private int _length;

        public long LastNs { get; set; }

        public ReadOnlySpan<byte> Joined => _bytes.AsSpan(0, _length);

        public bool TryAdd(ReadOnlySpan<byte> tag)
        {
            ReadOnlySpan<byte> joined = Joined;
            foreach (Range range in joined.Split((byte)'|'))
            {
                if (joined[range].SequenceEqual(tag))
                    return true;
            }

            int separator = _length == 0 ? 0 : 1;
            if (_length + separator + tag.Length >= Limit)
                return false;
            if (separator == 1)
                _bytes[_length++] = (byte)'|';
            tag.CopyTo(_bytes.AsSpan(_length));
            _length += tag.Length;
            return true;
        }
    }
}
