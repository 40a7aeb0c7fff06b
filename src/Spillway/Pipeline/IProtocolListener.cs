using Spillway.Net.Flows;
using Spillway.Net.Protocols.Dns;
using Spillway.Net.Protocols.Tls;
using Spillway.Net.Protocols.Tls.Certificates;

namespace Spillway.Pipeline;

/// <summary>
/// Takes what the observers of TLS and DNS find, for records and counters. Called on the lane's thread between the packets' stages; views
/// are borrowed until the call returns. Set as <see cref="StreamProtocols.Listener"/>.
/// </summary>
internal interface IProtocolListener
{
    /// <summary>Whether it takes what TLS shows; must not change during a run.</summary>
    bool TakesTls { get; }

    /// <summary>Whether it takes DNS messages; must not change during a run.</summary>
    bool TakesDns { get; }

    /// <summary>A client hello: server name, versions, fingerprints (<see cref="TlsFingerprint"/>).</summary>
    void OnTlsClientHello(TlsSession session, in TlsClientHello hello);

    /// <summary>A server hello, no HelloRetryRequest: version and cipher suite are agreed.</summary>
    void OnTlsServerHello(TlsSession session, in TlsServerHello hello);

    /// <summary>A chain of certificates, the sender's own first; never empty.</summary>
    void OnTlsCertificates(TlsSession session, StreamDirection direction, IReadOnlyList<CertificateDetails> chain);

    /// <summary>Nothing more will come of a session: its streams are encrypted now, or have ended.</summary>
    void OnTlsHandshakeEnd(TlsSession session) { }

    /// <summary>A DNS message.</summary>
    void OnDnsMessage(Flow flow, in DnsMessage message);
}
