using System.Security.Cryptography;
using Spillway.Net.Protocols.Tls;
using Spillway.Net.Protocols.Tls.Certificates;

namespace Spillway.Net.Tests.Tls;

public sealed class CertificateTests
{
    private readonly TlsObserver _observer = new(new TlsLimits { CertificateCacheEntries = 4 });

    private List<CertificateDetails> Chain => [.. TlsBytes.Chain.Select(der => _observer.Certificates.Get(der))];

    [Fact]
    public void Details_AreWhatTheCertificateSays()
    {
        CertificateDetails server = Chain[0];

        Assert.True(server.IsReadable);
        Assert.Equal("Example GmbH", server.Subject.Owner);
        Assert.Equal("www.example.org", server.Subject.CommonName);
        Assert.Equal("/CN=www.example.org/O=Example GmbH/L=Bonn/C=DE".Split('/').Order(), server.Subject.OneLine.Split('/').Order());
        Assert.Equal("Example Issuing CA 1", server.Issuer.Authority);
        Assert.Equal(["www.example.org", "example.org"], server.DnsNames);
        Assert.Equal(Convert.ToHexStringLower(SHA1.HashData(TlsBytes.Chain[0])), server.Sha1);
        Assert.Equal(new DateTime(2024, 1, 5, 0, 0, 0, DateTimeKind.Utc), server.NotBefore);
        Assert.False(server.IsAuthority);
        Assert.True(Chain[1].IsAuthority);
    }

    [Fact]
    public void Authorities_OfAWholeChain_AreItsIntermediateAndRoot() =>
        Assert.Equal([("Example Issuing CA 1", false), ("Example Root", true)], Authorities(Chain));

    [Fact]
    public void Authorities_WithoutTheRoot_NameItByTheLastIssuer() =>
        Assert.Equal([("Example Issuing CA 1", false), ("Example Root", true)], Authorities(Chain[..2]));

    [Fact]
    public void Authorities_OfALoneCertificate_AreItsIssuer() => Assert.Equal([("Example Issuing CA 1", false)], Authorities(Chain[..1]));

    [Fact]
    public void Authorities_OfASelfSignedCertificate_AreItself() => Assert.Equal([("Example Root", true)], Authorities(Chain[2..]));

    [Fact]
    public void Document_HasWhatScriptsLookFor()
    {
        string text = CertificateRecords.Document(Chain);

        Assert.StartsWith($"SHA1:{Chain[0].Sha1}\nNAME:/", text, StringComparison.Ordinal);
        Assert.Equal(3, text.Split("-----BEGIN CERTIFICATE-----\n").Length - 1);
        Assert.Equal(3, text.Split("-----END CERTIFICATE-----\n").Length - 1);
        foreach (
            string line in new[]
            {
                "        Version: 3 (0x2)",
                "        Serial Number: 817577 (0xc79a9)",
                "        Signature Algorithm: ecdsa-with-SHA256",
                "                DNS:www.example.org, DNS:example.org",
                "                OCSP - URI:http://ocsp.example.org",
                "            Not Before: Jan  5 00:00:00 2024 GMT",
                "            Public Key Algorithm: rsaEncryption",
                "                Public-Key: (2048 bit)",
                "                Modulus:",
                "                Exponent: 65537 (0x10001)",
                "                ASN1 OID: prime256v1",
            }
        )
        {
            Assert.Contains(line + "\n", text, StringComparison.Ordinal);
        }

        Assert.Matches(@"\n {20}00:([0-9a-f]{2}:){14}\n", text);
        Assert.Contains("        Issuer: ", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Resource_HasTheFormOfTheScriptApi()
    {
        Assert.Equal($"SHA1:{Chain[0].Sha1}\nNAME:{Chain[0].Subject.OneLine}", CertificateRecords.ResourceUri(Chain[0]));
        Assert.Equal(3, CertificateRecords.ResourceLabel(Chain).Split("-----BEGIN CERTIFICATE-----").Length - 1);
    }

    [Fact]
    public void Garbage_IsUnreadable_AndCounted()
    {
        CertificateDetails details = _observer.Certificates.Get([0x30, 0x82, 0xFF, 0xFF, 1, 2, 3]);

        Assert.False(details.IsReadable);
        Assert.Equal("", details.Subject.Owner);
        Assert.Contains("cannot be read", details.Dump, StringComparison.Ordinal);
        Assert.Equal(1, _observer.Statistics.BadCertificates);
    }

    [Fact]
    public void MutatedCertificates_NeverThrow()
    {
        var random = new Random(7);
        for (int round = 0; round < 500; round++)
        {
            byte[] der = [.. TlsBytes.Chain[round % 3]];
            for (int i = 0; i < 3; i++)
                der[random.Next(der.Length)] = (byte)random.Next(256);
            CertificateDetails details = _observer.Certificates.Get(der);
            Assert.NotEmpty(details.Dump);
            Assert.DoesNotContain('\n', details.Subject.OneLine);
        }

        Assert.InRange(_observer.Certificates.Count, 1, 4);
    }

    private static List<(string, bool)> Authorities(IReadOnlyList<CertificateDetails> chain) =>
        [.. CertificateRecords.Authorities(chain).Select(authority => (authority.Name.Authority, authority.IsRoot))];
}
