using System.Text;
using Spillway.Metrics.Groups;
using Spillway.Metrics.Intel;
using Spillway.Metrics.Records;
using Spillway.Metrics.Shards;
using Spillway.Net.Flows;
using Spillway.Net.Protocols.Dns;
using Spillway.Net.Protocols.Http;
using Spillway.Net.Protocols.Tls;
using Spillway.Net.Protocols.Tls.Certificates;

namespace Spillway.Pipeline;

/// <summary>
/// Compares what is seen with lists of known-bad things, and raises an alert for each hit: addresses of flows, names that are asked for,
/// URLs,
/// hashes of files and certificates, JA3. One alert for an entry and a flow. One for each lane, on its thread.
/// </summary>
internal sealed class IntelMatcher : IProtocolListener
{
    private const int High = 1;
    private const int MaxRemembered = 16_384;

    private readonly IntelSource _source;
    private readonly MetricShard _metrics;
    private readonly IProtocolListener? _next;
    private readonly int _group;
    private readonly byte[] _name = new byte[DnsName.MaxTextBytes];
    private readonly HashSet<(long Flow, string Entry)> _told = [];

    /// <summary>Creates the matcher of a lane.</summary>
    /// <param name="source">The lists; they may change while the run goes on.</param>
    /// <param name="metrics">Takes the alerts.</param>
    /// <param name="next">Who else takes what is found; null if nobody does.</param>
    public IntelMatcher(IntelSource source, MetricShard metrics, IProtocolListener? next)
    {
        (_source, _metrics, _next) = (source, metrics, next);
        _group = metrics.FindAlertGroup(Encoding.ASCII.GetBytes(WellKnownGuids.Blacklist));
    }

    /// <inheritdoc/>
    public bool TakesTls => true;

    /// <inheritdoc/>
    public bool TakesDns => true;

    /// <summary>A flow begins.</summary>
    public void OnFlowStart(Flow flow)
    {
        IntelSet set = _source.Current;
        if (!set.HasAddresses)
            return;
        if (set.TryFindAddress(flow.Key.AddressA, flow.Key.IPVersion, out IntelEntry entry))
            Tell(flow, in entry, "address");
        if (set.TryFindAddress(flow.Key.AddressZ, flow.Key.IPVersion, out entry))
            Tell(flow, in entry, "address");
    }

    /// <inheritdoc/>
    public void OnTlsClientHello(TlsSession session, in TlsClientHello hello)
    {
        IntelSet set = _source.Current;
        if (set.TryFindName(hello.ServerName, out IntelEntry entry))
            Tell(session.Flow, in entry, "server name");
        session.Ja3 = set.HasHashes ? TlsFingerprint.Ja3(in hello) : null;
        if (set.HasHashes && set.TryFindHash(session.Ja3, out entry))
            Tell(session.Flow, in entry, "JA3");
        if (_next is { TakesTls: true })
            _next.OnTlsClientHello(session, in hello);
    }

    /// <inheritdoc/>
    public void OnTlsServerHello(TlsSession session, in TlsServerHello hello)
    {
        if (_next is { TakesTls: true })
            _next.OnTlsServerHello(session, in hello);
    }

    /// <inheritdoc/>
    public void OnTlsCertificates(TlsSession session, StreamDirection direction, IReadOnlyList<CertificateDetails> chain)
    {
        IntelSet set = _source.Current;
        foreach (CertificateDetails certificate in chain)
        {
            if (set.TryFindHash(certificate.Sha1, out IntelEntry entry))
                Tell(session.Flow, in entry, "certificate");
        }

        if (_next is { TakesTls: true })
            _next.OnTlsCertificates(session, direction, chain);
    }

    /// <inheritdoc/>
    public void OnTlsHandshakeEnd(TlsSession session)
    {
        if (_next is { TakesTls: true })
            _next.OnTlsHandshakeEnd(session);
    }

    /// <inheritdoc/>
    public void OnDnsMessage(Flow flow, in DnsMessage message)
    {
        if (!message.IsResponse)
        {
            foreach (DnsQuestion question in message.Questions)
            {
                if (_source.Current.TryFindName(_name.AsSpan(0, question.Name.Format(_name)), out IntelEntry entry))
                    Tell(flow, in entry, "DNS query");
            }
        }

        if (_next is { TakesDns: true })
            _next.OnDnsMessage(flow, in message);
    }

    /// <summary>A request of HTTP.</summary>
    public void OnRequest(Flow flow, HttpHeader request)
    {
        IntelSet set = _source.Current;
        if (set.TryFindUrl(request.Host, request.Target, out IntelEntry entry))
            Tell(flow, in entry, "URL");
        ReadOnlySpan<byte> host = request.Host;
        int colon = host.LastIndexOf((byte)':');
        if (set.TryFindName(colon > 0 ? host[..colon] : host, out entry))
            Tell(flow, in entry, "HTTP host");
    }

    /// <summary>A file has ended.</summary>
    public void OnFile(Flow flow, FileRecord file)
    {
        IntelSet set = _source.Current;
        foreach (string? hash in (ReadOnlySpan<string?>)[file.Sha256, file.Sha1, file.Md5])
        {
            if (hash is not null && set.TryFindHash(hash, out IntelEntry entry))
                Tell(flow, in entry, "file");
        }
    }

    private void Tell(Flow flow, in IntelEntry entry, string seen)
    {
        if (_told.Count >= MaxRemembered)
            _told.Clear(); // an alert that comes twice is better than one that does not come
        if (!_told.Add((flow.Number, entry.Text)))
            return;
        Span<byte> id = stackalloc byte[FlowId.MaxLength];
        string note = entry.Note.Length > 0 ? $" ({entry.Note})" : "";
        _metrics.AddAlert(
            _group,
            id[..FlowId.Format(flow.Key, id)],
            Encoding.UTF8.GetBytes(entry.Text),
            Encoding.UTF8.GetBytes(entry.List),
            High,
            Encoding.UTF8.GetBytes($"{seen} is on the list {entry.List}: {entry.Text}{note}"),
            "FIRE"u8
        );
    }
}
