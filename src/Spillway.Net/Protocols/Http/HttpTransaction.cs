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

    /// <summary>False makes the observer skip the request's body: framing is followed, nothing is decoded or delivered.</summary>
    public bool WantsRequestBody { get; set; } = true;

    /// <summary>False makes the observer skip the response's body.</summary>
    public bool WantsResponseBody { get; set; } = true;

    /// <summary>State of the consumer (file extraction, scripts).</summary>
    public object? Consumer { get; set; }
}
