using Spillway.Net.Flows;

namespace Spillway.Net.Protocols.Tls;

/// <summary>
/// Receives what a <c>TlsConnection</c> observes, in the order of each stream. Given as a type parameter. Spans and views are borrowed
/// until the call returns. Directions are the true ones: the client is who sent the client hello.
/// </summary>
public interface ITlsHandler
{
    /// <summary>A complete record in the clear, before what is told of its content. Never application data.</summary>
    /// <param name="session">The session.</param>
    /// <param name="direction">Who sent it.</param>
    /// <param name="record">The record with its header of 5 bytes.</param>
    void OnRecord(TlsSession session, StreamDirection direction, ReadOnlySpan<byte> record);

    /// <summary>A client hello; a second one follows a HelloRetryRequest.</summary>
    void OnClientHello(TlsSession session, in TlsClientHello hello);

    /// <summary>A server hello or HelloRetryRequest.</summary>
    void OnServerHello(TlsSession session, in TlsServerHello hello);

    /// <summary>A chain of certificates, up to TLS 1.2: the server's, or the client's if it was asked for one.</summary>
    void OnCertificates(TlsSession session, StreamDirection direction, in TlsCertificateChain chain);

    /// <summary>An alert in the clear (RFC 8446, section 6).</summary>
    /// <param name="session">The session.</param>
    /// <param name="direction">Who sent it.</param>
    /// <param name="level">1 warning, 2 fatal.</param>
    /// <param name="description">What it says.</param>
    void OnAlert(TlsSession session, StreamDirection direction, byte level, byte description);

    /// <summary>Nothing more will come: both streams are encrypted now, or have ended.</summary>
    void OnHandshakeEnd(TlsSession session);
}
