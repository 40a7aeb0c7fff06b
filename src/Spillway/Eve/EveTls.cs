using System.Globalization;
using System.Text;
using System.Text.Json;
using Spillway.Net.Flows;
using Spillway.Net.Protocols;
using Spillway.Net.Protocols.Tls;
using Spillway.Net.Protocols.Tls.Certificates;

namespace Spillway.Eve;

/// <summary>What one handshake has shown, until its end; and the object <c>tls</c>.</summary>
internal sealed class EveTls
{
    private const int MaxNameBytes = 1024;
    private const int MaxAlpns = 32;

    private readonly WireTextBuilder _ja3 = new(256);
    private readonly WireTextBuilder _ja3s = new(64);
    private readonly byte[] _ja4 = new byte[Ja4.Length];
    private readonly List<byte[]> _clientAlpns = [];
    private byte[] _serverAlpn = [];
    private byte[] _serverName = [];
    private ushort _version;
    private bool _hasClient;

    // Of server and client: null if none was in the clear, and where chains are not wanted.
    private CertificateDetails? _certificate,
        _clientCertificate;
    private CertificateDetails[]? _chain,
        _clientChain;

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
        Ja4.Write(in hello, _ja4);
        foreach (ReadOnlySpan<byte> alpn in hello.Alpn)
        {
            if (_clientAlpns.Count == MaxAlpns)
                break;
            _clientAlpns.Add(alpn.ToArray());
        }
    }

    /// <summary>Takes what a server hello shows.</summary>
    public void Note(in TlsServerHello hello, ushort version)
    {
        _version = version;
        TlsFingerprint.WriteJa3sText(in hello, _ja3s.Clear());
        _serverAlpn = hello.Alpn.ToArray();
    }

    /// <summary>Takes certificates of one side, the sender's own first.</summary>
    public void Note(StreamDirection direction, IReadOnlyList<CertificateDetails> chain, bool keepsChain)
    {
        CertificateDetails[]? kept = keepsChain ? [.. chain] : null;
        if (direction == StreamDirection.ServerToClient)
            (_certificate, _chain) = (chain[0], kept);
        else
            (_clientCertificate, _clientChain) = (chain[0], kept);
    }

    /// <summary>Writes <c>tls</c>.</summary>
    public void Write(EveLine line)
    {
        Utf8JsonWriter json = line.Json;
        json.WriteStartObject("tls"u8);
        WriteNames(line, _certificate);
        line.Text("sni"u8, _serverName);
        if (_version != 0)
            json.WriteString("version"u8, TlsVersion.NameOf(_version));
        WriteDetails(line, _certificate, _chain);
        if (_hasClient)
            Fingerprint(json, "ja3"u8, _ja3);
        if (_version != 0)
            Fingerprint(json, "ja3s"u8, _ja3s);
        if (_hasClient)
            json.WriteString("ja4"u8, _ja4);
        if (_clientAlpns.Count > 0)
            WriteList(line, "client_alpns"u8, _clientAlpns);
        if (_serverAlpn.Length > 0)
            WriteList(line, "server_alpns"u8, [_serverAlpn]);
        if (_clientCertificate is not null)
        {
            json.WriteStartObject("client"u8);
            WriteNames(line, _clientCertificate);
            WriteDetails(line, _clientCertificate, _clientChain);
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private static void WriteNames(EveLine line, CertificateDetails? certificate)
    {
        if (certificate is null)
            return;
        line.Text("subject"u8, certificate.Subject.CommaSeparated);
        line.Text("issuerdn"u8, certificate.Issuer.CommaSeparated);
        line.Text("serial"u8, Colons(certificate.SerialNumber.ToUpperInvariant()));
        line.Text("fingerprint"u8, Colons(certificate.Sha1));
    }

    private static void WriteDetails(EveLine line, CertificateDetails? certificate, CertificateDetails[]? chain)
    {
        Utf8JsonWriter json = line.Json;
        if (certificate is { IsReadable: true } valid)
        {
            json.WriteString("notbefore"u8, valid.NotBefore.ToString("yyyy-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture));
            json.WriteString("notafter"u8, valid.NotAfter.ToString("yyyy-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture));
            if (valid.AlternativeNames.Count > 0)
            {
                json.WriteStartArray("subjectaltname"u8);
                foreach (string name in valid.AlternativeNames)
                    json.WriteStringValue(name);
                json.WriteEndArray();
            }
        }

        if (chain is null)
            return;
        json.WriteStartArray("chain"u8);
        foreach (CertificateDetails each in chain)
            json.WriteBase64StringValue(each.Der.Span);
        json.WriteEndArray();
    }

    private static void WriteList(EveLine line, ReadOnlySpan<byte> name, List<byte[]> values)
    {
        line.Json.WriteStartArray(name);
        foreach (byte[] value in values)
            line.TextValue(value);
        line.Json.WriteEndArray();
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
