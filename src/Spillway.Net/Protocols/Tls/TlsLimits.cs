using System.Runtime.CompilerServices;

namespace Spillway.Net.Protocols.Tls;

/// <summary>Limits of the TLS observer. Immutable.</summary>
public sealed record TlsLimits
{
    private readonly int _probeBytes = 16 * 1024;
    private readonly int _maxHandshakeBytes = 256 * 1024;
    private readonly long _maxBufferedBytes = 64L << 20;
    private readonly int _maxCertificates = 16;
    private readonly int _certificateCacheEntries = 4096;

    /// <summary>The limits used when nothing is said.</summary>
    public static TlsLimits Default { get; } = new();

    /// <summary>
    /// Bytes of a connection, both directions, within which TLS must begin: it may stand behind STARTTLS or a proxy's CONNECT. Default 16
    /// KiB;
    /// 64 bytes to 1 GiB.
    /// </summary>
    public int ProbeBytes
    {
        get => _probeBytes;
        init => _probeBytes = (int)InRange(value, 64, 1 << 30);
    }

    /// <summary>
    /// Handshake bytes of one direction, all messages together. Default 256 KiB; 512 bytes to 16 MiB. Beyond it the direction is left.
    /// </summary>
    public int MaxHandshakeBytes
    {
        get => _maxHandshakeBytes;
        init => _maxHandshakeBytes = (int)InRange(value, 512, 16 << 20);
    }

    /// <summary>
    /// Bytes that unfinished records and messages of all connections of a lane may hold. Default 64 MiB; 64 KiB to 16 GiB. A direction that
    /// needs more is left.
    /// </summary>
    public long MaxBufferedBytes
    {
        get => _maxBufferedBytes;
        init => _maxBufferedBytes = InRange(value, 64 << 10, 16L << 30);
    }

    /// <summary>Certificates of one chain. Default 16; 1 to 256. Further ones are left out.</summary>
    public int MaxCertificates
    {
        get => _maxCertificates;
        init => _maxCertificates = (int)InRange(value, 1, 256);
    }

    /// <summary>
    /// Certificates whose details a lane keeps, so that each is read once. Default 4,096; 1 to 1,048,576. The oldest go first.
    /// </summary>
    public int CertificateCacheEntries
    {
        get => _certificateCacheEntries;
        init => _certificateCacheEntries = (int)InRange(value, 1, 1 << 20);
    }

    private static long InRange(long value, long low, long high, [CallerMemberName] string name = "") =>
        value >= low && value <= high
            ? value
            : throw new ArgumentOutOfRangeException(name, value, $"{name} must be between {low} and {high}.");
}
