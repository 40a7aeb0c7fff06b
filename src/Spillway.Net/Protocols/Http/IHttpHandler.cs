using Spillway.Net.Flows;

namespace Spillway.Net.Protocols.Http;

/// <summary>
/// Receives what an <c>HttpConnection</c> observes, in the order of the wire. Given as a type parameter. Spans and messages are borrowed
/// until the call returns, except that <see cref="HttpTransaction"/> lives until <see cref="OnTransactionEnd"/>.
/// </summary>
public interface IHttpHandler
{
    /// <summary>A request's header is complete. For each transaction at most once, before anything else of it.</summary>
    void OnRequestHeader(HttpTransaction transaction);

    /// <summary>A final response's header (not 1xx) is complete. The transaction may have no request, if that was not seen.</summary>
    void OnResponseHeader(HttpTransaction transaction);

    /// <summary>Content of a message, after transfer and content decoding. Not called for messages without a body.</summary>
    /// <param name="transaction">The transaction.</param>
    /// <param name="direction">Whose body it is.</param>
    /// <param name="offset">Offset of the first byte in the decoded content.</param>
    /// <param name="data">The bytes; never empty.</param>
    void OnBody(HttpTransaction transaction, StreamDirection direction, long offset, ReadOnlySpan<byte> data);

    /// <summary>The message has ended: after the last <see cref="OnBody"/>, or straight after the header if there is no body.</summary>
    /// <param name="transaction">The transaction.</param>
    /// <param name="direction">Whose message it is.</param>
    /// <param name="length">Length of the decoded content.</param>
    /// <param name="end">How it ended.</param>
    void OnMessageEnd(HttpTransaction transaction, StreamDirection direction, long length, HttpBodyEnd end);

    /// <summary>Nothing more will come of this transaction.</summary>
    void OnTransactionEnd(HttpTransaction transaction);
}

/// <summary>How a message's body ended.</summary>
public enum HttpBodyEnd : byte
{
    /// <summary>As its framing announced.</summary>
    Complete,

    /// <summary>The message cannot have a body, or announced none.</summary>
    NoBody,

    /// <summary>The connection ended before the announced length or last chunk.</summary>
    Truncated,

    /// <summary>Bytes are missing from the capture.</summary>
    Gap,

    /// <summary>The coding or the framing is damaged; what was decoded before is delivered.</summary>
    Corrupt,

    /// <summary>A limit was reached (decoded size).</summary>
    Limit,
}
