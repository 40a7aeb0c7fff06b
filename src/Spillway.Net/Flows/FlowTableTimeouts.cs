namespace Spillway.Net.Flows;

/// <summary>
/// Which time-out applies to a flow. Flows of one time-out are in one list, so that only the oldest of each has to be looked at.
/// </summary>
internal enum FlowTimeout : byte
{
    TcpOpening,
    TcpEstablished,
    TcpClosed,
    Other,

    /// <summary>In no list: not in the table yet, or no more.</summary>
    None,
}

/// <summary>
/// Flows of one time-out in order of last activity, to within a quarter of a second: a list through the flows themselves. Moving a flow to
/// the end touches its neighbours, which are seldom in the cache, so an active flow is moved a few times a second and not for every packet.
/// </summary>
internal sealed class FlowActivityList(FlowTimeout timeout, TimeSpan idle)
{
    // In ticks of about a millisecond, modulo 2^32 (52 days): four bytes in each flow.
    private const int TickBits = 20;
    private const uint ResolutionTicks = 250_000_000 >> TickBits;

    private readonly long _idleNs = idle.Ticks * TimeSpan.NanosecondsPerTick;

    public Flow? Oldest { get; private set; }

    private Flow? Newest { get; set; }

    /// <summary>
    /// Notes activity of a flow of this list. True a few times a second: for what is looked at now and then, and not for every packet.
    /// </summary>
    public bool Touch(Flow flow, long nowNs)
    {
        flow.BeActive(nowNs);
        if ((uint)(nowNs >> TickBits) - flow.LinkedTick < ResolutionTicks)
            return false; // time that went back is a large number here
        Remove(flow);
        Append(flow);
        return true;
    }

    public bool IsExpired(Flow flow, long nowNs) => nowNs - flow.ActivityNs > _idleNs;

    public void Append(Flow flow)
    {
        flow.Timeout = timeout;
        flow.LinkedTick = (uint)(flow.ActivityNs >> TickBits);
        flow.Older = Newest;
        flow.Newer = null;
        if (Newest is null)
            Oldest = flow;
        else
            Newest.Newer = flow;
        Newest = flow;
    }

    public void Remove(Flow flow)
    {
        if (flow.Older is null)
            Oldest = flow.Newer;
        else
            flow.Older.Newer = flow.Newer;
        if (flow.Newer is null)
            Newest = flow.Older;
        else
            flow.Newer.Older = flow.Older;
        flow.Older = null;
        flow.Newer = null;
        flow.Timeout = FlowTimeout.None;
    }

    /// <summary>The oldest flow if it has been idle for longer than <paramref name="idleNs"/>.</summary>
    public Flow? OldestIdle(long nowNs, long idleNs) => Oldest is { } flow && nowNs - flow.ActivityNs > idleNs ? flow : null;

    /// <summary>The oldest flow if it has been idle for too long at <paramref name="nowNs"/>.</summary>
    public Flow? NextExpired(long nowNs)
    {
        while (Oldest is { } flow)
        {
            if (IsExpired(flow, nowNs))
                return flow;
            if (nowNs - flow.ActivityNs >= -_idleNs)
                return null;

            // Packet time was set back by more than the time-out (several captures in one run, a clock that was stepped): nobody knows how
            // long this flow has been idle. It gets one more time-out by the new clock, and does not stand in the way of those behind it.
            Remove(flow);
            flow.BeActive(nowNs);
            Append(flow);
        }

        return null;
    }
}
