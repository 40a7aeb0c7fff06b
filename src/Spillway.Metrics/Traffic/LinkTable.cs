using Spillway.Net;

namespace Spillway.Metrics.Traffic;

/// <summary>What was seen of one pair of link addresses in one direction, with one type and one VLAN.</summary>
internal struct LinkDelta
{
    /// <summary>In <see cref="DestinationAndVlan"/>: the link has no MAC addresses.</summary>
    public const ulong NoAddresses = 0x8000;

    /// <summary>Destination MAC in the upper 48 bits, VLAN id plus 1 in the lower 15.</summary>
    public ulong DestinationAndVlan;

    /// <summary>Source MAC in the upper 48 bits, EtherType in the lower 16.</summary>
    public ulong SourceAndType;

    public long Bytes;

    /// <summary>0 in a free slot. A table is handed over long before 2^32 packets: at the end of a window.</summary>
    public uint Packets;

    /// <summary>Its number among the table's keys, from 0, by the packet that came first.</summary>
    public int Order;
}

/// <summary>
/// Sums by link-layer header. The header is its own key of 16 bytes, so that one look-up serves the groups of MAC addresses, their pairs,
/// VLANs, EtherTypes, and the kinds of link-layer destination. Open addressing; there are few keys behind a router, and those are in the
/// cache.
/// </summary>
internal sealed class LinkTable
{
    /// <summary>Keys at most. More are in the next table: see <see cref="IsFull"/>.</summary>
    public const int MaxKeys = 16_384;

    private const int InitialSlots = 256;

    // Hashes drawn by chance never crowd like that in a table that is half empty.
    private const int LongestProbe = 256;

    private LinkDelta[] _slots = new LinkDelta[InitialSlots];
    private bool _isCrowded;

    public int Count { get; private set; }

    /// <summary>True if no further key should be added before the table is handed over.</summary>
    public bool IsFull => Count >= MaxKeys || _isCrowded;

    /// <summary>Slots, in an order of their own; those with no packets are free.</summary>
    public ReadOnlySpan<LinkDelta> Slots => _slots;

    public void Add(ulong destinationAndVlan, ulong sourceAndType, int bytes)
    {
        LinkDelta[] slots = _slots;
        int mask = slots.Length - 1;
        int home = (int)WireHash.Of(destinationAndVlan, sourceAndType) & mask;
        for (int i = home; ; i = (i + 1) & mask)
        {
            ref LinkDelta slot = ref slots[i];
            if (slot.Packets == 0)
            {
                slot.DestinationAndVlan = destinationAndVlan;
                slot.SourceAndType = sourceAndType;
                slot.Bytes = bytes;
                slot.Packets = 1;
                slot.Order = Count;
                _isCrowded |= ((i - home) & mask) > LongestProbe;
                if (++Count * 2 > slots.Length)
                    Grow();
                return;
            }

            if (slot.SourceAndType != sourceAndType || slot.DestinationAndVlan != destinationAndVlan)
                continue;
            slot.Bytes += bytes;
            slot.Packets++;
            return;
        }
    }

    public void Clear()
    {
        if (Count * 8 < _slots.Length && _slots.Length > InitialSlots)
            _slots = new LinkDelta[_slots.Length / 2];
        else
            Array.Clear(_slots);
        Count = 0;
        _isCrowded = false;
    }

    private void Grow()
    {
        LinkDelta[] old = _slots;
        _slots = new LinkDelta[old.Length * 2];
        int mask = _slots.Length - 1;
        foreach (ref readonly LinkDelta entry in old.AsSpan())
        {
            if (entry.Packets == 0)
                continue;
            int i = (int)WireHash.Of(entry.DestinationAndVlan, entry.SourceAndType) & mask;
            while (_slots[i].Packets != 0)
                i = (i + 1) & mask;
            _slots[i] = entry;
        }
    }
}
