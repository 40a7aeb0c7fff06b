using Spillway.Net.Protocols.Tls.Certificates;

namespace Spillway.Net.Protocols.Tls;

/// <summary>
/// What the TLS connections of one lane share: limits, counters, the memory budget and known certificates. Belongs to one thread.
/// </summary>
public sealed class TlsObserver
{
    /// <summary>Creates the shared part.</summary>
    public TlsObserver(TlsLimits? limits = null)
    {
        Limits = limits ?? TlsLimits.Default;
        Budget = new WireBudget(Limits.MaxBufferedBytes);
        Certificates = new CertificateCache(Limits.CertificateCacheEntries, Statistics);
    }

    /// <summary>The limits.</summary>
    public TlsLimits Limits { get; }

    /// <summary>The counters.</summary>
    public TlsStatistics Statistics { get; } = new();

    /// <summary>Details of certificates, read when asked for.</summary>
    public CertificateCache Certificates { get; }

    /// <summary>Bytes that unfinished records and messages hold now.</summary>
    public long BufferedBytes => Budget.HeldBytes;

    internal WireBudget Budget { get; }
}
