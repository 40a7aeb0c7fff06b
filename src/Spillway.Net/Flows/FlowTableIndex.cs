using System.Diagnostics;

namespace Spillway.Net.Flows;

/// <summary>
/// The hash index of a flow table: open addressing with linear probing, at most half full. A slot holds the hash beside the flow, so that
/// a probe touches no flow but the right one. Removal shifts the following slots back: there are no tombstones to sweep.
/// </summary>
internal sealed class FlowTableIndex
{
    private const int InitialSlots = 1024;

    private Slot[] _slots = new Slot[InitialSlots];
    private int _mask = InitialSlots - 1;

    public int Count { get; private set; }

    public Flow? Find(in FlowKey key, int hash)
    {
        Slot[] slots = _slots;
        for (int i = hash & _mask; ; i = (i + 1) & _mask)
        {
            ref Slot slot = ref slots[i];
            if (slot.Flow is null) return null;
            if (slot.Hash == hash && slot.Flow.KeyReference.Equals(key)) return slot.Flow;
        }
    }

    /// <summary>Adds a flow whose key is not in the index.</summary>
    public void Add(Flow flow, int hash)
    {
        if (Count >= _slots.Length / 2) Grow();
        Count++;
        Place(flow, hash);
    }

    public void Remove(Flow flow, int hash)
    {
        Slot[] slots = _slots;
        int hole = hash & _mask;
        while (!ReferenceEquals(slots[hole].Flow, flow))
        {
            if (slots[hole].Flow is null) throw new UnreachableException("A flow that is not in the index cannot leave it.");
            hole = (hole + 1) & _mask;
        }

        // Whatever may move nearer to its home slot does, until a slot is free: a probe must never meet a hole before its key.
        for (int i = (hole + 1) & _mask; slots[i].Flow is not null; i = (i + 1) & _mask)
        {
            int home = slots[i].Hash & _mask;
            if (((i - home) & _mask) < ((i - hole) & _mask)) continue;
            slots[hole] = slots[i];
            hole = i;
        }

        slots[hole] = default;
        Count--;
    }

    private void Grow()
    {
        Slot[] old = _slots;
        _slots = new Slot[old.Length * 2];
        _mask = _slots.Length - 1;
        foreach (Slot slot in old)
        {
            if (slot.Flow is not null) Place(slot.Flow, slot.Hash);
        }
    }

    private void Place(Flow flow, int hash)
    {
        int i = hash & _mask;
        while (_slots[i].Flow is not null) i = (i + 1) & _mask;
        _slots[i] = new Slot { Hash = hash, Flow = flow };
    }

    private struct Slot
    {
        public int Hash;
        public Flow? Flow;
    }
}
