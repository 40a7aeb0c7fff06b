using System.Runtime.CompilerServices;

namespace Spillway.Net.Protocols.Ftp;

/// <summary>Limits of the FTP observer. Immutable.</summary>
public sealed record FtpLimits
{
    private readonly int _maxLineBytes = 4096;
    private readonly int _maxExpectedConnections = 4096;
    private readonly TimeSpan _maxWait = TimeSpan.FromMinutes(5);
    private readonly long _maxBufferedBytes = 8L << 20;

    /// <summary>The limits used when nothing is said.</summary>
    public static FtpLimits Default { get; } = new();

    /// <summary>
    /// Bytes of a command or a line of a reply. Default 4 KiB; 512 bytes to 1 MiB. Of a longer line the beginning counts.
    /// </summary>
    public int MaxLineBytes
    {
        get => _maxLineBytes;
        init => _maxLineBytes = (int)InRange(value, 512, 1 << 20);
    }

    /// <summary>Data connections that a lane expects. Default 4,096; 16 to 1,000,000. With more, the oldest is given up.</summary>
    public int MaxExpectedConnections
    {
        get => _maxExpectedConnections;
        init => _maxExpectedConnections = (int)InRange(value, 16, 1_000_000);
    }

    /// <summary>How long a data connection is expected, by packet time. Default 5 min; 1 s to 1 day.</summary>
    public TimeSpan MaxWait
    {
        get => _maxWait;
        init => _maxWait = TimeSpan.FromTicks(InRange(value.Ticks, TimeSpan.TicksPerSecond, TimeSpan.TicksPerDay));
    }

    /// <summary>
    /// Bytes that unfinished lines of all control connections of a lane may hold. Default 8 MiB; 64 KiB to 1 GiB. What does not fit is left
    /// out.
    /// </summary>
    public long MaxBufferedBytes
    {
        get => _maxBufferedBytes;
        init => _maxBufferedBytes = InRange(value, 64 << 10, 1L << 30);
    }

    private static long InRange(long value, long low, long high, [CallerMemberName] string name = "") =>
        value >= low && value <= high
            ? value
            : throw new ArgumentOutOfRangeException(name, value, $"{name} must be between {low} and {high}.");
}

/// <summary>Counters of the FTP connections of one lane. Plain numbers, one thread.</summary>
public sealed class FtpStatistics
{
    /// <summary>Control connections in which FTP was recognised.</summary>
    public long Connections { get; set; }

    /// <summary>Connections that were looked at and show no FTP.</summary>
    public long NotFtp { get; set; }

    /// <summary>Data connections that were expected.</summary>
    public long Expected { get; set; }

    /// <summary>Of these, those to or from an address that is neither end of the control connection.</summary>
    public long Foreign { get; set; }

    /// <summary>Data connections that were found.</summary>
    public long DataConnections { get; set; }

    /// <summary>
    /// Connections to the end of an expected one that came from another address than the other end of the control connection: they are not
    /// taken for it.
    /// </summary>
    public long Refused { get; set; }

    /// <summary>Expected ones that did not come within <see cref="FtpLimits.MaxWait"/>.</summary>
    public long Expired { get; set; }

    /// <summary>Expected ones given up because of <see cref="FtpLimits.MaxExpectedConnections"/>.</summary>
    public long ExpectedDropped { get; set; }

    /// <summary>Addresses in commands and replies that could not be read.</summary>
    public long BadAddresses { get; set; }

    /// <summary>Control connections that turned to TLS (AUTH).</summary>
    public long StartTls { get; set; }

    /// <summary>Adds another lane's counters.</summary>
    public void Add(FtpStatistics other)
    {
        ArgumentNullException.ThrowIfNull(other);
        Connections += other.Connections;
        NotFtp += other.NotFtp;
        Expected += other.Expected;
        Foreign += other.Foreign;
        DataConnections += other.DataConnections;
        Refused += other.Refused;
        Expired += other.Expired;
        ExpectedDropped += other.ExpectedDropped;
        BadAddresses += other.BadAddresses;
        StartTls += other.StartTls;
    }
}

/// <summary>
/// What the FTP connections of one lane share: limits, counters, and the data connections that are expected. Belongs to one thread.
/// </summary>
public sealed class FtpObserver
{
    /// <summary>Creates the shared part.</summary>
    public FtpObserver(FtpLimits? limits = null)
    {
        Limits = limits ?? FtpLimits.Default;
        Budget = new WireBudget(Limits.MaxBufferedBytes);
        Expected = new FtpExpectedConnections(Limits, Statistics);
    }

    /// <summary>The limits.</summary>
    public FtpLimits Limits { get; }

    /// <summary>The counters.</summary>
    public FtpStatistics Statistics { get; } = new();

    /// <summary>Whether anybody wants commands with their replies. Set before the first packet.</summary>
    public bool TakesExchanges { get; set; }

    /// <summary>The data connections that are expected.</summary>
    public FtpExpectedConnections Expected { get; }

    internal WireBudget Budget { get; }
}
