using Spillway.Eve;
using Spillway.Metrics.Records;
using Spillway.Metrics.Shards;
using Spillway.Net.Flows;
using Spillway.Net.Protocols.Dhcp;
using Spillway.Net.Protocols.Dns;
using Spillway.Net.Protocols.Ftp;
using Spillway.Net.Protocols.Http;
using Spillway.Net.Protocols.Mail;
using Spillway.Net.Protocols.Mime;
using Spillway.Net.Protocols.Ssh;
using Spillway.Net.Protocols.Tls;
using Spillway.Net.Protocols.Tls.Certificates;

namespace Spillway.Pipeline;

/// <summary>
/// Makes EVE events of what a lane's observers find, and hands the lines to the stream of metrics; passes everything on. One for each lane,
/// on its thread.
/// </summary>
/// <param name="options">What is wanted.</param>
/// <param name="metrics">Takes the lines.</param>
/// <param name="figures">Numbers the packets.</param>
/// <param name="tellsStats">Whether it makes the events about what was counted, which one lane makes for all.</param>
internal sealed class EveLane(EveOptions options, MetricShard metrics, LaneFigures figures, bool tellsStats)
    : IProtocolListener,
        IDisposable
{
    private const long StatsIntervalNs = 60_000_000_000;

    private readonly EveLine _line = new(options.CommunityIdSeed);
    private readonly EveDns _dns = new();
    private readonly EveMulticastDns _multicastDns = new();

    /// <summary>Who else takes what is found; null if nobody does. Set before the first packet.</summary>
    public IProtocolListener? Next { get; set; }

    /// <inheritdoc/>
    public bool TakesTls => options.Has(EveTypes.Tls) || Next is { TakesTls: true };

    /// <inheritdoc/>
    public bool TakesDns => options.Has(EveTypes.Dns) || Next is { TakesDns: true };

    /// <summary>Packet time from which <see cref="OnStats"/> is due.</summary>
    public long StatsDueNs { get; private set; } = tellsStats && options.Has(EveTypes.Stats) ? 0 : long.MaxValue;

    /// <inheritdoc/>
    public void OnTlsClientHello(TlsSession session, in TlsClientHello hello)
    {
        if (options.Has(EveTypes.Tls))
            EveTls.Of(session).Note(in hello);
        if (Next is { TakesTls: true })
            Next.OnTlsClientHello(session, in hello);
    }

    /// <inheritdoc/>
    public void OnTlsServerHello(TlsSession session, in TlsServerHello hello)
    {
        if (options.Has(EveTypes.Tls))
            EveTls.Of(session).Note(in hello, session.Version);
        if (Next is { TakesTls: true })
            Next.OnTlsServerHello(session, in hello);
    }

    /// <inheritdoc/>
    public void OnTlsCertificates(TlsSession session, StreamDirection direction, IReadOnlyList<CertificateDetails> chain)
    {
        if (options.Has(EveTypes.Tls))
            EveTls.Of(session).Note(direction, chain, options.Chains);
        if (Next is { TakesTls: true })
            Next.OnTlsCertificates(session, direction, chain);
    }

    /// <inheritdoc/>
    public void OnTlsHandshakeEnd(TlsSession session)
    {
        if (options.Has(EveTypes.Tls) && session.Consumer is EveTls tls)
        {
            session.Consumer = null;
            Begin("tls"u8, session.Flow, fromClient: !session.IsReversed);
            tls.Write(_line);
            Add();
        }

        if (Next is { TakesTls: true })
            Next.OnTlsHandshakeEnd(session);
    }

    /// <inheritdoc/>
    public void OnDnsMessage(Flow flow, in DnsMessage message)
    {
        if (options.Has(EveTypes.Dns))
            WriteDns(flow, in message);
        if (Next is { TakesDns: true })
            Next.OnDnsMessage(flow, in message);
    }

    /// <summary>A transaction of HTTP has ended.</summary>
    /// <param name="transaction">The transaction.</param>
    /// <param name="length">Length of the response's decoded content.</param>
    public void OnHttp(HttpTransaction transaction, long length)
    {
        if (!options.Has(EveTypes.Http))
            return;
        Begin("http"u8, transaction.Flow, fromClient: !IsReversed(transaction.Flow));
        _line.Json.WriteNumber("tx_id"u8, transaction.Number);
        EveHttp.Write(_line, transaction, length);
        Add();
    }

    /// <summary>A file over HTTP ends now: what its event needs of this moment. Its record may come later.</summary>
    /// <param name="transaction">Its transaction.</param>
    /// <param name="direction">Which way it went.</param>
    public EveFileEvent EventOf(HttpTransaction transaction, StreamDirection direction) =>
        new(
            transaction.Flow,
            transaction,
            Origin: null,
            (direction == StreamDirection.ClientToServer) != IsReversed(transaction.Flow),
            metrics.NowNs,
            figures.Packets
        );

    /// <summary>
    /// The same of a file that something else than a transaction of HTTP has carried: a part of a mail or a form, a file of FTP.
    /// </summary>
    /// <param name="origin">What is known of it.</param>
    public EveFileEvent EventOf(ContentOrigin origin) =>
        new(origin.Flow, null, origin, origin.Direction == StreamDirection.ClientToServer, metrics.NowNs, figures.Packets);

    /// <summary>A file has ended, and all is known of it.</summary>
    /// <param name="what">Its event, made when it ended.</param>
    /// <param name="file">Its record.</param>
    public void OnFile(in EveFileEvent what, FileRecord file)
    {
        if (!options.Has(EveTypes.FileInfo))
            return;
        Begin("fileinfo"u8, what.Flow, what.FromClient, what.TimeNs, what.Packet);
        if (what.Transaction is { } transaction)
        {
            EveHttp.Write(_line, transaction, file.Direction == StreamDirection.ServerToClient ? file.Size : 0);
            _line.Json.WriteString("app_proto"u8, "http"u8);
            EveHttp.WriteFile(_line, transaction, file);
        }
        else
        {
            EveMail.WriteFile(_line, what.Origin!, file);
        }

        Add();
    }

    /// <summary>A message of SMTP has ended.</summary>
    public void OnMail(MailMessage message, MimeEnd end, IReadOnlyList<string> attachments)
    {
        if (!options.Has(EveTypes.Smtp))
            return;
        Begin("smtp"u8, message.Flow);
        _line.Json.WriteNumber("tx_id"u8, message.Number);
        EveMail.Write(_line, message, end, attachments);
        Add();
    }

    /// <summary>A command of FTP has its replies, or gets none.</summary>
    public void OnFtp(Flow flow, FtpExchange exchange)
    {
        Begin("ftp"u8, flow);
        _line.Json.WriteNumber("tx_id"u8, exchange.Number);
        EveFtp.Write(_line, exchange);
        Add();
    }

    /// <summary>A data connection of FTP that carries a file has ended.</summary>
    /// <param name="origin">What is known of the file.</param>
    public void OnFtpData(ContentOrigin origin)
    {
        if (!options.Has(EveTypes.Ftp))
            return;
        Begin("ftp_data"u8, origin.Flow);
        EveFtp.WriteData(_line, origin.Name.Span, origin.Method);
        Add();
    }

    /// <summary>A DHCP message.</summary>
    public void OnDhcp(Flow flow, in DhcpMessage message)
    {
        if (!options.Has(EveTypes.Dhcp))
            return;
        Begin("dhcp"u8, flow, fromClient: message.IsRequest);
        EveDhcp.Write(_line, in message);
        Add();
    }

    /// <summary>Both ends of an SSH connection have shown what they show.</summary>
    public void OnSsh(Flow flow, SshSide client, SshSide server)
    {
        if (!options.Has(EveTypes.Ssh))
            return;
        Begin("ssh"u8, flow);
        EveSsh.Write(_line, client, server);
        Add();
    }

    /// <summary>Tells what was counted so far.</summary>
    /// <param name="totals">By all lanes.</param>
    /// <param name="isLast">Whether the input is over.</param>
    public void OnStats(LaneTotals totals, bool isLast)
    {
        if (StatsDueNs == long.MaxValue)
            return;
        bool isFirst = StatsDueNs == 0;
        long nowNs = totals.Figures.LastNs;
        StatsDueNs = nowNs + StatsIntervalNs;
        if (isFirst && !isLast)
            return;
        _line.Begin(nowNs, "stats"u8);
        EveStats.Write(_line, totals);
        Add();
    }

    /// <inheritdoc/>
    public void Dispose() => _line.Dispose();

    private void WriteDns(Flow flow, in DnsMessage message)
    {
        ReadOnlySpan<byte> type = EveMulticastDns.TypeOf(flow.Key);
        if (!type.SequenceEqual("dns"u8))
        {
            // Responders answer the group as well, which sends nothing.
            Begin(type, flow, fromClient: !message.IsResponse || EveMulticastDns.IsToGroup(flow));
            _multicastDns.Write(_line, type, in message, flow.Messages);
            Add();
        }
        else if (options.DnsVersion == 3)
        {
            Begin(type, flow, fromClient: !message.IsResponse);
            _dns.WriteMessage(_line, in message, flow.Messages);
            Add();
        }
        else if (message.IsResponse)
        {
            Begin(type, flow);
            _dns.WriteAnswer(_line, in message);
            Add();
        }
        else
        {
            foreach (DnsQuestion question in message.Questions)
            {
                Begin(type, flow);
                _dns.WriteQuery(_line, in message, in question, flow.Messages);
                Add();
            }
        }
    }

    // Whether HTTP goes the other way than the directions of the flow's streams.
    private static bool IsReversed(Flow flow) => flow.Consumer is FlowConsumer { Http.IsReversed: true };

    private void Begin(ReadOnlySpan<byte> type, Flow flow, bool fromClient = true) =>
        Begin(type, flow, fromClient, metrics.NowNs, figures.Packets);

    private void Begin(ReadOnlySpan<byte> type, Flow flow, bool fromClient, long timeNs, long packet)
    {
        _line.Begin(timeNs, type, flow.Key, flow.ClientIsA, fromClient, packet);
        if (flow.Route is { } route)
            _line.Route(route, flow.ClientIsA == fromClient);
        if (options.Ethernet)
            _line.Ether(flow.Link, flow.ClientIsA == fromClient);
    }

    private void Add() => metrics.AddLine(_line.End());
}
