using Spillway.Net.Protocols.Dns;
using Spillway.Net.Protocols.Ftp;
using Spillway.Net.Protocols.Mail;
using Spillway.Net.Protocols.Mime;
using Spillway.Net.Protocols.Smtp;
using Spillway.Net.Protocols.Tls;
using Spillway.Pipeline;
using Spillway.Report;

namespace Spillway.Run;

/// <summary>What the observers of ranges, TLS, DNS, mail and FTP have counted, for the summary's details.</summary>
internal static class ProtocolFigures
{
    /// <summary>The counters by their names.</summary>
    public static IEnumerable<NamedCount> DetailsOf(LaneTotals lanes)
    {
        TlsStatistics tls = lanes.Tls;
        DnsStatistics dns = lanes.Dns;
        MimeStatistics mime = lanes.Mime;
        SmtpStatistics smtp = lanes.Smtp;
        FtpStatistics ftp = lanes.Ftp;
        RangeStatistics ranges = lanes.Ranges;
        return
        [
            new("ranges.pieces", ranges.Pieces),
            new("ranges.joined", ranges.Joined),
            new("ranges.without_validator", ranges.WithoutValidator),
            new("ranges.unplaced", ranges.Unplaced),
            new("ranges.too_large", ranges.TooLarge),
            new("ranges.conflicting", ranges.Conflicting),
            new("ranges.no_room", ranges.NoRoom),
            new("ranges.dropped", ranges.Dropped),
            new("ranges.incomplete", ranges.Incomplete),
            new("tls.connections", tls.Connections),
            new("tls.client_hellos", tls.ClientHellos),
            new("tls.server_hellos", tls.ServerHellos),
            new("tls.certificate_chains", tls.CertificateChains),
            new("tls.alerts", tls.Alerts),
            new("tls.bad_records", tls.BadRecords),
            new("tls.bad_messages", tls.BadMessages),
            new("tls.bad_certificates", tls.BadCertificates),
            new("tls.certificates_left_out", tls.CertificatesLeftOut),
            new("tls.handshakes_too_long", tls.HandshakesTooLong),
            new("tls.over_memory", tls.OverMemory),
            new("tls.with_gap", tls.WithGap),
            new("tls.truncated", tls.Truncated),
            new("dns.queries", dns.Queries),
            new("dns.responses", dns.Responses),
            new("dns.truncated", dns.Truncated),
            new("dns.malformed", dns.Malformed),
            new("dns.not_dns", dns.NotDns),
            new("dns.too_many_records", dns.TooManyRecords),
            new("dns.with_gap", dns.WithGap),
            new("dns.empty", dns.Empty),
            new("dns.over_memory", dns.OverMemory),
            new("mime.messages", mime.Messages),
            new("mime.parts", mime.Parts),
            new("mime.with_gap", mime.WithGap),
            new("mime.truncated", mime.Truncated),
            new("mime.headers_too_long", mime.HeadersTooLong),
            new("mime.fields_too_long", mime.FieldsTooLong),
            new("mime.parts_dropped", mime.PartsDropped),
            new("mime.too_deep", mime.TooDeep),
            new("mime.without_boundary", mime.WithoutBoundary),
            new("mime.boundary_not_found", mime.BoundaryNotFound),
            new("mime.unknown_encodings", mime.UnknownEncodings),
            new("mime.bad_encoding_bytes", mime.BadEncodingBytes),
            new("mime.over_memory", mime.OverMemory),
            new("ssh.connections", lanes.SshConnections),
            new("smtp.connections", smtp.Connections),
            new("smtp.not_smtp", smtp.NotSmtp),
            new("smtp.messages", smtp.Messages),
            new("smtp.with_gap", smtp.WithGap),
            new("smtp.truncated", smtp.Truncated),
            new("smtp.unknown_commands", smtp.UnknownCommands),
            new("smtp.recipients_dropped", smtp.RecipientsDropped),
            new("smtp.resynchronisations", smtp.Resynchronisations),
            new("smtp.starttls", smtp.StartTls),
            new("ftp.connections", ftp.Connections),
            new("ftp.not_ftp", ftp.NotFtp),
            new("ftp.expected", ftp.Expected),
            new("ftp.foreign", ftp.Foreign),
            new("ftp.data_connections", ftp.DataConnections),
            new("ftp.refused", ftp.Refused),
            new("ftp.expired", ftp.Expired),
            new("ftp.expected_dropped", ftp.ExpectedDropped),
            new("ftp.bad_addresses", ftp.BadAddresses),
            new("ftp.starttls", ftp.StartTls),
            .. Mailbox("pop3", lanes.Pop3),
            .. Mailbox("imap", lanes.Imap),
        ];
    }

    private static IEnumerable<NamedCount> Mailbox(string protocol, MailboxStatistics counts) =>
        [
            new($"{protocol}.connections", counts.Connections),
            new($"{protocol}.others", counts.Others),
            new($"{protocol}.messages", counts.Messages),
            new($"{protocol}.with_gap", counts.WithGap),
            new($"{protocol}.resynchronisations", counts.Resynchronisations),
            new($"{protocol}.starttls", counts.StartTls),
        ];
}
