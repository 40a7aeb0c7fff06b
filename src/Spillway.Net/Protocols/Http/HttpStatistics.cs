namespace Spillway.Net.Protocols.Http;

/// <summary>
/// Counters of the HTTP connections of one lane. Plain numbers: one thread writes them, and they are merged at a window's end.
/// </summary>
public sealed class HttpStatistics
{
    /// <summary>Connections in which HTTP was recognised.</summary>
    public long Connections { get; set; }

    /// <summary>Connections given up because they showed no HTTP.</summary>
    public long NotHttp { get; set; }

    /// <summary>Connections that left HTTP by CONNECT or 101.</summary>
    public long Tunnels { get; set; }

    /// <summary>Connections whose first guess of client and server was turned round by their content.</summary>
    public long RolesReversed { get; set; }

    /// <summary>Request headers.</summary>
    public long Requests { get; set; }

    /// <summary>Final response headers.</summary>
    public long Responses { get; set; }

    /// <summary>Interim (1xx) responses.</summary>
    public long Interim { get; set; }

    /// <summary>Requests that ended without a response.</summary>
    public long Unanswered { get; set; }

    /// <summary>Responses for which no request was seen.</summary>
    public long Unrequested { get; set; }

    /// <summary>Requests left without their response because <see cref="HttpLimits.MaxOutstandingRequests"/> waited.</summary>
    public long OutstandingDropped { get; set; }

    /// <summary>Body bytes delivered, after decoding.</summary>
    public long BodyBytes { get; set; }

    /// <summary>Bytes that belonged to no message and were skipped.</summary>
    public long GarbageBytes { get; set; }

    /// <summary>Times a stream lost step and looked for the next start line.</summary>
    public long Resynchronisations { get; set; }

    /// <summary>Bytes missing from the capture, as far as told by the reassembler.</summary>
    public long MissingBytes { get; set; }

    /// <summary>Header blocks over <see cref="HttpLimits.MaxHeaderBytes"/>.</summary>
    public long HeadersTooLong { get; set; }

    /// <summary>Header blocks cut by a gap or the end of the connection.</summary>
    public long HeadersCut { get; set; }

    /// <summary>Header fields over <see cref="HttpLimits.MaxHeaderFields"/>.</summary>
    public long FieldsDropped { get; set; }

    /// <summary>Header lines without a colon or with an empty name.</summary>
    public long MalformedLines { get; set; }

    /// <summary>Content-Length values that are no length, overflow, or contradict each other.</summary>
    public long BadLengths { get; set; }

    /// <summary>Messages whose chunk framing was broken.</summary>
    public long BadChunks { get; set; }

    /// <summary>Bodies ended by the connection before their announced end.</summary>
    public long Truncated { get; set; }

    /// <summary>Bodies with missing bytes.</summary>
    public long WithGap { get; set; }

    /// <summary>Bodies whose framing or coding was damaged.</summary>
    public long Corrupt { get; set; }

    /// <summary>Bodies cut at <see cref="HttpLimits.MaxDecodedBodyBytes"/> or <see cref="HttpLimits.MaxExpansionRatio"/>.</summary>
    public long Limited { get; set; }

    /// <summary>Bodies delivered as sent because a coding is not known.</summary>
    public long UnknownCodings { get; set; }

    /// <summary>Bodies delivered as sent because they are not in the coding their header names.</summary>
    public long WrongCodings { get; set; }

    /// <summary>Adds another lane's counters.</summary>
    public void Add(HttpStatistics other)
    {
        ArgumentNullException.ThrowIfNull(other);
        Connections += other.Connections;
        NotHttp += other.NotHttp;
        Tunnels += other.Tunnels;
        RolesReversed += other.RolesReversed;
        Requests += other.Requests;
        Responses += other.Responses;
        Interim += other.Interim;
        Unanswered += other.Unanswered;
        Unrequested += other.Unrequested;
        OutstandingDropped += other.OutstandingDropped;
        BodyBytes += other.BodyBytes;
        GarbageBytes += other.GarbageBytes;
        Resynchronisations += other.Resynchronisations;
        MissingBytes += other.MissingBytes;
        HeadersTooLong += other.HeadersTooLong;
        HeadersCut += other.HeadersCut;
        FieldsDropped += other.FieldsDropped;
        MalformedLines += other.MalformedLines;
        BadLengths += other.BadLengths;
        BadChunks += other.BadChunks;
        Truncated += other.Truncated;
        WithGap += other.WithGap;
        Corrupt += other.Corrupt;
        Limited += other.Limited;
        UnknownCodings += other.UnknownCodings;
        WrongCodings += other.WrongCodings;
    }
}
