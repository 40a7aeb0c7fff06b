using System.Text;
using Spillway.Metrics.Shards;
using Spillway.Net.Flows;
using Spillway.Net.Protocols;
using Spillway.Net.Protocols.Dns;
using Spillway.Net.Protocols.Http;
using Spillway.Net.Protocols.Tls;
using Spillway.Net.Protocols.Tls.Certificates;

namespace Spillway.Pipeline;

/// <summary>Kinds of full-text documents that the program itself writes (script API, section 4.12).</summary>
[Flags]
internal enum DocumentKinds
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>DNS messages.</summary>
    Dns = 1,

    /// <summary>Chains of certificates.</summary>
    Tls = 2,

    /// <summary>Header blocks of HTTP.</summary>
    Http = 4,

    /// <summary>All.</summary>
    All = Dns | Tls | Http,
}

/// <summary>
/// Writes what the protocol observers find as documents of the well-known groups, and passes everything on. One for each lane, on its
/// thread.
/// </summary>
/// <param name="metrics">Takes the documents.</param>
/// <param name="kinds">What is written.</param>
/// <param name="next">Who else takes what is found; null if nobody does.</param>
internal sealed class BuiltInDocuments(MetricShard metrics, DocumentKinds kinds, IProtocolListener? next) : IProtocolListener
{
    public const string HttpGuid = "{28217924-E7A5-4523-993C-44B52758D5A8}";
    public const string TlsGuid = "{9FEB8ADE-ADBB-49AD-BC68-C6A02F389C71}";
    public const string DnsGuid = "{09B305DF-078C-4B9E-8E2F-EA64B7326880}";

    private readonly int _http = metrics.FindDocumentGroup(Encoding.ASCII.GetBytes(HttpGuid));
    private readonly int _tls = metrics.FindDocumentGroup(Encoding.ASCII.GetBytes(TlsGuid));
    private readonly int _dns = metrics.FindDocumentGroup(Encoding.ASCII.GetBytes(DnsGuid));
    private readonly WireTextBuilder _text = new();

    /// <inheritdoc/>
    public bool TakesTls => (kinds & DocumentKinds.Tls) != 0 || next is { TakesTls: true };

    /// <inheritdoc/>
    public bool TakesDns => (kinds & DocumentKinds.Dns) != 0 || next is { TakesDns: true };

    /// <inheritdoc/>
    public void OnTlsClientHello(TlsSession session, in TlsClientHello hello)
    {
        if (next is { TakesTls: true })
            next.OnTlsClientHello(session, in hello);
    }

    /// <inheritdoc/>
    public void OnTlsServerHello(TlsSession session, in TlsServerHello hello)
    {
        if (next is { TakesTls: true })
            next.OnTlsServerHello(session, in hello);
    }

    /// <inheritdoc/>
    public void OnTlsCertificates(TlsSession session, StreamDirection direction, IReadOnlyList<CertificateDetails> chain)
    {
        if ((kinds & DocumentKinds.Tls) != 0)
            Add(_tls, session.Flow, Encoding.UTF8.GetBytes(CertificateRecords.Document(chain)));
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
        if ((kinds & DocumentKinds.Dns) != 0)
        {
            DnsText.AppendDocument(in message, _text.Clear());
            Add(_dns, flow, _text.Text);
        }

        if (next is { TakesDns: true })
            next.OnDnsMessage(flow, in message);
    }

    /// <summary>An HTTP header block is complete.</summary>
    public void OnHttpHeader(Flow flow, HttpHeader header)
    {
        if ((kinds & DocumentKinds.Http) != 0)
            Add(_http, flow, header.Raw);
    }

    private void Add(int group, Flow flow, ReadOnlySpan<byte> text)
    {
        Span<byte> id = stackalloc byte[FlowId.MaxLength];
        metrics.AddDocument(group, id[..FlowId.Format(flow.Key, id)], text);
    }
}
