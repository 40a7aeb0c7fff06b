using System.Buffers.Binary;
using System.Text;
using Spillway.Metrics.Shards;
using Spillway.Net.Flows;
using Spillway.Net.Packets;
using Spillway.Net.Protocols.Dns;
using Spillway.Net.Protocols.Tls;
using Spillway.Net.Protocols.Tls.Certificates;

namespace Spillway.Pipeline;

/// <summary>Counts what TLS and DNS show for the built-in groups, and passes everything on. One for each lane, on its thread.</summary>
/// <param name="meters">The groups.</param>
/// <param name="next">Who else takes what is found; null if nobody does.</param>
internal sealed class MeteredProtocols(ApplicationMeter meters, IProtocolListener? next) : IProtocolListener
{
    private const ushort TypeA = 1,
        TypeAaaa = 28,
        ClassInternet = 1;

    private readonly byte[] _text = new byte[Math.Max(DnsName.MaxTextBytes, 255)];

    /// <inheritdoc/>
    public bool TakesTls => true;

    /// <inheritdoc/>
    public bool TakesDns => true;

    /// <inheritdoc/>
    public void OnTlsClientHello(TlsSession session, in TlsClientHello hello)
    {
        meters.OnTlsServerName(session.Flow, hello.ServerName, OffersHttp(in hello));
        if (next is { TakesTls: true })
            next.OnTlsClientHello(session, in hello);
    }

    /// <inheritdoc/>
    public void OnTlsServerHello(TlsSession session, in TlsServerHello hello)
    {
        meters.OnTlsCipher(session.Flow, session.CipherSuite);
        if (next is { TakesTls: true })
            next.OnTlsServerHello(session, in hello);
    }

    /// <inheritdoc/>
    public void OnTlsCertificates(TlsSession session, StreamDirection direction, IReadOnlyList<CertificateDetails> chain)
    {
        if (direction == StreamDirection.ServerToClient)
        {
            meters.OnTlsOrganization(session.Flow, Utf8(chain[0].Subject.Owner));
            foreach ((CertificateName name, bool isRoot) in CertificateRecords.Authorities(chain))
                meters.OnTlsAuthority(Utf8(name.Authority), isRoot);
        }

        if (next is { TakesTls: true })
            next.OnTlsCertificates(session, direction, chain);
    }

    /// <inheritdoc/>
    public void OnTlsHandshakeEnd(TlsSession session)
    {
        if (next is { TakesTls: true })
            next.OnTlsHandshakeEnd(session);
    }

    /// <inheritdoc/>
    public void OnDnsMessage(Flow flow, in DnsMessage message)
    {
        meters.OnDnsMessage(flow, in message);
        if (message.IsResponse && message.ResponseCode == 0)
            LabelHosts(in message);
        if (next is { TakesDns: true })
            next.OnDnsMessage(flow, in message);
    }

    private static bool OffersHttp(in TlsClientHello hello)
    {
        foreach (ReadOnlySpan<byte> protocol in hello.Alpn)
        {
            if (protocol.SequenceEqual("h2"u8) || protocol.SequenceEqual("http/1.1"u8))
                return true;
        }

        return false;
    }

    // The name that was asked for, not the last of a chain of aliases: that is what users and logs call the host.
    private void LabelHosts(in DnsMessage message)
    {
        DnsQuestions questions = message.Questions;
        if (!questions.MoveNext())
            return;
        ReadOnlySpan<byte> name = _text.AsSpan(0, questions.Current.Name.Format(_text));
        foreach (DnsRecord record in message.Records)
        {
            if (record.Section != DnsSection.Answer || record.Class != ClassInternet)
                continue;
            if (record.Type == TypeA && record.Data.Length == 4)
                meters.OnDnsAddress(BinaryPrimitives.ReadUInt32BigEndian(record.Data), 4, name);
            else if (record.Type == TypeAaaa && record.Data.Length == 16)
                meters.OnDnsAddress(FlowKey.ReadIpv6(record.Data), 6, name);
        }
    }

    private ReadOnlySpan<byte> Utf8(string text)
    {
        _ = Encoding.UTF8.TryGetBytes(text.AsSpan(0, Math.Min(text.Length, 63)), _text, out int length);
        return _text.AsSpan(0, length);
    }
}
