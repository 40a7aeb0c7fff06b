using System.Globalization;
using System.Text;
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
