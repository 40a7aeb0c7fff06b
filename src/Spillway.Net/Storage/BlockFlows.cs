using Spillway.Net.Packets;

namespace Spillway.Net.Storage;

/// <summary>The flows of a block of packets, as its index entry tells them. Reused from block to block.</summary>
internal sealed class BlockFlows
{
    private readonly Dictionary<FlowKey, int> _slots = [];
    private FlowTotals[] _flows = new FlowTotals[256];
    private int _last;

    /// <summary>Packets in the block.</summary>
    public int Packets { get; private set; }

    /// <summary>Their stored bytes.</summary>
    public long Bytes { get; private set; }

    /// <summary>The earliest packet time.</summary>
    public long MinNs { get; private set; } = long.MaxValue;

    /// <summary>The latest packet time.</summary>
    public long MaxNs { get; private set; } = long.MinValue;

    /// <summary>The flows in the order of their first packets.</summary>
    public ReadOnlySpan<FlowTotals> Flows => _flows.AsSpan(0, _slots.Count);

    /// <summary>Takes a packet into account.</summary>
    public void Add(in FlowKey key, long timestampNs, int captured, int wireLength)
    {
        Packets++;
        Bytes += captured;
        MinNs = Math.Min(MinNs, timestampNs);
        MaxNs = Math.Max(MaxNs, timestampNs);
        FlowTotals packet = FlowTotals.Of(in key, timestampNs, captured, wireLength);

        // Packets of one flow often follow each other.
        if (_slots.Count > 0 && _flows[_last].Key == key)
        {
            _flows[_last].Add(in packet);
            return;
        }

        if (_slots.TryGetValue(key, out int slot))
        {
            _flows[slot].Add(in packet);
            _last = slot;
            return;
        }

        _last = _slots.Count;
        if (_last == _flows.Length)
            Array.Resize(ref _flows, _last * 2);
        _flows[_last] = packet;
        _slots.Add(key, _last);
    }

    /// <summary>Begins with the next block.</summary>
    public void Clear()
    {
        _slots.Clear();
        Packets = 0;
        Bytes = 0;
        MinNs = long.MaxValue;
        MaxNs = long.MinValue;
    }
}
