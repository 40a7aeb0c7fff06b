using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Spillway.Net.Protocols.Tls.Certificates;

/// <summary>What a certificate says of itself (RFC 5280). Nothing is verified. Immutable, any thread.</summary>
public sealed class CertificateDetails
{
    private readonly byte[] _der;
    private string? _dump;

    private CertificateDetails(byte[] der)
    {
        _der = der;
        Sha1 = Convert.ToHexStringLower(SHA1.HashData(der));
    }

    /// <summary>The certificate, DER.</summary>
    public ReadOnlyMemory<byte> Der => _der;

    /// <summary>SHA-1 of the DER, lower-case hex: what blacklists and other tools name certificates by.</summary>
    public string Sha1 { get; }

    /// <summary>SHA-256 of the DER, lower-case hex.</summary>
    public string Sha256 => Convert.ToHexStringLower(SHA256.HashData(_der));

    /// <summary>False if it is no X.509 certificate: names are empty then.</summary>
    public bool IsReadable { get; private init; }

    /// <summary>Serial number, lower-case hex; empty if it is not readable.</summary>
    public string SerialNumber { get; private init; } = "";

    /// <summary>Subject.</summary>
    public CertificateName Subject { get; private init; } = CertificateName.Empty;

    /// <summary>Issuer.</summary>
    public CertificateName Issuer { get; private init; } = CertificateName.Empty;

    /// <summary>Subject and issuer are the same: a root, or self-signed.</summary>
    public bool IsSelfIssued { get; private init; }

    /// <summary>Basic constraints say that it is an authority's.</summary>
    public bool IsAuthority { get; private init; }

    /// <summary>Names (DNS) of the subject alternative name extension.</summary>
    public IReadOnlyList<string> DnsNames { get; private init; } = [];

    /// <summary>Names (DNS) and addresses of the subject alternative name extension, in the order of their kinds.</summary>
    public IReadOnlyList<string> AlternativeNames { get; private init; } = [];

    /// <summary>Begin of validity, UTC.</summary>
    public DateTime NotBefore { get; private init; }

    /// <summary>End of validity, UTC.</summary>
    public DateTime NotAfter { get; private init; }

    /// <summary>The certificate as text (script API, section 4.12); see <see cref="CertificateText"/>. Made once.</summary>
    public string Dump => _dump ??= CertificateText.Write(this);

    /// <summary>The certificate between its markers, 64 characters a line.</summary>
    public string Pem => PemEncoding.WriteString("CERTIFICATE", _der);

    // The platform's parser throws in many ways at what others can make up; none of them may reach the packet path.
    internal static CertificateDetails Read(byte[] der)
    {
        try
        {
            using X509Certificate2 certificate = X509CertificateLoader.LoadCertificate(der);
            return new CertificateDetails(der)
            {
                IsReadable = true,
                SerialNumber = Convert.ToHexStringLower(certificate.SerialNumberBytes.Span),
                Subject = CertificateName.Read(certificate.SubjectName),
                Issuer = CertificateName.Read(certificate.IssuerName),
                IsSelfIssued = certificate.SubjectName.RawData.AsSpan().SequenceEqual(certificate.IssuerName.RawData),
                IsAuthority = certificate.Extensions.OfType<X509BasicConstraintsExtension>().Any(IsAuthorityOf),
                DnsNames = NamesOf(certificate, names => names.EnumerateDnsNames()),
                AlternativeNames = NamesOf(
                    certificate,
                    names => names.EnumerateDnsNames().Concat(names.EnumerateIPAddresses().Select(address => address.ToString()))
                ),
                NotBefore = certificate.NotBefore.ToUniversalTime(),
                NotAfter = certificate.NotAfter.ToUniversalTime(),
            };
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            return new CertificateDetails(der);
        }
    }

    private static bool IsAuthorityOf(X509BasicConstraintsExtension constraints)
    {
        try
        {
            return constraints.CertificateAuthority;
        }
        catch (CryptographicException)
        {
            return false;
        }
    }

    private static string[] NamesOf(X509Certificate2 certificate, Func<X509SubjectAlternativeNameExtension, IEnumerable<string>> namesOf)
    {
        try
        {
            return
            [
                .. certificate
                    .Extensions.OfType<X509SubjectAlternativeNameExtension>()
                    .SelectMany(namesOf)
                    .Select(CertificateName.Printable),
            ];
        }
        catch (CryptographicException)
        {
            return [];
        }
    }
}
