using System.Text;
using Spillway.Metrics.Records;
using Spillway.Metrics.Shards;
using Spillway.Net.Flows;
using Spillway.Net.Protocols.Dns;
using Spillway.Net.Protocols.Http;
using Spillway.Net.Protocols.Tls;
using Spillway.Net.Protocols.Tls.Certificates;

namespace Spillway.Pipeline;

/// <summary>
/// Records what clients asked servers for: requests of HTTP, questions of DNS, handshakes of TLS, each as one row of the store. Passes
/// everything on. One for each lane, on its thread.
/// </summary>
internal sealed class TransactionRecorder : IProtocolListener
{
    private const int MaxTextBytes = 8192;
    private const int MaxNameBytes = 1024;

    private readonly WireTextPool _texts;
    private readonly DnsTransactions _dns;
    private readonly Dictionary<TlsSession, TlsNotes> _handshakes = new(ReferenceEqualityComparer.Instance);

    private readonly TransactionKinds _kinds;
    private readonly MetricShard _metrics;
    private readonly IProtocolListener? _next;

    /// <summary>Creates the recorder of a lane.</summary>
    /// <param name="kinds">What is recorded.</param>
    /// <param name="metrics">Takes the records.</param>
    /// <param name="next">Who else takes what is found; null if nobody does.</param>
    public TransactionRecorder(TransactionKinds kinds, MetricShard metrics, IProtocolListener? next)
    {
        (_kinds, _metrics, _next) = (kinds, metrics, next);
        _texts = new WireTextPool();
        _dns = new DnsTransactions(metrics, _texts);
    }

    /// <inheritdoc/>
    public bool TakesTls => Has(TransactionKinds.Tls) || _next is { TakesTls: true };

    /// <inheritdoc/>
    public bool TakesDns => Has(TransactionKinds.Dns) || _next is { TakesDns: true };

    /// <summary>Whether HTTP is recorded.</summary>
    public bool TakesHttp => Has(TransactionKinds.Http);

    /// <inheritdoc/>
    public void OnTlsClientHello(TlsSession session, in TlsClientHello hello)
    {
        if (Has(TransactionKinds.Tls))
            NotesOf(session).Note(in hello, session.Ja3);
        if (_next is { TakesTls: true })
            _next.OnTlsClientHello(session, in hello);
    }

    /// <inheritdoc/>
    public void OnTlsServerHello(TlsSession session, in TlsServerHello hello)
    {
        if (Has(TransactionKinds.Tls))
            NotesOf(session).Note(in hello, session, _metrics.NowNs);
        if (_next is { TakesTls: true })
            _next.OnTlsServerHello(session, in hello);
    }

    /// <inheritdoc/>
    public void OnTlsCertificates(TlsSession session, StreamDirection direction, IReadOnlyList<CertificateDetails> chain)
    {
        if (Has(TransactionKinds.Tls) && direction == StreamDirection.ServerToClient)
            NotesOf(session).Certificate = chain[0];
        if (_next is { TakesTls: true })
            _next.OnTlsCertificates(session, direction, chain);
    }

    /// <inheritdoc/>
    public void OnTlsHandshakeEnd(TlsSession session)
    {
        if (_handshakes.Remove(session, out TlsNotes? notes))
            _metrics.AddTransaction(notes.ToRecord(session, _texts));
        if (_next is { TakesTls: true })
            _next.OnTlsHandshakeEnd(session);
    }

    /// <inheritdoc/>
    public void OnDnsMessage(Flow flow, in DnsMessage message)
    {
        if (Has(TransactionKinds.Dns))
            _dns.OnMessage(flow, in message);
        if (_next is { TakesDns: true })
            _next.OnDnsMessage(flow, in message);
    }

    /// <summary>A transaction of HTTP has ended.</summary>
    /// <param name="transaction">The transaction.</param>
    /// <param name="facts">What its contents have shown.</param>
    /// <param name="isReversed">Whether it goes the other way than the directions of the flow's streams.</param>
    public void OnHttp(HttpTransaction transaction, HttpExtraction facts, bool isReversed)
    {
        if (!TakesHttp || (transaction.Request is null && transaction.Response is null))
            return;
        TransactionEnds ends = TransactionEnds.Of(transaction.Flow, isClientA: transaction.Flow.ClientIsA != isReversed, _texts);
        HttpHeader? request = transaction.Request,
            response = transaction.Response;
        _metrics.AddTransaction(
            new HttpTransactionRecord
            {
                TimestampNs = facts.BeginNs,
                FlowId = ends.FlowId,
                Client = ends.Client,
                Server = ends.Server,
                ServerPort = ends.ServerPort,
                TookNs = request is null || response is null ? null : facts.LatencyNs,
                Method = request is null ? "" : _texts.Decode(request.Method, MaxNameBytes),
                Host = request is null ? "" : _texts.Decode(request.Host, MaxNameBytes),
                Uri = request is null ? "" : WireText.Decode(request.Target, MaxTextBytes),
                Status = response is { Status: > 0 } ? response.Status : null,
                RequestType = TypeOf(request),
                ResponseType = TypeOf(response),
                RequestBytes = facts.RequestLength,
                ResponseBytes = facts.ResponseLength,
                UserAgent = FieldOf(request, "User-Agent"u8),
                Referer = FieldOf(request, "Referer"u8),
                FileName = facts.ResponseFile,
            }
        );
    }

    /// <summary>The input is over: records what still waits for an answer.</summary>
    public void EndAll() => _dns.EndAll();

    private bool Has(TransactionKinds kind) => (_kinds & kind) != 0;

    private TlsNotes NotesOf(TlsSession session)
    {
        if (!_handshakes.TryGetValue(session, out TlsNotes? notes))
            _handshakes.Add(session, notes = new TlsNotes(_metrics.NowNs));
        return notes;
    }

    private string FieldOf(HttpHeader? header, ReadOnlySpan<byte> name) =>
        header is not null && header.TryGetValue(name, out ReadOnlySpan<byte> value) ? _texts.Decode(value, MaxTextBytes) : "";

    private string TypeOf(HttpHeader? header)
    {
        if (header is null || !header.TryGetValue("Content-Type"u8, out ReadOnlySpan<byte> type))
            return "";
        int end = type.IndexOf((byte)';');
        return _texts.Decode((end < 0 ? type : type[..end]).Trim((byte)' '), MaxNameBytes).ToLowerInvariant();
    }

    /// <summary>What one handshake has shown, until its end.</summary>
    private sealed class TlsNotes(long beginNs)
    {
        private string? _ja3;
        private string? _ja4;
        private string? _ja3s;
        private string _serverName = "";
        private string _alpn = "";
        private long? _tookNs;

        public CertificateDetails? Certificate { get; set; }

        public void Note(in TlsClientHello hello, string? ja3)
        {
            if (_ja3 is not null)
                return; // after a HelloRetryRequest: the first one is what fingerprints are made of
            _serverName = WireText.Decode(hello.ServerName, MaxNameBytes);
            _ja3 = ja3 ?? TlsFingerprint.Ja3(in hello);
            _ja4 = TlsFingerprint.Ja4(in hello);
            var names = new StringBuilder();
            foreach (ReadOnlySpan<byte> name in hello.Alpn)
            {
                if (names.Length < MaxNameBytes)
                    names.Append(names.Length == 0 ? "" : ",").Append(WireText.Decode(name));
            }

            _alpn = names.ToString();
        }

        public void Note(in TlsServerHello hello, TlsSession session, long nowNs)
        {
            _ja3s = TlsFingerprint.Ja3s(in hello);
            if (_ja3 is not null && session.Version != 0)
                _tookNs = Math.Max(0, nowNs - beginNs);
        }

        public TlsHandshakeRecord ToRecord(TlsSession session, WireTextPool texts)
        {
            TransactionEnds ends = TransactionEnds.Of(session.Flow, isClientA: session.Flow.ClientIsA != session.IsReversed, texts);
            return new TlsHandshakeRecord
            {
                TimestampNs = beginNs,
                FlowId = ends.FlowId,
                Client = ends.Client,
                Server = ends.Server,
                ServerPort = ends.ServerPort,
                TookNs = _tookNs,
                ServerName = _serverName,
                Version = session.Version == 0 ? null : TlsVersion.NameOf(session.Version),
                Cipher = session.Version == 0 ? null : session.CipherSuite,
                Alpn = _alpn,
                Ja3 = _ja3,
                Ja4 = _ja4,
                Ja3s = _ja3s,
                Certificate = Certificate is { } certificate ? RecordOf(certificate) : null,
            };
        }

        private static TlsCertificateRecord RecordOf(CertificateDetails certificate) =>
            new(
                certificate.Subject.CommaSeparated,
                certificate.Issuer.CommaSeparated,
                certificate.SerialNumber,
                certificate.Sha1,
                string.Join(',', certificate.DnsNames),
                certificate.IsReadable ? new DateTimeOffset(certificate.NotBefore, TimeSpan.Zero).ToUnixTimeSeconds() : null,
                certificate.IsReadable ? new DateTimeOffset(certificate.NotAfter, TimeSpan.Zero).ToUnixTimeSeconds() : null,
                certificate.IsSelfIssued
            );
    }
}
