using System.Security.Cryptography;

namespace Spillway.Net.Protocols.Tls.Certificates;

/// <summary>
/// Details of certificates by the SHA-256 of their DER: servers send the same ones again and again, and reading one costs far more than its
/// hash. Bounded; the oldest go first. One thread.
/// </summary>
public sealed class CertificateCache
{
    private readonly Dictionary<UInt128, CertificateDetails> _byHash = [];
    private readonly Queue<UInt128> _order = new();
    private readonly int _capacity;
    private readonly TlsStatistics _statistics;

    internal CertificateCache(int capacity, TlsStatistics statistics)
    {
        _capacity = capacity;
        _statistics = statistics;
    }

    /// <summary>Certificates that are kept.</summary>
    public int Count => _byHash.Count;

    /// <summary>
    /// Details of a certificate. Never throws: what is no certificate has empty names and <see cref="CertificateDetails.IsReadable"/>
    /// false.
    /// </summary>
    /// <param name="der">The certificate; copied if it is new.</param>
    public CertificateDetails Get(ReadOnlySpan<byte> der)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(der, hash);

        // Half of the hash is as good a key: nobody can make two that agree in 128 bits on purpose for less than 2^64 trials.
        var key = System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(hash);
        if (!_byHash.TryGetValue(key, out CertificateDetails? details))
        {
            details = CertificateDetails.Read(der.ToArray());
            if (_byHash.Count >= _capacity)
                _byHash.Remove(_order.Dequeue());
            _byHash.Add(key, details);
            _order.Enqueue(key);
        }

        if (!details.IsReadable)
            _statistics.BadCertificates++;
        return details;
    }
}
