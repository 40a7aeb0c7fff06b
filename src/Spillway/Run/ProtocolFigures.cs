using Spillway.Net.Protocols.Dns;
using Spillway.Net.Protocols.Tls;
using Spillway.Pipeline;
using Spillway.Report;

namespace Spillway.Run;

/// <summary>What the observers of TLS and DNS have counted, for the summary's details.</summary>
internal static class ProtocolFigures
{
    /// <summary>The counters by their names.</summary>
    public static IEnumerable<NamedCount> DetailsOf(LaneTotals lanes)
    {
        TlsStatistics tls = lanes.Tls;
        DnsStatistics dns = lanes.Dns;
        return
        [
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
        ];
    }
}
