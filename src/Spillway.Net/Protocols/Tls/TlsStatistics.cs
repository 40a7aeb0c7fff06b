namespace Spillway.Net.Protocols.Tls;

/// <summary>
/// Counters of the TLS connections of one lane. Plain numbers: one thread writes them, and they are merged at a window's end.
/// </summary>
public sealed class TlsStatistics
{
    /// <summary>Connections in which a hello was recognised.</summary>
    public long Connections { get; set; }

    /// <summary>Connections that began like TLS and were not.</summary>
    public long NotTls { get; set; }

    /// <summary>Records passed on; application data is not among them.</summary>
    public long Records { get; set; }

    /// <summary>Client hellos, a second one after HelloRetryRequest included.</summary>
    public long ClientHellos { get; set; }

    /// <summary>Server hellos, HelloRetryRequest included.</summary>
    public long ServerHellos { get; set; }

    /// <summary>Certificate messages in the clear (TLS 1.2 and before).</summary>
    public long CertificateChains { get; set; }

    /// <summary>Alerts in the clear.</summary>
    public long Alerts { get; set; }

    /// <summary>Streams left because a record's header is none: unknown type or version, or longer than 16 KiB + 2,048.</summary>
    public long BadRecords { get; set; }

    /// <summary>Handshake messages whose fields do not fit into each other. What could be read of them was told.</summary>
    public long BadMessages { get; set; }

    /// <summary>Certificates that are no readable X.509.</summary>
    public long BadCertificates { get; set; }

    /// <summary>Certificates left out of a chain by <see cref="TlsLimits.MaxCertificates"/>.</summary>
    public long CertificatesLeftOut { get; set; }

    /// <summary>Streams left because of <see cref="TlsLimits.MaxHandshakeBytes"/>.</summary>
    public long HandshakesTooLong { get; set; }

    /// <summary>Streams left because of <see cref="TlsLimits.MaxBufferedBytes"/>.</summary>
    public long OverMemory { get; set; }

    /// <summary>Streams left in the handshake because bytes are missing from the capture.</summary>
    public long WithGap { get; set; }

    /// <summary>Streams that ended within a record or a handshake message.</summary>
    public long Truncated { get; set; }

    /// <summary>Adds another lane's counters.</summary>
    public void Add(TlsStatistics other)
    {
        ArgumentNullException.ThrowIfNull(other);
        Connections += other.Connections;
        NotTls += other.NotTls;
        Records += other.Records;
        ClientHellos += other.ClientHellos;
        ServerHellos += other.ServerHellos;
        CertificateChains += other.CertificateChains;
        Alerts += other.Alerts;
        BadRecords += other.BadRecords;
        BadMessages += other.BadMessages;
        BadCertificates += other.BadCertificates;
        CertificatesLeftOut += other.CertificatesLeftOut;
        HandshakesTooLong += other.HandshakesTooLong;
        OverMemory += other.OverMemory;
        WithGap += other.WithGap;
        Truncated += other.Truncated;
    }
}
