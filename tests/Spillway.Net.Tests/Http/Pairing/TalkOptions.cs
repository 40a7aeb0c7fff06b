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

    /// <summary>Probability that a packet is captured twice.</summary>
    public double Duplicates { get; init; }

    /// <summary>Milliseconds by which the server's packets are captured late; negative: early.</summary>
    public double SkewMs { get; init; }

    /// <summary>Milliseconds of one way through the network.</summary>
    public double DelayMs { get; init; } = 5;
}

/// <summary>A packet of the conversation.</summary>
public sealed record TalkPacket(double TimeMs, bool FromClient, long Offset, long Acknowledged, byte[] Data, bool IsSyn = false, bool IsFin = false);
