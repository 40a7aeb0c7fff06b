using Spillway.Metrics.Counters;
using Spillway.Metrics.Groups;

namespace Spillway.Metrics.Traffic;

/// <summary>Groups of few keys, summed in place and written once a window: Aggregates and NetworkLayerStats.</summary>
internal sealed class NetworkTotals
{
    private readonly TrafficAggregator _owner;
    private readonly int _aggregates;
    private readonly int _networkLayer;
    private readonly Protocol[] _protocols = new Protocol[256];
    private Direction _directions;
    private long _sessions;
    private long _broadcast;
    private long _multicast;
    private long _unicast;

    public NetworkTotals(TrafficAggregator owner)
    {
        _owner = owner;
        _aggregates = owner.Index(TrafficGroups.Aggregates);
        _networkLayer = owner.Index(TrafficGroups.NetworkLayer);
    }

    public long Fragments { get; set; }

    public void Add(in FlowDelta row, in Direction direction)
    {
        long started = (long)(row.Marks & FlowMarks.Started);
        long bytes = row.BytesAZ + row.BytesZA;
        ref Protocol protocol = ref _protocols[row.Key.Protocol];
        protocol.Bytes += bytes;
        protocol.Packets += row.PacketsAZ + (long)row.PacketsZA;
        protocol.Started += started;
        protocol.Ended += (row.Marks & FlowMarks.Ended) != 0 ? 1 : 0;
        _sessions += started;

        _directions.Into += direction.Into;
        _directions.OutOf += direction.OutOf;
        _directions.Within += direction.Within;
        _directions.Transit += direction.Transit;
        _directions.IntoPackets += direction.IntoPackets;
        _directions.OutOfPackets += direction.OutOfPackets;
        _directions.WithinPackets += direction.WithinPackets;
        _directions.TransitPackets += direction.TransitPackets;

        AddCast(row.Key.AddressZ, row.Key.IPVersion, row.BytesAZ);
        AddCast(row.Key.AddressA, row.Key.IPVersion, row.BytesZA);
    }

    public void Complete()
    {
        const int total = 0,
            packets = 1,
            sessions = 2,
            broadcast = 6,
            multicast = 7,
            unicast = 8,
            fragments = 9;
        CounterTable table = _owner.TableOf(_aggregates);
        int row = table.RowOf("TOTALBW"u8);
        table.Add(row, sessions, _sessions);
        table.Add(row, broadcast, _broadcast);
        table.Add(row, multicast, _multicast);
        table.Add(row, unicast, _unicast);
        table.Add(row, fragments, Fragments);
        AddDirection("DIR_INTOHOME"u8, _directions.Into, _directions.IntoPackets);
        AddDirection("DIR_OUTOFHOME"u8, _directions.OutOf, _directions.OutOfPackets);
        AddDirection("DIR_WITHINHOME"u8, _directions.Within, _directions.WithinPackets);
        AddDirection("DIR_TRANSIT"u8, _directions.Transit, _directions.TransitPackets);
        CompleteProtocols();
        _directions = default;
        _sessions = _broadcast = _multicast = _unicast = Fragments = 0;

        void AddDirection(ReadOnlySpan<byte> key, long bytes, long count)
        {
            if (count == 0)
                return;
            int direction = table.RowOf(key);
            table.Add(direction, total, bytes);
            table.Add(direction, packets, count);
        }
    }

    private void CompleteProtocols()
    {
        const int total = 0,
            packets = 1,
            active = 2,
            flows = 3;
        Span<byte> key = stackalloc byte[2];
        for (int number = 0; number < _protocols.Length; number++)
        {
            ref Protocol protocol = ref _protocols[number];
            if (protocol.Packets == 0 && protocol.Ended == 0)
                continue;
            ((byte)number).TryFormat(key, out _, "X2", null);
            CounterTable table = _owner.TableOf(_networkLayer);
            int row = table.RowOf(key);
            table.Add(row, total, protocol.Bytes);
            table.Add(row, packets, protocol.Packets);
            table.Add(row, flows, protocol.Started);
            TrafficAggregator.AddActive(table, row, active, protocol.Started, protocol.Ended);
            protocol = default;
        }
    }

    private void AddCast(UInt128 destination, byte version, long bytes)
    {
        if (version == 4 && (uint)destination == uint.MaxValue)
            _broadcast += bytes;
        else if (version == 4 ? (uint)destination >> 28 == 14 : destination >> 120 == 0xFF)
            _multicast += bytes;
        else
            _unicast += bytes;
    }

    private struct Protocol
    {
        public long Bytes,
            Packets,
            Started,
            Ended;
    }
}
