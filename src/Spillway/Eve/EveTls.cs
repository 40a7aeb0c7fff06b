using System.Globalization;
using System.Text;
using System.Text.Json;
using Spillway.Net.Protocols;
using Spillway.Net.Protocols.Tls;
using Spillway.Net.Protocols.Tls.Certificates;

namespace Spillway.Eve;

/// <summary>What one handshake has shown, until its end; and the object <c>tls</c>.</summary>
internal sealed class EveTls
{
    private const int MaxNameBytes = 1024;

    private readonly WireTextBuilder _ja3 = new(256);
    private readonly WireTextBuilder _ja3s = new(64);
    private byte[] _serverName = [];
    private ushort _version;
    private bool _hasClient;

    /// <summary>The server's certificate; null if none was in the clear.</summary>
    public CertificateDetails? Certificate { get; set; }

    /// <summary>Of a session, begun if it is new.</summary>
    public static EveTls Of(TlsSession session)
    {
        if (session.Consumer is EveTls known)
            return known;
        var tls = new EveTls();
        session.Consumer = tls;
        return tls;
    }

    /// <summary>Takes what a client hello shows.</summary>
    public void Note(in TlsClientHello hello)
    {
        if (_hasClient)
            return; // after a HelloRetryRequest: the first one is what fingerprints are made of
        _hasClient = true;
        ReadOnlySpan<byte> name = hello.ServerName;
        _serverName = name[..Math.Min(name.Length, MaxNameBytes)].ToArray();
        TlsFingerprint.WriteJa3Text(in hello, _ja3.Clear());
    }

    /// <summary>Takes what a server hello shows.</summary>
    public void Note(in TlsServerHello hello, ushort version)
    {
        _version = version;
        TlsFingerprint.WriteJa3sText(in hello, _ja3s.Clear());
    }

    /// <summary>Writes <c>tls</c>.</summary>
    public void Write(EveLine line)
    {
        Utf8JsonWriter json = line.Json;
        json.WriteStartObject("tls"u8);
        if (Certificate is { } certificate)
        {
            line.Text("subject"u8, certificate.Subject.CommaSeparated);
            line.Text("issuerdn"u8, certificate.Issuer.CommaSeparated);
            line.Text("serial"u8, Colons(certificate.SerialNumber.ToUpperInvariant()));
            line.Text("fingerprint"u8, Colons(certificate.Sha1));
        }

        line.Text("sni"u8, _serverName);
        if (_version != 0)
            json.WriteString("version"u8, TlsVersion.NameOf(_version));
        if (Certificate is { IsReadable: true } valid)
        {
            json.WriteString("notbefore"u8, valid.NotBefore.ToString("yyyy-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture));
            json.WriteString("notafter"u8, valid.NotAfter.ToString("yyyy-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture));
        }

        if (_hasClient)
            Fingerprint(json, "ja3"u8, _ja3);
        if (_version != 0)
            Fingerprint(json, "ja3s"u8, _ja3s);
        json.WriteEndObject();
    }

    private static void Fingerprint(Utf8JsonWriter json, ReadOnlySpan<byte> name, WireTextBuilder text)
    {
        json.WriteStartObject(name);
        json.WriteString("hash"u8, TlsFingerprint.HashOf(text.Text));
        json.WriteString("string"u8, text.Text);
        json.WriteEndObject();
    }

    private static string Colons(string hex)
    {
        var text = new StringBuilder(hex.Length * 3 / 2);
        for (int i = 0; i + 1 < hex.Length; i += 2)
            text.Append(i == 0 ? "" : ":").Append(hex, i, 2);
        return text.ToString();
    }
}
