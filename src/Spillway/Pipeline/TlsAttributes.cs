using System.Globalization;
using System.Text;
using Spillway.Net.Flows;
using Spillway.Net.Protocols.Tls;
using Spillway.Net.Protocols.Tls.Certificates;
using Spillway.Scripting;

namespace Spillway.Pipeline;

/// <summary>Flow attributes that TLS handshakes give (script API, section 6).</summary>
internal static class TlsAttributes
{
    /// <summary>Whether any script takes attributes of a session's flow.</summary>
    public static bool IsWanted(ScriptHost scripts, TlsSession session) =>
        scripts.ReadsAttributes && session.Flow.Consumer is FlowConsumer { Scripts.Reassembly: not 0 };

    /// <summary><c>TLS:RECORD</c>: a record with its header.</summary>
    public static void PublishRecord(ScriptHost scripts, TlsSession session, ReadOnlySpan<byte> record) =>
        Publish(scripts, session, "TLS:RECORD"u8, record);

    /// <summary><c>TLS:SNI</c>: the server name the client asks for.</summary>
    public static void PublishServerName(ScriptHost scripts, TlsSession session, ReadOnlySpan<byte> name)
    {
        if (!name.IsEmpty)
            Publish(scripts, session, "TLS:SNI"u8, name);
    }

    /// <summary><c>TLS:JA4</c>, the client's fingerprint, and <c>TLS:ALPN</c>, what it offers; both are kept with the flow too.</summary>
    public static void SetClient(ScriptHost scripts, TlsSession session, in TlsClientHello hello)
    {
        Span<byte> ja4 = stackalloc byte[Ja4.Length];
        Ja4.Write(in hello, ja4);
        session.Flow.SetAttribute("JA4"u8, ja4);
        Span<byte> alpn = stackalloc byte[Flow.MaxAttributeValueBytes];
        alpn = alpn[..hello.WriteAlpn(alpn)];
        if (!alpn.IsEmpty)
            session.Flow.SetAttribute("ALPN"u8, alpn);
        if (!scripts.ReadsAttributes)
            return;
        Publish(scripts, session, "TLS:JA4"u8, ja4);
        if (!alpn.IsEmpty)
            Publish(scripts, session, "TLS:ALPN"u8, alpn);
    }

    /// <summary><c>TLS:ALPN:SERVER</c>: the protocol that the server has chosen, in TLS up to 1.2.</summary>
    public static void SetServer(ScriptHost scripts, TlsSession session, in TlsServerHello hello)
    {
        ReadOnlySpan<byte> chosen = hello.Alpn;
        if (chosen.IsEmpty)
            return;
        session.Flow.SetAttribute("ALPN:SERVER"u8, chosen);
        if (scripts.ReadsAttributes)
            Publish(scripts, session, "TLS:ALPN:SERVER"u8, chosen);
    }

    /// <summary>
    /// <c>TLS:SUBJECT</c>, <c>TLS:ISSUER</c>, <c>TLS:SAN</c> of the server's certificate, <c>TLS:CLIENT:SUBJECT</c> and so on of the
    /// client's. Subject and issuer are kept with the flow too.
    /// </summary>
    public static void SetCertificate(ScriptHost scripts, TlsSession session, StreamDirection direction, CertificateDetails certificate)
    {
        if (!certificate.IsReadable)
            return;
        bool isClients = direction == StreamDirection.ClientToServer;
        byte[] subject = Encoding.UTF8.GetBytes(certificate.Subject.CommaSeparated),
            issuer = Encoding.UTF8.GetBytes(certificate.Issuer.CommaSeparated);
        if (subject.Length > 0)
            session.Flow.SetAttribute(isClients ? "CLIENT:SUBJECT"u8 : "SUBJECT"u8, subject);
        if (issuer.Length > 0)
            session.Flow.SetAttribute(isClients ? "CLIENT:ISSUER"u8 : "ISSUER"u8, issuer);
        if (!IsWanted(scripts, session))
            return;
        Publish(scripts, session, isClients ? "TLS:CLIENT:SUBJECT"u8 : "TLS:SUBJECT"u8, subject);
        Publish(scripts, session, isClients ? "TLS:CLIENT:ISSUER"u8 : "TLS:ISSUER"u8, issuer);
        foreach (string name in certificate.AlternativeNames)
            PublishText(scripts, session, isClients ? "TLS:CLIENT:SAN"u8 : "TLS:SAN"u8, name);
    }

    /// <summary><c>TLS:CIPHER</c>: the agreed suite as four upper-case hex digits.</summary>
    public static void PublishCipher(ScriptHost scripts, TlsSession session)
    {
        Span<byte> digits = stackalloc byte[4];
        session.CipherSuite.TryFormat(digits, out _, "X4", CultureInfo.InvariantCulture);
        Publish(scripts, session, "TLS:CIPHER"u8, digits);
    }

    /// <summary><c>TLS:O</c>: whose certificate it is; <c>TLS:CA:INTER</c> and <c>TLS:CA:ROOT</c>: each authority of the chain.</summary>
    public static void PublishCertificates(ScriptHost scripts, TlsSession session, IReadOnlyList<CertificateDetails> chain)
    {
        if (!IsWanted(scripts, session))
            return;
        PublishText(scripts, session, "TLS:O"u8, chain[0].Subject.Owner);
        foreach ((CertificateName name, bool isRoot) in CertificateRecords.Authorities(chain))
            PublishText(scripts, session, isRoot ? "TLS:CA:ROOT"u8 : "TLS:CA:INTER"u8, name.Authority);
    }

    private static void PublishText(ScriptHost scripts, TlsSession session, ReadOnlySpan<byte> name, string text)
    {
        if (text.Length > 0)
            Publish(scripts, session, name, Encoding.UTF8.GetBytes(text));
    }

    private static void Publish(ScriptHost scripts, TlsSession session, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        if (session.Flow.Consumer is FlowConsumer { Scripts: { } interest })
            scripts.OnAttribute(session.Flow, interest, name, value);
    }
}
