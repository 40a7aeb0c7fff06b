using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Text;
using Spillway.Metrics.Counters;
using Spillway.Metrics.Groups;
using Spillway.Metrics.Traffic;
using Spillway.Net.Capture;
using Spillway.Net.Flows;
using Spillway.Net.Packets;
using Spillway.Net.Protocols.Dns;

namespace Spillway.Metrics.Shards;

/// <summary>
/// Counts the packets of one lane for the built-in groups. A packet costs two additions: to the row of its flow, whose place the flow
/// itself remembers, and to the row of its link-layer header. Rows become hosts, ports and networks behind the lanes
/// (<see cref="TrafficAggregator"/>), so the sums are exact and the end of a window costs the lane an exchange of references.
/// Touched by its lane only.
/// </summary>
public sealed class TrafficMeter
{
    private const byte Icmp = 1;
    private const byte Icmpv6 = 58;

    private readonly MetricShard _shard;
    private readonly IMetricSink _sink;
    private readonly int _icmpTypes;
    private readonly int _mpls;
    private readonly int _apps;
    private readonly FlowLabels _labels = new();
    private TrafficBatch _batch;
    private uint _generation = 1;
    private FlowKey _lastFragmentKey;
    private int _lastFragmentRow = -1;

    internal TrafficMeter(MetricShard shard, IMetricSink sink, TablePool tables)
    {
        _shard = shard;
        _sink = sink;
        _icmpTypes = shard.FindCounterGroup(TrafficGroups.IcmpTypes);
        _mpls = shard.FindCounterGroup(TrafficGroups.Mpls);
        _apps = shard.FindCounterGroup(TrafficGroups.Apps);
        Applications = new ApplicationMeter(this, shard);
        _batch = new TrafficBatch(shard.Lane, tables, new ConcurrentQueue<TrafficBatch>());
    }

    /// <summary>The groups that protocol observers feed.</summary>
    public ApplicationMeter Applications { get; }

    /// <summary>Counts a packet.</summary>
    /// <param name="info">The decoded packet.</param>
    /// <param name="data">Its captured bytes.</param>
    /// <param name="flow">Its flow; null for what is no IP, for fragments, and for what comes after the end of its connection.</param>
    public void Count(in PacketInfo info, ReadOnlySpan<byte> data, Flow? flow)
    {
        TrafficBatch batch = _batch;
        CountLink(batch, in info, data);
        if (flow is not null)
        {
            long slot = flow.MeterSlot;
            int row = (uint)(slot >> 32) == _generation ? (int)slot : Open(flow);
            Add(ref batch[row], in info);
            if (info.Protocol is Icmp or Icmpv6)
                CountIcmp(in info, data);
        }
        else if (info.Kind == PacketKind.Fragment)
        {
            CountFragment(batch, in info);
        }
        else if (info.Kind == PacketKind.Ip)
        {
            CountLeftOver(batch, in info);
        }

        if (batch.IsFull)
            HandOver();
    }

    /// <summary>
    /// Counts a datagram that was put together again: its fragments have been counted one by one, so that only its port is news.
    /// </summary>
    /// <param name="flow">The flow.</param>
    /// <param name="wireLength">Bytes of the datagram as a packet.</param>
    public void CountDatagram(Flow flow, int wireLength)
    {
        ArgumentNullException.ThrowIfNull(flow);
        if (flow.Key.Protocol is not (6 or 17 or 132))
            return;
        Span<byte> key = stackalloc byte[FlowId.PortLength];
        FlowId.FormatPort(flow.IsClientA ? flow.Key.PortZ : flow.Key.PortA, flow.Key.Protocol, key);
        _shard.Update(_apps, key, TrafficGroups.AppTotal, wireLength);
    }

    /// <summary>Tells that a flow has begun, before its first packet is counted.</summary>
    public void OnFlowStart(Flow flow)
    {
        ArgumentNullException.ThrowIfNull(flow);
        _batch[RowOf(flow)].Marks |= FlowMarks.Started;
    }

    /// <summary>
    /// Tells that content has shown who is client and who is server: what the flow has carried in this window so far counts for the right
    /// one.
    /// </summary>
    public void OnFlowReversed(Flow flow)
    {
        ArgumentNullException.ThrowIfNull(flow);
        ref FlowMarks marks = ref _batch[RowOf(flow)].Marks;
        marks = flow.IsClientA ? marks | FlowMarks.ClientIsA : marks & ~FlowMarks.ClientIsA;
    }

    /// <summary>Tells that a flow has ended, after its last packet was counted.</summary>
    public void OnFlowEnd(Flow flow)
    {
        ArgumentNullException.ThrowIfNull(flow);
        _batch[RowOf(flow)].Marks |= FlowMarks.Ended;
        flow.MeterLabels = null;
        if (_batch.IsFull)
            HandOver();
    }

    /// <summary>
    /// From now on the flow's bytes belong to a key of that group too, until another key of the group takes its place. The first key of a
    /// group gets what the flow has carried in this window so far.
    /// </summary>
    internal void Label(Flow flow, int group, int meter, ReadOnlySpan<byte> key)
    {
        if (group == GroupRegistry.Unknown || key.IsEmpty)
            return;
        key = key[..Math.Min(key.Length, KeyArena.MaxKeyLength)];
        var labels = flow.MeterLabels as FlowLabel;
        FlowLabel? known = FlowLabel.Find(labels, group);
        if (known is not null && key.SequenceEqual(known.Key))
            return;
        if (known is not null)
        {
            // The row so far stays with the key before.
            if (!_batch[RowOf(flow)].IsUnused)
                flow.MeterSlot = 0;
            labels = FlowLabel.Without(labels, group);
        }

        labels = labels is null ? _labels.Single(group, meter, key) : new FlowLabel(group, meter, key.ToArray(), labels);
        flow.MeterLabels = labels;
        _batch[RowOf(flow)].Labels = labels;
    }

    /// <summary>Keeps a DNS message for its groups.</summary>
    internal void AddDns(Flow flow, in DnsMessage message)
    {
        DnsTable table = _batch.Dns;
        var row = new DnsRow
        {
            Flow = flow.Key,
            TimeNs = _shard.NowNs,
            Id = message.Id,
            Bytes = (ushort)Math.Min(message.Bytes.Length, ushort.MaxValue),
            IsResponse = message.IsResponse,
            ClientIsA = flow.IsClientA,
        };
        if (message.IsResponse)
            row.ResponseCode = (ushort)message.ExtendedResponseCode;
        DnsQuestions questions = message.Questions;
        if (questions.MoveNext())
        {
            Span<byte> name = table.NextName(DnsName.MaxTextBytes);
            row.NameLength = (ushort)questions.Current.Name.Format(name);
            row.Type = questions.Current.Type;
            // Names are the same in any case, and resolvers mix it on purpose.
            Ascii.ToLowerInPlace(name[..row.NameLength], out _);
        }

        table.Add(in row);
        if (table.IsFull)
            HandOver(); // here, so that packets need not ask; a stream may bring many messages with one
    }

    /// <summary>Hands over what has come together; the lane calls it by way of its shard at the end of a window.</summary>
    internal void HandOver()
    {
        if (_batch.IsEmpty)
            return;
        TrafficBatch full = _batch;
        _batch = full.Next();
        _generation = Math.Max(1, _generation + 1);
        _lastFragmentRow = -1;
        _sink.Post(full);
    }

    private int RowOf(Flow flow) => (uint)(flow.MeterSlot >> 32) == _generation ? (int)flow.MeterSlot : Open(flow);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private int Open(Flow flow)
    {
        int row = _batch.Open();
        ref FlowDelta delta = ref _batch[row];
        delta.Key = flow.Key;
        delta.Labels = flow.MeterLabels as FlowLabel;
        if (flow.IsClientA)
            delta.Marks = FlowMarks.ClientIsA;
        flow.MeterSlot = ((long)_generation << 32) | (uint)row;
        return row;
    }

    private static void Add(ref FlowDelta row, in PacketInfo info)
    {
        if (info.FromA)
        {
            row.BytesAZ += info.WireLength;
            row.PacketsAZ++;
        }
        else
        {
            row.BytesZA += info.WireLength;
            row.PacketsZA++;
        }

        if ((info.TcpFlags & TcpFlags.Syn) != 0)
            AddSyn(ref row, in info);
    }

    private static void AddSyn(ref FlowDelta row, in PacketInfo info)
    {
        bool isAnswer = (info.TcpFlags & TcpFlags.Ack) != 0;
        if (info.FromA)
            _ = isAnswer ? row.SynAckA++ : row.SynA++;
        else
            _ = isAnswer ? row.SynAckZ++ : row.SynZ++;
    }

    private void CountLink(TrafficBatch batch, in PacketInfo info, ReadOnlySpan<byte> data)
    {
        const int ethernetHeader = 14;
        if (info.LinkType == LinkType.Ethernet && data.Length >= ethernetHeader)
        {
            ulong destination = BinaryPrimitives.ReadUInt64BigEndian(data) & ~0xFFFFUL;
            batch.Links.Add(destination | info.VlanPlusOne, BinaryPrimitives.ReadUInt64BigEndian(data[6..]), info.WireLength);
        }
        else
        {
            // Other links have no pair of MAC addresses; what they carry is IP or nothing we know.
            ulong type =
                info.IpOffset < 0
                    ? 0UL
                    : info.Key.IPVersion switch
                    {
                        4 => 0x0800,
                        6 => 0x86DD,
                        _ => 0,
                    };
            batch.Links.Add(LinkDelta.NoAddresses | info.VlanPlusOne, type, info.WireLength);
        }

        if (info.LayerCount > 1 && (info.Layers[1].Protocol == ProtocolId.Mpls || info.VlanPlusOne != 0))
            CountMpls(in info, data);
    }

    private void CountMpls(in PacketInfo info, ReadOnlySpan<byte> data)
    {
        for (int i = 1; i < info.LayerCount && info.Layers[i].Protocol is ProtocolId.Vlan or ProtocolId.Mpls; i++)
        {
            LayerInfo layer = info.Layers[i];
            if (layer.Protocol != ProtocolId.Mpls)
                continue;
            Span<byte> key = stackalloc byte[8];
            (BinaryPrimitives.ReadUInt32BigEndian(data[layer.Offset..]) >> 12).TryFormat(key, out int length, default, null);
            _shard.Update(_mpls, key[..length], 0, info.WireLength);
            return; // the outermost label is the one the link switches by
        }
    }

    private void CountIcmp(in PacketInfo info, ReadOnlySpan<byte> data)
    {
        if (info.IpPayloadLength < 2)
            return;
        Span<byte> key = stackalloc byte[TrafficGroups.IcmpKeyLength];
        ReadOnlySpan<byte> header = data.Slice(info.IpPayloadOffset, 2);
        int length = TrafficGroups.WriteIcmpKey(info.Protocol == Icmpv6, header[0], header[1], key);
        _shard.Update(_icmpTypes, key[..length], 0, info.WireLength);
        _shard.Update(_icmpTypes, key[..length], 1, 1);
    }

    // Fragments of one datagram come one after the other, as a rule: they share a row.
    // A segment that comes long after its connection has ended: it counts for its ends.
    private static void CountLeftOver(TrafficBatch batch, in PacketInfo info)
    {
        int row = batch.Open();
        ref FlowDelta delta = ref batch[row];
        delta.Key = info.Key;
        delta.Marks = FlowMarks.ClientIsA;
        Add(ref delta, in info);
    }

    private void CountFragment(TrafficBatch batch, in PacketInfo info)
    {
        batch.Fragments++;
        if (_lastFragmentRow < 0 || _lastFragmentKey != info.Key)
        {
            _lastFragmentRow = batch.Open();
            _lastFragmentKey = info.Key;
            ref FlowDelta delta = ref batch[_lastFragmentRow];
            delta.Key = info.Key;
            delta.Marks = FlowMarks.Fragments;
        }

        Add(ref batch[_lastFragmentRow], in info);
    }
}
