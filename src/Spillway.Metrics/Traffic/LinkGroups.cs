using Spillway.Metrics.Counters;
using Spillway.Metrics.Groups;

namespace Spillway.Metrics.Traffic;

/// <summary>The groups that the link-layer header feeds: Mac, Dir Mac, VLANStats, LinkLayerStats, and Aggregates' totals.</summary>
internal sealed class LinkGroups
{
    private const ulong BroadcastMac = 0xFFFF_FFFF_FFFF;
    private const ulong GroupBit = 0x0100_0000_0000;
    private const int MacKeyLength = 17;

    private readonly TrafficAggregator _owner;
    private readonly int _mac,
        _dirMac,
        _vlans,
        _linkLayer,
        _aggregates;
    private int[] _order = [];
    private long _bytes,
        _packets,
        _broadcast,
        _multicast,
        _unicast;

    public LinkGroups(TrafficAggregator owner)
    {
        _owner = owner;
        _mac = owner.Index(TrafficGroups.Mac);
        _dirMac = owner.Index(TrafficGroups.DirMac);
        _vlans = owner.Index(TrafficGroups.Vlans);
        _linkLayer = owner.Index(TrafficGroups.LinkLayer);
        _aggregates = owner.Index(TrafficGroups.Aggregates);
    }

    public void Add(LinkTable links)
    {
        ReadOnlySpan<LinkDelta> slots = links.Slots;
        foreach (int slot in ByFirstPacket(slots, links.Count))
        {
            ref readonly LinkDelta link = ref slots[slot];
            _bytes += link.Bytes;
            _packets += link.Packets;
            AddType((ushort)link.SourceAndType, in link);
            int vlan = (int)(link.DestinationAndVlan & 0x7FFF) - 1;
            if (vlan >= 0)
                AddVlan(vlan, in link);
            if ((link.DestinationAndVlan & LinkDelta.NoAddresses) == 0)
                AddAddresses(link.SourceAndType >> 16, link.DestinationAndVlan >> 16, link.Bytes);
        }
    }

    // Slots are where a secret has put them, but keys are to come as their first packets did: the same in each run.
    private ReadOnlySpan<int> ByFirstPacket(ReadOnlySpan<LinkDelta> slots, int count)
    {
        if (_order.Length < count)
            _order = new int[Math.Max(count, 2 * _order.Length)];
        for (int i = 0; i < slots.Length; i++)
        {
            if (slots[i].Packets != 0)
                _order[slots[i].Order] = i;
        }

        return _order.AsSpan(0, count);
    }

    public void Complete()
    {
        const int total = 0,
            packets = 1,
            broadcast = 3,
            multicast = 4,
            unicast = 5;
        CounterTable table = _owner.TableOf(_aggregates);
        int row = table.RowOf("TOTALBW"u8);
        table.Add(row, total, _bytes);
        table.Add(row, packets, _packets);
        table.Add(row, broadcast, _broadcast);
        table.Add(row, multicast, _multicast);
        table.Add(row, unicast, _unicast);
        _bytes = _packets = _broadcast = _multicast = _unicast = 0;
    }

    private void AddType(ushort type, in LinkDelta link)
    {
        // Below 0x0600 the field is a length (IEEE 802.3): all of them are one key.
        Span<byte> key = stackalloc byte[4];
        (type < 0x0600 ? (ushort)0 : type).TryFormat(key, out _, "X4", null);
        CounterTable table = _owner.TableOf(_linkLayer);
        int row = table.RowOf(key);
        table.Add(row, 0, link.Bytes);
        table.Add(row, 1, link.Packets);
    }

    private void AddVlan(int vlan, in LinkDelta link)
    {
        Span<byte> key = stackalloc byte[4];
        vlan.TryFormat(key, out int length, default, null);
        CounterTable table = _owner.TableOf(_vlans);
        table.Add(table.RowOf(key[..length]), 0, link.Bytes);
    }

    private void AddAddresses(ulong source, ulong destination, long bytes)
    {
        if (destination == BroadcastMac)
            _broadcast += bytes;
        else if ((destination & GroupBit) != 0)
            _multicast += bytes;
        else
            _unicast += bytes;

        Span<byte> pair = stackalloc byte[(2 * MacKeyLength) + 1];
        bool fromA = source <= destination;
        WriteMac(fromA ? source : destination, pair);
        pair[MacKeyLength] = (byte)'_';
        WriteMac(fromA ? destination : source, pair[(MacKeyLength + 1)..]);
        ReadOnlySpan<byte> a = pair[..MacKeyLength];
        ReadOnlySpan<byte> z = pair[(MacKeyLength + 1)..];

        CounterTable macs = _owner.TableOf(_mac);
        macs.Add(macs.RowOf(fromA ? a : z), 0, bytes);
        macs.Add(macs.RowOf(fromA ? z : a), 1, bytes);
        CounterTable pairs = _owner.TableOf(_dirMac);
        int row = pairs.RowOf(pair);
        pairs.Add(row, 0, bytes);
        pairs.Add(row, fromA ? 1 : 2, bytes);
    }

    private static void WriteMac(ulong address, Span<byte> key)
    {
        for (int i = 0; i < 6; i++)
        {
            ((byte)(address >> (40 - (8 * i)))).TryFormat(key[(3 * i)..], out _, "X2", null);
            if (i < 5)
                key[(3 * i) + 2] = (byte)':';
        }
    }
}
