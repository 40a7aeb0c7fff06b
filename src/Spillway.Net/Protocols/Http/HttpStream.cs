using Spillway.Net.Flows;

namespace Spillway.Net.Protocols.Http;

/// <summary>Who sends on a stream, as far as its content has shown.</summary>
internal enum HttpRole : byte
{
    Unknown,
    Client,
    Server,
}

/// <summary>Where a stream stands.</summary>
internal enum HttpStreamState : byte
{
    /// <summary>A message begins here.</summary>
    Start,

    /// <summary>In a header block, the start line of which is known to be one.</summary>
    Header,

    /// <summary>In a body with a known length.</summary>
    Length,

    /// <summary>In a chunked body.</summary>
    Chunked,

    /// <summary>In a body that ends with the connection.</summary>
    UntilClose,

    /// <summary>Behind a response that must not have a body, and announces one; the next bytes show whether it is there.</summary>
    Doubtful,

    /// <summary>Behind a CONNECT request: what comes is not HTTP, unless the proxy refuses.</summary>
    Tunnel,

    /// <summary>Out of step; looking for a start line.</summary>
    Lost,
}

/// <summary>
/// One direction of an HTTP connection: a part of <see cref="HttpConnection{THandler}"/>, used in place. There may be a million: what only a message
/// needs is lent while there is one.
/// </summary>
internal struct HttpStream
{
    public HttpRole Role;
    public HttpStreamState State;

    /// <summary>Which of the two it is: the one from client to server by the directions given.</summary>
    public bool IsOut;

    public bool Ended;

    /// <summary>True if messages may have been missed since the last one that was seen.</summary>
    public bool MissedMessages;

    /// <summary>The message that the stream is in; null between two.</summary>
    public HttpMessage? Message;

    /// <summary>The transaction whose body is being read.</summary>
    public readonly HttpTransaction? Current => Message?.Transaction;

    /// <summary>Bytes of a header that came in pieces.</summary>
    public readonly int PendingLength => Message?.PendingLength ?? 0;

    /// <summary>The true direction: by role, where that is known.</summary>
    public readonly StreamDirection Direction => Role == HttpRole.Client ? StreamDirection.ClientToServer : StreamDirection.ServerToClient;

    /// <summary>Begins a message, unless the stream is in one.</summary>
    public HttpMessage BeginMessage(HttpObserver observer) => Message ??= observer.LendMessage();

    /// <summary>Gives back what was lent for the message.</summary>
    public void DropMessage(HttpObserver observer)
    {
        if (Message is null) return;
        observer.Return(Message);
        Message = null;
    }
}
