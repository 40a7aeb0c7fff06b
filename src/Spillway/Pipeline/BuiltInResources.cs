using System.Text;
using Spillway.Metrics.Records;
using Spillway.Metrics.Shards;
using Spillway.Net.Flows;
using Spillway.Net.Protocols;
using Spillway.Net.Protocols.Dns;
using Spillway.Net.Protocols.Http;
using Spillway.Net.Protocols.Tls;
using Spillway.Net.Protocols.Tls.Certificates;

namespace Spillway.Pipeline;

/// <summary>Kinds of resources that the program itself records (script API, section 4.11).</summary>
[Flags]
internal enum ResourceKinds
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>DNS responses with a question.</summary>
    Dns = 1,

    /// <summary>Certificates of TLS, up to 1.2.</summary>
    Tls = 2,

    /// <summary>Requests of HTTP.</summary>
    Url = 4,

    /// <summary>MD5 of HTTP contents.</summary>
    Files = 8,

    /// <summary>All.</summary>
    All = Dns | Tls | Url | Files,
}

/// <summary>
/// Records what the protocol observers find as resources of the well-known groups. Their number is that of the messages, and limits are
/// those of the metrics. One for each lane, on its thread.
/// </summary>
internal sealed class BuiltInResources : IProtocolListener
{
    public const string DnsGuid = "{D1E27FF0-6D66-4E57-BB91-99F76BB2143E}";
    public const string TlsGuid = "{5AEE3F0B-9304-44BE-BBD0-0467052CF468}";
    public const string UrlGuid = "{4EF9DEB9-4332-4867-A667-6A30C5900E9E}";

    private readonly MetricShard _metrics;
    private readonly int _dns;
    private readonly int _tls;
    private readonly int _url;
    private readonly int _files;
    private readonly WireTextBuilder _uri = new();
    private readonly WireTextBuilder _label = new();

    /// <summary>Creates the recorder.</summary>
    public BuiltInResources(MetricShard metrics, ResourceKinds kinds)
    {
        _metrics = metrics;
        Kinds = kinds;
        _dns = metrics.FindResourceGroup(Encoding.ASCII.GetBytes(DnsGuid));
        _tls = metrics.FindResourceGroup(Encoding.ASCII.GetBytes(TlsGuid));
        _url = metrics.FindResourceGroup(Encoding.ASCII.GetBytes(UrlGuid));
        _files = metrics.FindResourceGroup("{9781DB2C-F78A-4F7F-A7E8-2B1A9A7BE71A}"u8);
    }

    /// <summary>What is recorded.</summary>
    public ResourceKinds Kinds { get; }

    /// <inheritdoc/>
    public bool TakesTls => (Kinds & ResourceKinds.Tls) != 0;

    /// <inheritdoc/>
    public bool TakesDns => (Kinds & ResourceKinds.Dns) != 0;

    /// <inheritdoc/>
    public void OnTlsClientHello(TlsSession session, in TlsClientHello hello)
    {
        // No resource has the name: certificates are what the group holds.
    }

    /// <inheritdoc/>
    public void OnTlsServerHello(TlsSession session, in TlsServerHello hello)
    {
        // Suites are counted, not recorded.
    }

    /// <inheritdoc/>
    public void OnTlsCertificates(TlsSession session, StreamDirection direction, IReadOnlyList<CertificateDetails> chain) =>
        Add(
            _tls,
            session.Flow,
            Encoding.UTF8.GetBytes(CertificateRecords.ResourceUri(chain[0])),
            Encoding.UTF8.GetBytes(CertificateRecords.ResourceLabel(chain))
        );

    /// <inheritdoc/>
    public void OnDnsMessage(Flow flow, in DnsMessage message)
    {
        if (!message.IsResponse || !DnsText.AppendResourceUri(in message, _uri.Clear()))
            return;
        DnsText.AppendResourceLabel(in message, _label.Clear());
        Add(_dns, flow, _uri.Text, _label.Text);
    }

    /// <summary>An HTTP request has its final response.</summary>
    /// <param name="transaction">The transaction.</param>
    /// <param name="latencyNs">From the request's header to the response's, packet time.</param>
    public void OnResponse(HttpTransaction transaction, long latencyNs) => AddUrl(transaction, latencyNs);

    /// <summary>
    /// A request has ended without a response: a server that is gone, or a capture of one direction. Whoever looks for a URL wants it all
    /// the same.
    /// </summary>
    public void OnUnanswered(HttpTransaction transaction) => AddUrl(transaction, 0);

    private void AddUrl(HttpTransaction transaction, long latencyNs)
    {
        if ((Kinds & ResourceKinds.Url) == 0 || transaction.Request is not { } request)
            return;
        _uri.Clear().Append(request.Method);
        _uri.Append((byte)' ');
        if (request.Host is { IsEmpty: false } host)
            _uri.Append(host);
        else
            AppendServer(transaction.Flow);
        _uri.Append((byte)' ');
        _uri.Append(request.Target);
        _uri.Append((byte)' ');
        _uri.Append(request.Version);
        _label.Clear().Append("status:"u8);
        _label.AppendNumber((uint)(transaction.Response?.Status ?? 0));
        _label.Append(" usec:"u8);
        _label.AppendNumber((uint)Math.Clamp(latencyNs / 1000, 0, uint.MaxValue));
        Add(_url, transaction.Flow, _uri.Text, _label.Text);
    }

    // A request that names no host is for the one it was sent to.
    private void AppendServer(Flow flow)
    {
        Span<byte> text = stackalloc byte[FlowText.MaxAddressLength];
        int length = FlowText.FormatAddress(flow.IsClientA ? flow.Key.AddressZ : flow.Key.AddressA, flow.Key.IPVersion, text);
        if (flow.Key.IPVersion == 6)
            _uri.Append((byte)'[');
        _uri.Append(text[..length]);
        if (flow.Key.IPVersion == 6)
            _uri.Append((byte)']');
    }

    /// <summary>An HTTP content has ended.</summary>
    /// <param name="flow">Its flow.</param>
    /// <param name="file">The record; without MD5 nothing is recorded.</param>
    /// <param name="path">Where the file lies, or its name if it was not stored.</param>
    public void OnFile(Flow flow, FileRecord file, ReadOnlySpan<byte> path)
    {
        if ((Kinds & ResourceKinds.Files) == 0 || file.Md5 is not { } md5)
            return;
        Add(_files, flow, Encoding.ASCII.GetBytes("MD5:" + md5), path);
    }

    private void Add(int group, Flow flow, ReadOnlySpan<byte> uri, ReadOnlySpan<byte> label)
    {
        Span<byte> id = stackalloc byte[FlowId.MaxLength];
        _metrics.AddResource(group, id[..FlowId.Format(flow.Key, id)], uri, label);
    }
}
