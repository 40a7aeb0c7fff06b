using System.Globalization;
using Spillway.Metrics.Traffic;

namespace Spillway.Metrics.Thresholds;

/// <summary>What a threshold is about.</summary>
public enum ThresholdKind : byte
{
    /// <summary>Bytes of a host in a period.</summary>
    Bytes,

    /// <summary>Connections of a host that begin in a period.</summary>
    Connections,

    /// <summary>A host that the store has never seen.</summary>
    NewHost,

    /// <summary>The share of a client's answers that say that the name does not exist (NXDOMAIN, RFC 8020), in a period.</summary>
    NoSuchName,
}

/// <summary>Which bytes of a host count.</summary>
public enum ThresholdDirection : byte
{
    /// <summary>Both directions.</summary>
    Total,

    /// <summary>Those it has sent.</summary>
    Sent,

    /// <summary>Those it has received.</summary>
    Received,
}

/// <summary>One line of a file of thresholds. Immutable.</summary>
/// <param name="Text">The line, by which a rule is known again when its file is read anew.</param>
public sealed record ThresholdRule(string Text)
{
    /// <summary>What it is about.</summary>
    public ThresholdKind Kind { get; init; }

    /// <summary>Its id, the signature of its alerts; one in all files.</summary>
    public long Id { get; init; }

    /// <summary>An alert is raised above this: bytes, connections, or a share from 0 to 1.</summary>
    public double Above { get; init; }

    /// <summary>It is cleared after <see cref="CalmPeriods"/> periods in a row that are not above this.</summary>
    public double Clear { get; init; }

    /// <summary>How many calm periods clear an alert; 1 or more.</summary>
    public int CalmPeriods { get; init; } = 2;

    /// <summary>How long is counted, in seconds: a multiple of the windows' length; 0 is one window.</summary>
    public int Seconds { get; init; }

    /// <summary>Which bytes count.</summary>
    public ThresholdDirection Direction { get; init; }

    /// <summary>Answers that a client must have got in a period for their share to say something.</summary>
    public long Least { get; init; } = 20;

    /// <summary>From the first packet in the store on, new hosts are learned in silence for so many seconds.</summary>
    public int LearnSeconds { get; init; }

    /// <summary>Priority of its alerts: 1 high, 2 medium, 3 low.</summary>
    public int Priority { get; init; } = 2;

    /// <summary>The message of its alerts, always the same.</summary>
    public string Name { get; init; } = "";

    /// <summary>Hosts it is about; null for all.</summary>
    public AddressList? Hosts { get; init; }

    /// <summary>Whether it is about one's own networks only (true), others only (false), or both (null).</summary>
    public bool? AreHome { get; init; }

    /// <summary>Hosts it is not about; null for none.</summary>
    public AddressList? Except { get; init; }

    /// <summary>Where it stands: <c>file:line</c>.</summary>
    public string Place { get; init; } = "";

    /// <summary>The mark as it was given.</summary>
    public string AboveText { get; init; } = "";

    /// <summary>Whether it is about a host.</summary>
    public bool IsAbout(UInt128 address, byte version, HomeNetworks home)
    {
        ArgumentNullException.ThrowIfNull(home);
        return (Hosts is null || Hosts.Contains(address, version))
            && (AreHome is not { } areHome || home.Contains(address, version) == areHome)
            && (Except is null || !Except.Contains(address, version));
    }

    /// <summary>A value of it, for people.</summary>
    public string TextOf(double value) =>
        Kind switch
        {
            ThresholdKind.Bytes => string.Create(CultureInfo.InvariantCulture, $"{value:N0} bytes"),
            ThresholdKind.Connections => string.Create(CultureInfo.InvariantCulture, $"{value:N0} new connections"),
            _ => string.Create(CultureInfo.InvariantCulture, $"{value * 100:0.#} % of answers NXDOMAIN"),
        };
}
