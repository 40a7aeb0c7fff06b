using Spillway.Net.Flows;

namespace Spillway.Net.Protocols.Tls;

/// <summary>What the handshake of one connection has shown so far. Lives as long as its <c>TlsConnection</c>.</summary>
public sealed class TlsSession
{
    internal TlsSession(Flow flow) => Flow = flow;

    /// <summary>The flow.</summary>
    public Flow Flow { get; }

    /// <summary>The version both agreed on, as on the wire (0x0303 is TLS 1.2, 0x0304 is TLS 1.3); 0 before the server hello.</summary>
    public ushort Version { get; internal set; }

    /// <summary>The cipher suite both agreed on (IANA's number); 0 before the server hello.</summary>
    public ushort CipherSuite { get; internal set; }

    /// <summary>True if content shows that client and server are the other way round than the directions given to the connection.</summary>
    public bool IsReversed { get; internal set; }

    /// <summary>JA3 of the last client hello, if a handler has worked it out for those behind it; null else.</summary>
    public string? Ja3 { get; set; }

    /// <summary>State of the handler. The observer does not look at it.</summary>
    public object? Consumer { get; set; }
}
