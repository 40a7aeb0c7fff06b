using Spillway.Net.Flows;
using Spillway.Net.Ip;
using Spillway.Net.Protocols.Dns;
using Spillway.Net.Protocols.Ftp;
using Spillway.Net.Protocols.Http;
using Spillway.Net.Protocols.Mail;
using Spillway.Net.Protocols.Mime;
using Spillway.Net.Protocols.Smtp;
using Spillway.Net.Protocols.Tls;
using Spillway.Net.Tcp;
using Spillway.Scripting;

namespace Spillway.Pipeline;

/// <summary>
/// What all lanes of a run have counted, added up; of one lane, its own figures. While lanes work, the sums may be a moment old.
/// </summary>
internal sealed class LaneTotals
{
    private LaneTotals(
        LaneFigures figures,
        FlowTableStatistics flows,
        TcpReassemblyStatistics tcp,
        HttpStatistics http,
        TlsStatistics tls,
        DnsStatistics dns,
        MimeStatistics mime,
        SmtpStatistics smtp,
        FtpStatistics ftp,
        MailboxStatistics pop3,
        MailboxStatistics imap,
        RangeStatistics ranges
    )
    {
        Figures = figures;
        Flows = flows;
        Reassembly = tcp;
        Http = http;
        Tls = tls;
        Dns = dns;
        Mime = mime;
        Smtp = smtp;
        Ftp = ftp;
        Pop3 = pop3;
        Imap = imap;
        Ranges = ranges;
    }

    /// <summary>Counts of packets.</summary>
    public LaneFigures Figures { get; }

    /// <summary>Counts of flows.</summary>
    public FlowTableStatistics Flows { get; }

    /// <summary>Counts of TCP reassembly.</summary>
    public TcpReassemblyStatistics Reassembly { get; }

    /// <summary>Counts of IP fragments.</summary>
    public IpDefragmenterCounters Defragmentation { get; private set; }

    /// <summary>Counts of HTTP.</summary>
    public HttpStatistics Http { get; }

    /// <summary>Counts of TLS.</summary>
    public TlsStatistics Tls { get; }

    /// <summary>Counts of DNS.</summary>
    public DnsStatistics Dns { get; }

    /// <summary>Counts of messages of mail and forms.</summary>
    public MimeStatistics Mime { get; }

    /// <summary>Counts of SMTP.</summary>
    public SmtpStatistics Smtp { get; }

    /// <summary>Counts of FTP.</summary>
    public FtpStatistics Ftp { get; }

    /// <summary>Counts of POP3.</summary>
    public MailboxStatistics Pop3 { get; }

    /// <summary>Counts of IMAP.</summary>
    public MailboxStatistics Imap { get; }

    /// <summary>Counts of ranges of HTTP.</summary>
    public RangeStatistics Ranges { get; }

    /// <summary>The account of the live source; null if captures are read.</summary>
    public Report.CaptureSummary? Received { get; set; }

    /// <summary>Flows that scripts told of.</summary>
    public long ImportedCreated { get; private set; }

    /// <summary>Of those, the ones that had to give way.</summary>
    public long ImportedEvicted { get; private set; }

    /// <summary>What scripts told of flows that was no flow.</summary>
    public long ImportedIgnored { get; private set; }

    /// <summary>Attributes that flows did not keep.</summary>
    public long RefusedAttributes { get; private set; }

    /// <summary>Messages of scripts that found no room.</summary>
    public long DroppedMessages { get; private set; }

    /// <summary>Packets with a wrong checksum.</summary>
    public long ChecksumsWrong { get; private set; }

    /// <summary>Of those, the ones that were left out of their connections.</summary>
    public long ChecksumsRefused { get; private set; }

    /// <summary>Paths of tags that are part of flow keys.</summary>
    public long Scopes { get; private set; }

    /// <summary>Connections in which SSH was recognised.</summary>
    public long SshConnections { get; private set; }

    /// <summary>Chains of protocol handlers that were too long.</summary>
    public long ProtocolsCut { get; private set; }

    /// <summary>Errors that scripts have raised.</summary>
    public long ScriptErrors { get; private set; }

    /// <summary>Files of searched directories that were not run; see <see cref="ScriptHost.FilesSkipped"/>.</summary>
    public int FilesSkipped { get; private set; }

    /// <summary>What each script did on all lanes.</summary>
    public IReadOnlyList<ScriptFigures> Scripts { get; private set; } = [];

    /// <summary>Adds up the counts.</summary>
    /// <param name="lanes">The lanes; one at least.</param>
    public static LaneTotals Of(IReadOnlyList<PacketPath> lanes)
    {
        if (lanes is [{ } one])
            return new LaneTotals(
                one.Figures,
                one.Flows,
                one.Reassembly,
                one.Content.Observer.Statistics,
                one.Protocols.Tls.Statistics,
                one.Protocols.Dns.Statistics,
                one.Content.Sink.Mime.Statistics,
                one.Protocols.Smtp.Statistics,
                one.Protocols.Ftp.Statistics,
                one.Protocols.Pop3.Statistics,
                one.Protocols.Imap.Statistics,
                one.Content.Ranges.Statistics
            );
        var totals = new LaneTotals(new(), new(), new(), new(), new(), new(), new(), new(), new(), new(), new(), new());
        foreach (PacketPath lane in lanes)
        {
            totals.Figures.Add(lane.Figures);
            totals.Flows.Add(lane.Flows);
            totals.Reassembly.Add(lane.Reassembly);
            totals.Http.Add(lane.Content.Observer.Statistics);
            totals.Tls.Add(lane.Protocols.Tls.Statistics);
            totals.Dns.Add(lane.Protocols.Dns.Statistics);
            totals.Mime.Add(lane.Content.Sink.Mime.Statistics);
            totals.Smtp.Add(lane.Protocols.Smtp.Statistics);
            totals.Ftp.Add(lane.Protocols.Ftp.Statistics);
            totals.Pop3.Add(lane.Protocols.Pop3.Statistics);
            totals.Imap.Add(lane.Protocols.Imap.Statistics);
            totals.Ranges.Add(lane.Content.Ranges.Statistics);
        }

        return totals;
    }

    /// <summary>Adds up all there is, when the lanes have ended.</summary>
    /// <param name="lanes">The lanes; one at least.</param>
    /// <param name="ofReader">What the reader has done with fragments in their place.</param>
    public static LaneTotals AllOf(IReadOnlyList<PacketPath> lanes, IpDefragmenterCounters ofReader)
    {
        LaneTotals totals = Of(lanes);
        foreach (PacketPath lane in lanes)
            ofReader.Add(lane.Defragmentation);
        totals.Defragmentation = ofReader;
        totals.ImportedCreated = lanes.Sum(lane => lane.ScriptContext.Imported.Created);
        totals.ImportedEvicted = lanes.Sum(lane => lane.ScriptContext.Imported.Evicted);
        totals.ImportedIgnored = lanes.Sum(lane => lane.ScriptContext.Imported.Ignored);
        totals.RefusedAttributes = lanes.Sum(lane => lane.ScriptContext.RefusedAttributes);
        totals.DroppedMessages = lanes.Sum(lane => lane.ScriptContext.DroppedMessages);
        totals.ChecksumsWrong = lanes.Sum(lane => lane.Checksums.Wrong);
        totals.ChecksumsRefused = lanes.Sum(lane => lane.Checksums.Refused);
        totals.Scopes = lanes[0].Scopes;
        totals.SshConnections = lanes.Sum(lane => lane.Protocols.Ssh.Connections);
        totals.ProtocolsCut = lanes.Sum(lane => lane.Scripts.ProtocolsCut);
        totals.ScriptErrors = lanes.Sum(lane => lane.Scripts.Errors);
        totals.FilesSkipped = lanes[0].Scripts.FilesSkipped;
        totals.Scripts = ScriptHost.FiguresOf([.. lanes.Select(lane => lane.Scripts)]);
        return totals;
    }
}
