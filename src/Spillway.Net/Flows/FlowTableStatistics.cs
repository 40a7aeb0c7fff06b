namespace Spillway.Net.Flows;

/// <summary>Counters of one flow table, kept by its lane's thread: read from another thread they may be a moment old.</summary>
public sealed class FlowTableStatistics
{
    /// <summary>Flows begun.</summary>
    public long Created { get; internal set; }

    /// <summary>Flows that are in the table now.</summary>
    public long Active { get; internal set; }

    /// <summary>Greatest number of flows at a time.</summary>
    public long Peak { get; internal set; }

    /// <summary>Interim reports of flows that lasted.</summary>
    public long Updates { get; internal set; }

    /// <summary>Flows ended by inactivity.</summary>
    public long TimedOut { get; internal set; }

    /// <summary>TCP connections ended by FIN or RST, then quiet for the linger time.</summary>
    public long Closed { get; internal set; }

    /// <summary>TCP connections ended because a new one began under the same key.</summary>
    public long Reused { get; internal set; }

    /// <summary>Of the flows ended by inactivity, TCP connections whose time-out was shortened because the table was nearly full.</summary>
    public long ExpiredEarly { get; internal set; }

    /// <summary>Flows ended before their time because the table was full, or too many had hashes alike.</summary>
    public long Evicted { get; internal set; }

    /// <summary>Flows ended by a script or by the end of input.</summary>
    public long Terminated { get; internal set; }

    /// <summary>
    /// Segments that repeat what was sent before their connection was closed, after it has left the table. They begin no flow.
    /// </summary>
    public long LeftOver { get; internal set; }

    /// <summary>SYNs that contradict an open connection. They begin another one only when they are answered.</summary>
    public long DoubtfulSyns { get; internal set; }

    /// <summary>RST segments so far from the connection's sequence numbers that no receiver would obey them.</summary>
    public long IgnoredResets { get; internal set; }

    /// <summary>Adds another lane's. Peaks are added too: the sum is what there may have been at a time at most.</summary>
    public void Add(FlowTableStatistics other)
    {
        ArgumentNullException.ThrowIfNull(other);
        Created += other.Created;
        Active += other.Active;
        Peak += other.Peak;
        Updates += other.Updates;
        TimedOut += other.TimedOut;
        Closed += other.Closed;
        Reused += other.Reused;
        Evicted += other.Evicted;
        Terminated += other.Terminated;
        IgnoredResets += other.IgnoredResets;
    }
}
