namespace Spillway.Net.Tests.Http.Pairing;

/// <summary>How a client sends its requests.</summary>
public enum TalkStyle
{
    /// <summary>The next request when the response is there.</summary>
    OneByOne,

    /// <summary>Several at once, and the next ones when all responses are there.</summary>
    Rounds,

    /// <summary>Some responses are always open: a request for each response that comes.</summary>
    Overlapping,
}

/// <summary>A side of the conversation.</summary>
public enum TalkSide
{
    /// <summary>Client and server.</summary>
    Both,

    /// <summary>The client.</summary>
    Client,

    /// <summary>The server.</summary>
    Server,
}

/// <summary>One connection, and what is done to its capture.</summary>
public sealed record TalkOptions
{
    /// <summary>Seed of all that is random.</summary>
    public required int Seed { get; init; }

    /// <summary>How the client sends.</summary>
    public TalkStyle Style { get; init; }

    /// <summary>Requests.</summary>
    public int Requests { get; init; } = 50;

    /// <summary>Greatest length of a body.</summary>
    public int MaxBody { get; init; } = 6000;

    /// <summary>Probability that a packet is missing from the capture.</summary>
    public double Loss { get; init; }

    /// <summary>Whose packets are missing.</summary>
    public TalkSide LostSide { get; init; }

    /// <summary>How many packets in a row are missing then.</summary>
    public int Burst { get; init; } = 1;

    /// <summary>The handshake is in the capture, whatever else is missing.</summary>
    public bool KeepsHandshake { get; init; }

    /// <summary>How many of the first packets are missing.</summary>
    public int LostAtStart { get; init; }

    /// <summary>Share of the conversation that was over when the capture began.</summary>
    public double JoinAt { get; init; }

    /// <summary>Probability that a segment is sent once more, with a newer acknowledgment.</summary>
    public double Resent { get; init; }

    /// <summary>Probability that a packet is captured up to 2 ms late.</summary>
    public double Reordered { get; init; }

    /// <summary>Probability that a packet is captured twice.</summary>
    public double Duplicates { get; init; }

    /// <summary>Milliseconds by which the server's packets are captured late; negative: early.</summary>
    public double SkewMs { get; init; }

    /// <summary>Milliseconds that the server always takes for an answer.</summary>
    public double ServerMs { get; init; }

    /// <summary>Milliseconds of one way through the network.</summary>
    public double DelayMs { get; init; } = 5;
}

/// <summary>A packet of the conversation.</summary>
public sealed record TalkPacket(
    double TimeMs,
    bool FromClient,
    long Offset,
    long Acknowledged,
    byte[] Data,
    bool IsSyn = false,
    bool IsFin = false
);
