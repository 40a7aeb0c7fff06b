using Spillway.Metrics.Shards;
using Spillway.Net.Flows;
using Spillway.Net.Protocols;
using Spillway.Net.Protocols.Dns;
using Spillway.Net.Protocols.Ftp;
using Spillway.Net.Protocols.Imap;
using Spillway.Net.Protocols.Mail;
using Spillway.Net.Protocols.Pop3;
using Spillway.Net.Protocols.Smtp;
using Spillway.Net.Protocols.Ssh;
using Spillway.Net.Protocols.Tls;
using Spillway.Net.Protocols.Tls.Certificates;
using Spillway.Scripting;

namespace Spillway.Pipeline;

/// <summary>
/// The protocol observers of a lane besides HTTP: which bytes go to which of them, and who is told. Without listeners they take no bytes.
/// One for each lane, on its thread.
/// </summary>
internal sealed class StreamProtocols
{
    private const ushort DnsPort = 53;

    // Within so many bytes of a flow, one of the set begins.
    private const int ProbeBytes = 1024;

    private readonly StreamProtocol[] _set;
    private readonly ContentSink _contents;

    private readonly List<CertificateDetails> _chain = [];
    private IProtocolListener? _tlsListener;
    private IProtocolListener? _dnsListener;
    private ScriptHost _scripts = null!; // attached by the lane before anything can come

    /// <summary>Creates the observers.</summary>
    /// <param name="contents">Takes the contents that they find.</param>
    /// <param name="metrics">Takes the alerts.</param>
    public StreamProtocols(ContentSink contents, MetricShard metrics)
    {
        _contents = contents;
        Services = new FlowServices(this);
        Smtp = new SmtpObserver(contents.Mime);
        Pop3 = new MailboxObserver(contents.Mime);
        Imap = new MailboxObserver(contents.Mime);
        var ftp = new FtpControls.Handler(new FtpControls(metrics), contents);
        var mail = new MailContents.Handler(new MailContents(contents), contents);
        _set =
        [
            new(FlowApplications.Smtp, SmtpProbe.Look, flow => new SmtpConnection<MailContents.Handler>(flow, mail, Smtp)),
            new(FlowApplications.Ftp, FtpProbe.Look, flow => new FtpConnection<FtpControls.Handler>(flow, ftp, Ftp)),
            new(FlowApplications.Pop3, Pop3Probe.Look, flow => new Pop3Connection<MailContents.Handler>(flow, mail, Pop3)),
            new(FlowApplications.Imap, ImapProbe.Look, flow => new ImapConnection<MailContents.Handler>(flow, mail, Imap)),
            new(FlowApplications.Ssh, SshProbe.Look, flow => new SshConnection<SshHandler>(flow, new SshHandler(this), Ssh)),
        ];
    }

    /// <summary>Limits and counters of SMTP.</summary>
    public SmtpObserver Smtp { get; }

    /// <summary>Limits and counters of POP3.</summary>
    public MailboxObserver Pop3 { get; }

    /// <summary>Limits and counters of IMAP.</summary>
    public MailboxObserver Imap { get; }

    /// <summary>Limits and counters of FTP, and the data connections it expects.</summary>
    public FtpObserver Ftp { get; } = new();

    /// <summary>Names services that no observer reads.</summary>
    public FlowServices Services { get; }

    /// <summary>Counters of SSH.</summary>
    public SshObserver Ssh { get; } = new();

    /// <summary>Makes events; null if none are wanted.</summary>
    public EveLane? Eve => _contents.Eve;

    /// <summary>Keeps what is known of a flow with it, and gives it to the scripts that want it; an empty value is none.</summary>
    public void SetAttribute(Flow flow, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        if (value.IsEmpty)
            return;
        flow.SetAttribute(name, value);
        if (_scripts.ReadsAttributes && flow.Consumer is FlowConsumer { Scripts: { } interest })
            _scripts.OnAttribute(flow, interest, name, value);
    }

    /// <summary>Whether the protocols of the set are looked for. Set before the first packet.</summary>
    public bool ObservesSet { get; set; }

    /// <summary>Limits, counters and known certificates of TLS.</summary>
    public TlsObserver Tls { get; } = new();

    /// <summary>Limits and counters of DNS.</summary>
    public DnsObserver Dns { get; } = new();

    /// <summary>Takes what is found, besides scripts; null if nobody does. Set before the first packet.</summary>
    public IProtocolListener? Listener
    {
        get;
        set
        {
            field = value;
            _tlsListener = value is { TakesTls: true } ? value : null;
            _dnsListener = value is { TakesDns: true } ? value : null;
        }
    }

    /// <summary>Whether TLS is looked for.</summary>
    public bool ObservesTls => _tlsListener is not null || _scripts.ReadsAttributes;

    /// <summary>Whether DNS is read.</summary>
    public bool ObservesDns => _dnsListener is not null;

    /// <summary>Gives the observers the lane's scripts, before the first packet.</summary>
    public void Attach(ScriptHost scripts) => _scripts = scripts;

    /// <summary>Whether anybody listens to a TCP flow.</summary>
    public bool Observes(Flow flow) => ObservesTls || IsDns(flow);

    /// <summary>Bytes of a flow within which TLS must begin from here on; 0 if it is not looked for.</summary>
    public int TlsProbeLeft(in ProtocolSearch search) => ObservesTls ? Math.Max(0, Tls.Limits.ProbeBytes - search.Bytes) : 0;

    /// <summary>The observer of DNS for a TCP flow on its port; null for others, or if nobody listens.</summary>
    public DnsConnection<Handler>? BeginDns(Flow flow) => IsDns(flow) ? new DnsConnection<Handler>(flow, new Handler(this), Dns) : null;

    /// <summary>Bytes of a flow within which a protocol of the set must begin from here on; 0 if none is looked for.</summary>
    public int SetProbeLeft(in ProtocolSearch search) => ObservesSet ? Math.Max(0, ProbeBytes - search.Bytes) : 0;

    /// <summary>Whether the first bytes of a direction may be of a protocol of the set.</summary>
    public bool MayBegin(ReadOnlySpan<byte> data)
    {
        foreach (StreamProtocol protocol in _set)
        {
            if (protocol.Probe(data, out _) != ProbeResult.No)
                return true;
        }

        return false;
    }

    /// <summary>The observer of a new flow that is a data connection of FTP; null for others.</summary>
    public StreamObservers? BeginFtpData(Flow flow)
    {
        if (!Ftp.Expected.Any || Ftp.Expected.Take(flow.Key, flow.LastNs) is not { } transfer)
            return null;
        flow.Applications |= FlowApplications.FtpData;
        var observers = new StreamObservers();
        observers.Add(FlowApplications.FtpData, new FtpDataObserver(flow, transfer, _contents));
        return observers;
    }

    /// <summary>Bytes of one direction of a TCP flow.</summary>
    public void OnData(FlowConsumer consumer, Flow flow, StreamDirection direction, ReadOnlySpan<byte> data)
    {
        if (consumer.SetProbeLeft > 0)
        {
            Services.OnStream(flow, data);
            Probe(consumer, flow, data);
        }

        if (consumer.Set is { } set)
        {
            set.OnData(flow, direction, data);
            if (set.TlsBegins && consumer.Tls is null)
                consumer.TlsProbeLeft = TlsProbeLeft(new ProtocolSearch());
        }

        if (consumer.Tls is { } tls)
        {
            tls.OnData(direction, data);
        }
        else if (consumer.TlsProbeLeft > 0)
        {
            consumer.TlsProbeLeft = Math.Max(0, consumer.TlsProbeLeft - data.Length);
            if (TlsRecord.FindHello(data) >= 0)
            {
                consumer.Tls = new TlsConnection<Handler>(flow, new Handler(this), Tls);
                consumer.Tls.OnData(direction, data);
            }
        }

        consumer.Dns?.OnData(direction, data);
    }

    /// <summary>Bytes of one direction are missing.</summary>
    public static void OnGap(FlowConsumer consumer, Flow flow, StreamDirection direction, long length)
    {
        consumer.Set?.OnGap(flow, direction, length);
        consumer.Tls?.OnGap(direction, length);
        consumer.Dns?.OnGap(direction, length);
    }

    /// <summary>Whether anybody looks at the datagrams of a new flow.</summary>
    public bool ObservesDatagrams(Flow flow) => ObservesSet || DnsObserver.IsDnsFlow(flow.Key);

    /// <summary>A UDP payload of a flow that is looked at.</summary>
    public void OnDatagram(Flow flow, ReadOnlySpan<byte> payload, bool isCut)
    {
        if (!DnsObserver.IsDnsFlow(flow.Key))
        {
            flow.WantsReassembly = Services.OnDatagram(flow, payload);
            return;
        }

        if (!ObservesDns)
            return;
        var handler = new Handler(this);
        Dns.OnDatagram(flow, payload, isCut, ref handler);
    }

    /// <summary>Whether a TCP flow is one of DNS, and somebody listens.</summary>
    public bool IsDns(Flow flow) => ObservesDns && (flow.Key.PortA == DnsPort || flow.Key.PortZ == DnsPort);

    private void Probe(FlowConsumer consumer, Flow flow, ReadOnlySpan<byte> data)
    {
        consumer.SetProbeLeft = Math.Max(0, consumer.SetProbeLeft - data.Length);
        if (!MayBegin(data))
            return;
        consumer.SetProbeLeft = 0;
        consumer.Set = new StreamObservers();
        foreach (StreamProtocol protocol in _set)
        {
            if (protocol.Probe(data, out _) != ProbeResult.No)
                consumer.Set.Add(protocol.Application, protocol.Begin(flow));
        }
    }

    private void OnRecord(TlsSession session, ReadOnlySpan<byte> record)
    {
        if (_scripts.ReadsAttributes)
            TlsAttributes.PublishRecord(_scripts, session, record);
    }

    private void OnClientHello(TlsSession session, in TlsClientHello hello)
    {
        session.Flow.Applications |= FlowApplications.Tls;
        if (!hello.ServerName.IsEmpty)
            session.Flow.SetAttribute("SNI"u8, hello.ServerName);
        if (_scripts.ReadsAttributes)
            TlsAttributes.PublishServerName(_scripts, session, hello.ServerName);
        TlsAttributes.SetClient(_scripts, session, in hello);
        _tlsListener?.OnTlsClientHello(session, in hello);
    }

    private void OnServerHello(TlsSession session, in TlsServerHello hello)
    {
        session.Flow.Applications |= FlowApplications.Tls;
        if (hello.IsHelloRetryRequest)
            return;
        if (_scripts.ReadsAttributes)
            TlsAttributes.PublishCipher(_scripts, session);
        TlsAttributes.SetServer(_scripts, session, in hello);
        _tlsListener?.OnTlsServerHello(session, in hello);
    }

    private void OnCertificates(TlsSession session, StreamDirection direction, in TlsCertificateChain chain)
    {
        if (_tlsListener is null && !TlsAttributes.IsWanted(_scripts, session))
            return;
        _chain.Clear();
        foreach (ReadOnlySpan<byte> certificate in chain)
            _chain.Add(Tls.Certificates.Get(certificate));
        if (_chain.Count == 0)
            return;
        TlsAttributes.SetCertificate(_scripts, session, direction, _chain[0]);
        if (_scripts.ReadsAttributes && direction == StreamDirection.ServerToClient)
            TlsAttributes.PublishCertificates(_scripts, session, _chain);
        _tlsListener?.OnTlsCertificates(session, direction, _chain);
    }

    /// <summary>The observers' handler: a struct, so that they call it directly.</summary>
    internal readonly struct Handler(StreamProtocols protocols) : ITlsHandler, IDnsHandler
    {
        /// <inheritdoc/>
        public void OnRecord(TlsSession session, StreamDirection direction, ReadOnlySpan<byte> record) =>
            protocols.OnRecord(session, record);

        /// <inheritdoc/>
        public void OnClientHello(TlsSession session, in TlsClientHello hello) => protocols.OnClientHello(session, in hello);

        /// <inheritdoc/>
        public void OnServerHello(TlsSession session, in TlsServerHello hello) => protocols.OnServerHello(session, in hello);

        /// <inheritdoc/>
        public void OnCertificates(TlsSession session, StreamDirection direction, in TlsCertificateChain chain) =>
            protocols.OnCertificates(session, direction, in chain);

        /// <inheritdoc/>
        public void OnAlert(TlsSession session, StreamDirection direction, byte level, byte description)
        {
            // Counted by the observer; scripts see its record.
        }

        /// <inheritdoc/>
        public void OnHandshakeEnd(TlsSession session) => protocols._tlsListener?.OnTlsHandshakeEnd(session);

        /// <inheritdoc/>
        public void OnMessage(Flow flow, in DnsMessage message)
        {
            flow.Applications |= FlowApplications.Dns;
            protocols._dnsListener?.OnDnsMessage(flow, in message);
        }
    }
}
