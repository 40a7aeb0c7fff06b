namespace Spillway.Net.Flows;

/// <summary>
/// Limits of a <see cref="FlowTable{THandler}"/>. All time-outs are idle times in packet time; each must be between 1 second and 7 days.
/// </summary>
public sealed record FlowTableOptions
{
    /// <summary>The options with all defaults.</summary>
    public static FlowTableOptions Default { get; } = new();

    /// <summary>Idle time that ends an open TCP connection of which both ends were seen. Default 3600 seconds: long polls and control
    /// connections (FTP, LDAP) are silent for that long. When the table is nearly full, <see cref="OtherTimeout"/> applies if it is
    /// shorter.</summary>
    public TimeSpan TcpEstablishedTimeout
    {
        get;
        init => field = Check(value);
    } = TimeSpan.FromSeconds(3600);

    /// <summary>Idle time that ends a TCP connection whose handshake was begun and never finished. Default 60 seconds: longer than
    /// the pause between two retransmitted SYNs, short enough for a scan not to fill the table.</summary>
    public TimeSpan TcpOpeningTimeout
    {
        get;
        init => field = Check(value);
    } = TimeSpan.FromSeconds(60);

    /// <summary>
    /// Idle time after which a closed TCP connection (two FINs, or a RST) is ended. Default 5 seconds: late retransmissions still find it.
    /// </summary>
    public TimeSpan TcpClosedLinger
    {
        get;
        init => field = Check(value);
    } = TimeSpan.FromSeconds(5);

    /// <summary>Idle time that ends a flow of any other protocol, and a TCP connection of which only one end was seen or that one end has
    /// closed.
    /// Default 120 seconds, the flow time-out that scripts expect.</summary>
    public TimeSpan OtherTimeout
    {
        get;
        init => field = Check(value);
    } = TimeSpan.FromSeconds(120);

    /// <summary>Time between interim reports of a flow that lasts, 10 seconds to 1 day; zero for none. Default 300 seconds, as scripts
    /// expect (script API, section 1.13).</summary>
    public TimeSpan UpdateInterval
    {
        get;
        init =>
            field =
                value == TimeSpan.Zero || (value >= TimeSpan.FromSeconds(10) && value <= TimeSpan.FromDays(1))
                    ? value
                    : throw new ArgumentOutOfRangeException(nameof(value), value, "UpdateInterval must be zero, or 10 seconds to 1 day.");
    } = TimeSpan.FromSeconds(300);

    /// <summary>
    /// Greatest number of flows at a time, 1 to 16,777,216. Default 1,000,000. A flow too many ends the one that has been idle longest.
    /// </summary>
    public int MaxFlows
    {
        get;
        init =>
            field = value is >= 1 and <= 1 << 24
                ? value
                : throw new ArgumentOutOfRangeException(nameof(value), value, "MaxFlows must be 1 to 16777216.");
    } = 1_000_000;

    /// <summary>
    /// Whether the object of a flow that has ended, and never had a <see cref="Flow.Consumer"/>, may become another flow. For handlers that
    /// keep no flow beyond <see cref="IFlowHandler.OnFlowEnd"/>. Default false.
    /// </summary>
    public bool ReusesFlows { get; init; }

    private static TimeSpan Check(TimeSpan value) =>
        value >= TimeSpan.FromSeconds(1) && value <= TimeSpan.FromDays(7)
            ? value
            : throw new ArgumentOutOfRangeException(nameof(value), value, "A flow time-out must be 1 second to 7 days.");
}
