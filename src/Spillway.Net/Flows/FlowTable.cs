using Spillway.Net.Packets;

namespace Spillway.Net.Flows;

/// <summary>
/// The flows of one lane. Used by that lane's thread only. Time is packet time and may go backwards.
/// </summary>
/// <typeparam name="THandler">Told of the beginning and the end of each flow. Its <see cref="IFlowHandler.OnFlowEnd"/> is where the lane
/// ends the flow's streams (<c>TcpReassembler.End</c>). It may call <see cref="Terminate"/>, and nothing else of the
/// table.</typeparam>
public sealed class FlowTable<THandler>
    where THandler : IFlowHandler
{
    private const byte TcpProtocol = 6;
    private const byte UdpProtocol = 17;

    /// <summary>
    /// The most objects of ended flows that are kept for new ones. In a flood, and wherever as many flows end as begin, no garbage arises
    /// then: of a million old objects it would be the kind that costs the longest pauses.
    /// </summary>
    private const int MaxSpare = 8192;

    private readonly FlowTableIndex _index = new();
    private readonly ClosedConnections _closed = new();
    private readonly FlowActivityList[] _lists;
    private readonly Stack<Flow> _spare = new();
    private readonly int _maxFlows;
    private readonly int _maxSpare;
    private readonly int _pressure;
    private readonly long _pressureNs;
    private readonly long _updateNs;
    private THandler _handler;
    private long _lastNumber;

    /// <summary>Creates an empty table.</summary>
    public FlowTable(FlowTableOptions options, THandler handler)
    {
        ArgumentNullException.ThrowIfNull(options);
        _handler = handler;
        _maxFlows = options.MaxFlows;
        _maxSpare = options.ReusesFlows ? MaxSpare : 0;
        _pressure = options.MaxFlows / 4 * 3;
        _pressureNs = options.OtherTimeout.Ticks * TimeSpan.NanosecondsPerTick;
        _updateNs = options.UpdateInterval.Ticks * TimeSpan.NanosecondsPerTick;
        _lists = new FlowActivityList[(int)FlowTimeout.None];
        AddList(FlowTimeout.TcpOpening, options.TcpOpeningTimeout);
        AddList(FlowTimeout.TcpEstablished, options.TcpEstablishedTimeout);
        AddList(FlowTimeout.TcpClosed, options.TcpClosedLinger);
        AddList(FlowTimeout.Other, options.OtherTimeout);

        void AddList(FlowTimeout timeout, TimeSpan idle) => _lists[(int)timeout] = new FlowActivityList(timeout, idle);
    }

    /// <summary>The handler in place: if it is a struct, its state lives here.</summary>
    public ref THandler Handler => ref _handler;

    /// <summary>Number of flows in the table.</summary>
    public int Count => _index.Count;

    /// <summary>Counters.</summary>
    public FlowTableStatistics Statistics { get; } = new();

    /// <summary>
    /// As <see cref="GetOrAdd"/>; null for a segment that repeats what belongs to a connection that was closed and has left the table.
    /// </summary>
    public Flow? GetOrAddUnlessLeftOver(ref PacketInfo info, out bool isNew) => Take(ref info, refusesLeftOver: true, out isNew);

    /// <summary>Finds the flow of a packet or begins it, and counts the packet in it.</summary>
    /// <param name="info">A decoded packet of kind <see cref="PacketKind.Ip"/>. If it is disregarded, it only counts.</param>
    /// <param name="isNew">True if the flow begins with this packet.</param>
    public Flow GetOrAdd(ref PacketInfo info, out bool isNew) => Take(ref info, refusesLeftOver: false, out isNew)!;

    private Flow? Take(ref PacketInfo info, bool refusesLeftOver, out bool isNew)
    {
        int hash = info.Key.GetHashCode();
        Flow? flow = _index.Find(in info.Key, hash);
        bool isTcp = info.Protocol == TcpProtocol;
        if (flow is not null && _lists[(int)flow.Timeout].IsExpired(flow, info.TimestampNs))
        {
            TimeOut(flow);
            flow = null;
        }

        TcpPendingSyn? adopted = null;
        if (flow is not null && isTcp && !info.IsDisregarded && ((info.TcpFlags & TcpFlags.Syn) != 0 || flow.PendingSyn is not null))
        {
            switch (TcpTracker.Judge(flow, in info))
            {
                case TcpSynVerdict.BeginsAnother:
                    adopted = flow.PendingSyn;
                    flow.PendingSyn = null;
                    Statistics.Reused++;
                    End(flow);
                    flow = null;
                    break;
                case TcpSynVerdict.Doubtful:
                    isNew = false;
                    SetAside(flow, ref info);
                    return flow;
            }
        }

        isNew = flow is null;
        if (isNew && isTcp && refusesLeftOver && _closed.HasSent(in info))
        {
            isNew = false;
            Statistics.LeftOver++;
            return null;
        }

        flow ??= Add(in info, hash, isTcp, adopted);
        int retransmissions = flow.Retransmissions;
        if (isTcp && !info.IsDisregarded && !TcpTracker.Update(flow, in info))
            Statistics.IgnoredResets++;
        if (isTcp)
            flow.Events.TakeSegment(in info, flow.Retransmissions != retransmissions);
        else if (info.Protocol == UdpProtocol)
            flow.Events.TakeDatagram(in info);
        CountPacket(flow, in info);
        Touch(flow, info.TimestampNs, isTcp ? TcpTracker.TimeoutOf(flow) : FlowTimeout.Other);
        return flow;
    }

    /// <summary>Finds a flow by its key.</summary>
    public Flow? Find(in FlowKey key) => _index.Find(in key, key.GetHashCode());

    /// <summary>Ends a flow now. Does nothing if it has ended already.</summary>
    /// <param name="reason">State bits to add.</param>
    public void Terminate(Flow flow, FlowState reason = FlowState.Terminated)
    {
        ArgumentNullException.ThrowIfNull(flow);
        if (flow.Timeout == FlowTimeout.None)
            return;
        flow.State |= reason;
        Statistics.Terminated++;
        End(flow);
    }

    /// <summary>Ends the flows that have been idle for their time-out; when the table is three quarters full, idle TCP connections earlier.
    /// Cheap when there is none: call it for every packet.</summary>
    public void Expire(long nowNs)
    {
        foreach (FlowActivityList list in _lists)
        {
            while (list.NextExpired(nowNs) is { } flow)
                TimeOut(flow);
        }

        if (_index.Count <= _pressure)
            return;
        while (_index.Count > _pressure && _lists[(int)FlowTimeout.TcpEstablished].OldestIdle(nowNs, _pressureNs) is { } idle)
        {
            Statistics.ExpiredEarly++;
            TimeOut(idle);
        }
    }

    /// <summary>Ends all flows at the end of input. Connections that were closed by their ends are not marked as terminated.</summary>
    public void TerminateAll()
    {
        while (LeastRecentlyUsed() is { } flow)
        {
            if (!flow.IsClosed)
                flow.State |= FlowState.Terminated;
            Statistics.Terminated++;
            End(flow);
        }
    }

    // The flow lives on without the segment. The mark says so to whatever else looks at the packet.
    private void SetAside(Flow flow, ref PacketInfo info)
    {
        Statistics.DoubtfulSyns++;
        info.IsDisregarded = true;
        TcpTracker.SetAside(flow, in info);
    }

    private Flow Add(in PacketInfo info, int hash, bool isTcp, TcpPendingSyn? adopted)
    {
        if (_index.Count >= _maxFlows && LeastRecentlyUsed() is { } victim)
            Evict(victim);
        if (_index.MakeRoom(hash) is { } crowding)
            Evict(crowding);
        Flow flow = Create(in info.Key, adopted?.TimestampNs ?? info.TimestampNs);
        if (adopted is not null)
            TcpTracker.Adopt(flow, adopted);
        else if (isTcp)
            TcpTracker.Orient(flow, in info);
        else
            OrientByPorts(flow, in info);
        _index.Add(flow, hash);
        _lists[(int)FlowTimeout.Other].Append(flow);
        Statistics.Created++;
        Statistics.Active = _index.Count;
        Statistics.Peak = Math.Max(Statistics.Peak, _index.Count);
        _handler.OnFlowStart(flow);
        return flow;
    }

    private Flow Create(in FlowKey key, long timestampNs)
    {
        if (!_spare.TryPop(out Flow? flow))
            return new Flow(in key, ++_lastNumber, timestampNs);
        flow.Begin(in key, ++_lastNumber, timestampNs);
        return flow;
    }

    private void Evict(Flow victim)
    {
        victim.State |= FlowState.Terminated;
        Statistics.Evicted++;
        End(victim);
    }

    // The lower port is the server's; where both are the same (ICMP, too), whoever sent first is the client. A group asks nobody.
    private static void OrientByPorts(Flow flow, in PacketInfo info)
    {
        bool isGroupA = GroupAddress.Is(info.Key.AddressA, info.Key.IPVersion, info.IsBroadcast && !info.FromA);
        bool isGroupZ = GroupAddress.Is(info.Key.AddressZ, info.Key.IPVersion, info.IsBroadcast && info.FromA);
        flow.ClientIsA = isGroupA != isGroupZ ? isGroupZ : info.FromA || info.Key.PortA != info.Key.PortZ;
        flow.State |= flow.ClientIsA ? FlowState.ZEndServer : FlowState.AEndServer;
    }

    private void TimeOut(Flow flow)
    {
        if (flow.IsClosed)
        {
            Statistics.Closed++;
            _closed.Add(flow, flow.ActivityNs);
        }
        else
        {
            flow.State |= FlowState.TimedOut;
            Statistics.TimedOut++;
        }

        End(flow);
    }

    private static void CountPacket(Flow flow, in PacketInfo info)
    {
        int payload = info.IsDisregarded ? 0 : info.PayloadWireLength; // it says where streams stand
        if (info.FromA)
        {
            flow.PacketsAZ++;
            flow.BytesAZ += info.WireLength;
            flow.PayloadAZ += payload;
        }
        else
        {
            flow.PacketsZA++;
            flow.BytesZA += info.WireLength;
            flow.PayloadZA += payload;
        }
    }

    private void Touch(Flow flow, long nowNs, FlowTimeout timeout)
    {
        if (flow.Timeout == FlowTimeout.None)
            return; // ended by the handler's OnFlowStart
        FlowActivityList list = _lists[(int)timeout];
        if (flow.Timeout == timeout)
        {
            if (list.Touch(flow, nowNs))
                Update(flow, nowNs);
            return;
        }

        _lists[(int)flow.Timeout].Remove(flow);
        flow.BeActive(nowNs);
        list.Append(flow);
    }

    private void Update(Flow flow, long nowNs)
    {
        if (_updateNs == 0)
            return;
        long due = (nowNs - flow.FirstNs) / _updateNs;
        if (due <= flow.Updates || flow.Updates == ushort.MaxValue)
            return;
        flow.Updates = (ushort)Math.Min(due, ushort.MaxValue);
        Statistics.Updates++;
        _handler.OnFlowUpdate(flow);
    }

    private Flow? LeastRecentlyUsed()
    {
        Flow? oldest = null;
        foreach (FlowActivityList list in _lists)
        {
            if (list.Oldest is { } flow && (oldest is null || flow.ActivityNs < oldest.ActivityNs))
                oldest = flow;
        }

        return oldest;
    }

    private void End(Flow flow)
    {
        _lists[(int)flow.Timeout].Remove(flow);
        _index.Remove(flow, flow.KeyReference.GetHashCode());
        Statistics.Active = _index.Count;
        TcpTracker.FoldPending(flow);
        _handler.OnFlowEnd(flow);
        if (!flow.IsShared && _spare.Count < _maxSpare)
            _spare.Push(flow);
    }
}
