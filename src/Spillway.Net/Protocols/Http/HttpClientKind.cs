namespace Spillway.Net.Protocols.Http;

/// <summary>What a client has shown of how it sends requests: after the answers to all earlier ones, or while answers are open.</summary>
internal struct HttpClientKind
{
    // Chance makes some rounds of a client look answered that sends on all the time.
    private const int EnoughAnswered = 1;

    /// <summary>A request was sent while the answer to an earlier one was on its way.</summary>
    public bool IsOverlapping;

    /// <summary>Requests were sent in a row.</summary>
    public bool IsPipelining;

    /// <summary>The connection is seen from its beginning.</summary>
    public bool IsFromStart;

    /// <summary>How often it was seen to send when all earlier requests were answered.</summary>
    public int Rounds;

    /// <summary>How often requests in a row had as many answers before the next request, where it is not known which.</summary>
    public int AnsweredRounds;

    /// <summary>What it had received when it sent the last request.</summary>
    public long Acknowledged;

    /// <summary>Requests, and how often messages were missing on either side.</summary>
    public int Requests;
    public int Losses;

    /// <summary>
    /// Whether a client waits for all answers before it sends on, so that behind a hole it is known what a response answers.
    /// </summary>
    public readonly bool Waits(ref readonly HttpStream client, ref readonly HttpStream server, long requestBytes)
    {
        // Where a tenth of all is missing, too little is seen of a client to know its kind.
        if (IsOverlapping || Losses * 10L > Requests + 10L)
            return false;
        if (Rounds > 0 || AnsweredRounds > EnoughAnswered)
            return true;
        bool hasGap = client.HasGap || server.HasGap;
        if (IsPipelining)
            return AnsweredRounds > 0 && IsFromStart && !hasGap;

        // Nothing has shown yet. Nearly all clients ask one by one; but what is missing must not have been several requests.
        return IsFromStart ? Losses <= 1 && client.GapBytes * 2 <= requestBytes * 3 : !hasGap;
    }
}
