using System.Diagnostics;
using Spillway.Net.Packets;

namespace Spillway.Net.Flows;

/// <summary>
/// The flows of an index whose hashes begin with the same bits: open addressing with linear probing by the lower bits. A slot holds the
/// hash beside the flow, so that a probe touches no flow but the right one. Removal shifts the following slots back: there are no
/// tombstones to sweep.
/// </summary>
/// <param name="bits">How many upper bits the hashes have in common.</param>
internal sealed class FlowTablePage(int bits)
{
    /// <summary>Most flows of a page that cannot split: 768, since a probe may then have to pass all of them.</summary>
    public const int MostFlows = MostSlots / 4 * 3;

    private const int Slots = 256; // 4 KB
    private const int MostSlots = 4 * Slots;

    private Slot[] _slots = new Slot[Slots];
    private int _count;

    public int Bits { get; private set; } = bits;

    public bool IsFull => _count >= _slots.Length / 4 * 3;

    public bool IsCrowded => _count >= MostFlows;

    public bool IsSparse => _count <= Slots / 8 && _slots.Length == Slots;

    public Flow? Find(in FlowKey key, int hash)
    {
        Slot[] slots = _slots;
        int mask = slots.Length - 1;
        for (int i = hash & mask; ; i = (i + 1) & mask)
        {
            ref Slot slot = ref slots[i];
            if (slot.Flow is null)
                return null;
            if (slot.Hash == hash && slot.Flow.KeyReference.Equals(key))
                return slot.Flow;
        }
    }

    public void Add(Flow flow, int hash)
    {
        if (IsFull)
            Grow();
        Place(new Slot { Hash = hash, Flow = flow });
    }

    public void Remove(Flow flow, int hash)
    {
        int mask = _slots.Length - 1;
        int i = hash & mask;
        while (!ReferenceEquals(_slots[i].Flow, flow))
        {
            if (_slots[i].Flow is null)
                throw new UnreachableException("A flow that is not in the index cannot leave it.");
            i = (i + 1) & mask;
        }

        RemoveAt(i);
    }

    /// <summary>The flow that has been quiet for longest; looks at all.</summary>
    public Flow? LeastRecentlyUsed()
    {
        Flow? oldest = null;
        foreach (ref readonly Slot slot in _slots.AsSpan())
        {
            if (slot.Flow is { } flow && (oldest is null || flow.ActivityNs < oldest.ActivityNs))
                oldest = flow;
        }

        return oldest;
    }

    /// <summary>Takes one more bit into account: the flows that have it set leave, and are in the page that is returned.</summary>
    public FlowTablePage Split()
    {
        Bits++;
        var upper = new FlowTablePage(Bits);
        int bit = 1 << (32 - Bits);
        for (int i = 0; i < _slots.Length; i++)
        {
            // What moves up into the hole has its turn next.
            while (_slots[i].Flow is not null && (_slots[i].Hash & bit) != 0)
            {
                upper.Place(_slots[i]);
                RemoveAt(i);
            }
        }

        return upper;
    }

    /// <summary>Takes the flows of the page that differs in the last bit.</summary>
    public void Join(FlowTablePage other)
    {
        Bits--;
        foreach (ref readonly Slot slot in other._slots.AsSpan())
        {
            if (slot.Flow is not null)
                Place(slot);
        }
    }

    private void Place(in Slot slot)
    {
        int mask = _slots.Length - 1;
        int i = slot.Hash & mask;
        while (_slots[i].Flow is not null)
            i = (i + 1) & mask;
        _slots[i] = slot;
        _count++;
    }

    private void RemoveAt(int hole)
    {
        // Whatever may move nearer to its home slot does, until a slot is free: a probe must never meet a hole before its key.
        Slot[] slots = _slots;
        int mask = slots.Length - 1;
        for (int i = (hole + 1) & mask; slots[i].Flow is not null; i = (i + 1) & mask)
        {
            int home = slots[i].Hash & mask;
            if (((i - home) & mask) < ((i - hole) & mask))
                continue;
            slots[hole] = slots[i];
            hole = i;
        }

        slots[hole] = default;
        _count--;
    }

    // Only where more bits would not tell the hashes apart.
    private void Grow()
    {
        Slot[] old = _slots;
        _slots = new Slot[old.Length * 2];
        _count = 0;
        foreach (ref readonly Slot slot in old.AsSpan())
        {
            if (slot.Flow is not null)
                Place(slot);
        }
    }

    private struct Slot
    {
        public int Hash;
        public Flow? Flow;
    }
}
