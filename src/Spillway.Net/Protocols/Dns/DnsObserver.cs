using System.Runtime.CompilerServices;
using Spillway.Net.Flows;
using Spillway.Net.Packets;

namespace Spillway.Net.Protocols.Dns;

/// <summary>Limits of the DNS observer. Immutable.</summary>
public sealed record DnsLimits
{
    private readonly int _maxRecords = 4096;
    private readonly long _maxBufferedBytes = 32L << 20;
    private readonly int _probeBytes = 64 << 10;

    /// <summary>The limits used when nothing is said.</summary>
    public static DnsLimits Default { get; } = new();

    /// <summary>Records of one message that are read. Default 4,096; 1 to 65,536. Further ones are left out.</summary>
    public int MaxRecords
    {
        get => _maxRecords;
        init => _maxRecords = (int)InRange(value, 1, 65536);
    }

    /// <summary>
    /// Bytes that unfinished messages of all TCP connections of a lane may hold. Default 32 MiB; 128 KiB to 16 GiB. A stream that needs
    /// more is left.
    /// </summary>
    public long MaxBufferedBytes
    {
        get => _maxBufferedBytes;
        init => _maxBufferedBytes = InRange(value, 128 << 10, 16L << 30);
    }

    /// <summary>
    /// Bytes of a TCP stream without a message that fits, after which the stream is left as no DNS. Default 64 KiB; 1 KiB to 16 MiB.
    /// </summary>
    public int ProbeBytes
    {
        get => _probeBytes;
        init => _probeBytes = (int)InRange(value, 1 << 10, 16 << 20);
    }

    private static long InRange(long value, long low, long high, [CallerMemberName] string name = "") =>
        value >= low && value <= high
            ? value
            : throw new ArgumentOutOfRangeException(name, value, $"{name} must be between {low} and {high}.");
}

/// <summary>Counters of the DNS messages of one lane. Plain numbers, one thread.</summary>
public sealed class DnsStatistics
{
    /// <summary>Queries that were read, wholly or in part.</summary>
    public long Queries { get; set; }

    /// <summary>Responses that were read, wholly or in part.</summary>
    public long Responses { get; set; }

    /// <summary>Messages cut by their sender (TC) or the capture.</summary>
    public long Truncated { get; set; }

    /// <summary>Messages with a field that cannot be; what stands before it was told.</summary>
    public long Malformed { get; set; }

    /// <summary>Payloads on DNS ports that are no DNS.</summary>
    public long NotDns { get; set; }

    /// <summary>Messages with more records than <see cref="DnsLimits.MaxRecords"/>.</summary>
    public long TooManyRecords { get; set; }

    /// <summary>Gaps in TCP streams: the messages in them are lost, and the stream goes on with the next one that fits.</summary>
    public long WithGap { get; set; }

    /// <summary>Lengths of zero in TCP streams, with no message behind them.</summary>
    public long Empty { get; set; }

    /// <summary>TCP streams left because of <see cref="DnsLimits.MaxBufferedBytes"/>.</summary>
    public long OverMemory { get; set; }

    /// <summary>Adds another lane's counters.</summary>
    public void Add(DnsStatistics other)
    {
        ArgumentNullException.ThrowIfNull(other);
        Queries += other.Queries;
        Responses += other.Responses;
        Truncated += other.Truncated;
        Malformed += other.Malformed;
        NotDns += other.NotDns;
        TooManyRecords += other.TooManyRecords;
        WithGap += other.WithGap;
        Empty += other.Empty;
        OverMemory += other.OverMemory;
    }
}

/// <summary>Receives DNS messages. Given as a type parameter.</summary>
public interface IDnsHandler
{
    /// <summary>A message that could be read, wholly or in part. Borrowed until the call returns.</summary>
    /// <param name="flow">Its flow.</param>
    /// <param name="message">The message.</param>
    void OnMessage(Flow flow, in DnsMessage message);
}

/// <summary>
/// What the DNS messages of one lane share: limits, counters, the memory budget; and the way in for UDP. Belongs to one thread.
/// </summary>
public sealed class DnsObserver
{
    /// <summary>Creates the shared part.</summary>
    public DnsObserver(DnsLimits? limits = null)
    {
        Limits = limits ?? DnsLimits.Default;
        Budget = new WireBudget(Limits.MaxBufferedBytes);
    }

    /// <summary>The limits.</summary>
    public DnsLimits Limits { get; }

    /// <summary>The counters.</summary>
    public DnsStatistics Statistics { get; } = new();

    internal WireBudget Budget { get; }

    /// <summary>Whether DNS (53), multicast DNS (5353) or LLMNR (5355) is expected on a port.</summary>
    public static bool IsDnsPort(ushort port) => port is 53 or 5353 or 5355;

    /// <summary>Whether DNS is expected in a flow.</summary>
    public static bool IsDnsFlow(in FlowKey key) => IsDnsPort(key.PortA) || IsDnsPort(key.PortZ);

    /// <summary>Takes one message: the payload of a datagram.</summary>
    /// <param name="flow">Its flow.</param>
    /// <param name="payload">The message.</param>
    /// <param name="isCut">The capture holds less than was on the wire.</param>
    /// <param name="handler">The receiver.</param>
    public void OnDatagram<THandler>(Flow flow, ReadOnlySpan<byte> payload, bool isCut, ref THandler handler)
        where THandler : IDnsHandler, allows ref struct
    {
        if (!TryRead(flow, payload, isCut, ref handler))
            Statistics.NotDns++;
    }

    /// <summary>Reads one message and passes it on; false if it is none.</summary>
    internal bool TryRead<THandler>(Flow flow, ReadOnlySpan<byte> payload, bool isCut, ref THandler handler)
        where THandler : IDnsHandler, allows ref struct
    {
        DnsMessage message = DnsMessage.Read(payload, isCut, Limits);
        switch (message.Status)
        {
            case DnsMessageStatus.NotDns:
                return false;
            case DnsMessageStatus.Truncated:
                Statistics.Truncated++;
                break;
            case DnsMessageStatus.Malformed:
                Statistics.Malformed++;
                break;
            case DnsMessageStatus.TooManyRecords:
                Statistics.TooManyRecords++;
                break;
        }

        if (message.IsResponse)
            Statistics.Responses++;
        else
            Statistics.Queries++;
        handler.OnMessage(flow, in message);
        flow.Messages++;
        return true;
    }
}
