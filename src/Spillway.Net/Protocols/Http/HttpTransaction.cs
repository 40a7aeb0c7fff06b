using Spillway.Net.Flows;

namespace Spillway.Net.Protocols.Http;

/// <summary>A request and its response on one connection. Either may be missing.</summary>
public sealed class HttpTransaction
{
    /// <summary>Creates a transaction.</summary>
    public HttpTransaction(Flow flow, long number)
    {
        Flow = flow;
        Number = number;
    }

    /// <summary>The connection.</summary>
    public Flow Flow { get; }

    /// <summary>Serial number in the connection, from 0.</summary>
    public long Number { get; }

    /// <summary>The request's header, if it was seen.</summary>
    public HttpHeader? Request { get; set; }

    /// <summary>The final response's header, if it was seen.</summary>
    public HttpHeader? Response { get; set; }

    /// <summary>
    /// False makes the observer skip the request's body: framing is followed, nothing is decoded or delivered. May change at any time.
    /// </summary>
    public bool WantsRequestBody { get; set; } = true;

    /// <summary>False makes the observer skip the response's body.</summary>
    public bool WantsResponseBody { get; set; } = true;

    /// <summary>What is done about codings of the request's body. Final at the message's end.</summary>
    public HttpCoding RequestCoding { get; internal set; }

    /// <summary>What is done about codings of the response's body. Final at the message's end.</summary>
    public HttpCoding ResponseCoding { get; internal set; }

    /// <summary>State of the consumer (file extraction, scripts).</summary>
    public object? Consumer { get; set; }

    // Links and marks of the connection: the transactions that wait for a response are a list through the transactions themselves.
    internal HttpTransaction? Next { get; set; }

    /// <summary>Offset of the request's first byte in its stream.</summary>
    internal long Start { get; init; }

    /// <summary>Offset behind the request's header.</summary>
    internal long HeaderEnd { get; init; }

    /// <summary>Offset in the server's stream up to which the client had received all when it sent the request's first byte.</summary>
    internal long Acknowledged { get; init; }

    /// <summary>
    /// The client had received something between the byte before the request and the request: it had no other request open then.
    /// </summary>
    internal bool OpensRound { get; init; }

    /// <summary>Requests may be missing between this one and the one before it.</summary>
    internal bool IsAfterGap { get; set; }

    internal bool RequestEnded { get; set; }

    internal bool ResponseEnded { get; set; }
}

/// <summary>What was done about the codings that a message's header names.</summary>
public enum HttpCoding : byte
{
    /// <summary>No coding is named, or the body was not looked at.</summary>
    None,

    /// <summary>All codings are undone.</summary>
    Decoded,

    /// <summary>A coding is unknown (zstd, compress, ...): the content is delivered still in it.</summary>
    Unknown,

    /// <summary>The content is not in the coding that the header names, and is delivered as sent.</summary>
    Mismatch,
}
