using System.Formats.Asn1;
using System.Security.Cryptography;
using Spillway.Net.Protocols.Tls;
using Spillway.Net.Protocols.Tls.Certificates;

namespace Spillway.Net.Tests.Tls;

/// <summary>
/// The text of a certificate beside what OpenSSL 3.0 prints of it, in the form of names that its older and newer versions have.
/// </summary>
public sealed class CertificateTextTests
{
    // Made by openssl req -x509 for this test, with every extension that is written. Scripts find their fields by the words around them.
    private const string Pem = """
        -----BEGIN CERTIFICATE-----
        MIID4zCCA4mgAwIBAgIDAjppMAoGCCqGSM49BAMCMEoxCzAJBgNVBAYTAkRFMRUw
        EwYDVQQKDAxFeGFtcGxlIEdtYkgxJDAKBgNVBAsMA1dlYjAWBgNVBAMMD3d3dy5l
        eGFtcGxlLm9yZzAeFw0yNjExMzAwMTEyMzBaFw0zNTAyMTYwMTEyMzBaMEoxCzAJ
        BgNVBAYTAkRFMRUwEwYDVQQKDAxFeGFtcGxlIEdtYkgxJDAKBgNVBAsMA1dlYjAW
        BgNVBAMMD3d3dy5leGFtcGxlLm9yZzBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IA
        BHp5pQerOxiwVN9dd+z1t8QsUlERDiE1Q/Jq7DOZ9DawTGViB1UfJS8rsciNahLE
        8khpst0x432vQKTmvEbWE1mjggJcMIICWDASBgNVHRMBAf8ECDAGAQH/AgECMA4G
        A1UdDwEB/wQEAwIBpjAsBgNVHSUEJTAjBggrBgEFBQcDAQYIKwYBBQUHAwIGCCsG
        AQUFBwMJBgMqAwQwHQYDVR0OBBYEFAxewM0XVZaBFauyM8fXEvrk1Z8dMHQGA1Ud
        IwRtMGuAFAxewM0XVZaBFauyM8fXEvrk1Z8doU6kTDBKMQswCQYDVQQGEwJERTEV
        MBMGA1UECgwMRXhhbXBsZSBHbWJIMSQwCgYDVQQLDANXZWIwFgYDVQQDDA93d3cu
        ZXhhbXBsZS5vcmeCAwI6aTBrBgNVHREEZDBigg93d3cuZXhhbXBsZS5vcmeBDWFA
        ZXhhbXBsZS5vcmeGFGh0dHA6Ly9leGFtcGxlLm9yZy94hwTAAAIHhxAgAQ24AAAA
        AAAAAAAAAAAHiAMqAwSgDQYDKgMEoAYMBHNvbWUwUQYDVR0fBEowSDAioCCgHoYc
        aHR0cDovL2NybC5leGFtcGxlLm9yZy9hLmNybDAioCCgHoYcaHR0cDovL2NybC5l
        eGFtcGxlLm9yZy9iLmNybDBABgNVHSAEOTA3MAgGBmeBDAECATArBgMrBQgwJDAi
        BggrBgEFBQcCARYWaHR0cDovL2V4YW1wbGUub3JnL2NwczBaBggrBgEFBQcBAQRO
        MEwwJQYIKwYBBQUHMAKGGWh0dHA6Ly9leGFtcGxlLm9yZy9jYS5jcnQwIwYIKwYB
        BQUHMAGGF2h0dHA6Ly9vY3NwLmV4YW1wbGUub3JnMBEGCCsGAQUFBwEYBAUwAwIB
        BTAKBggqhkjOPQQDAgNIADBFAiEA4SozodP8d3flXLAIjyIci43FjQpkvms+8in1
        L74xQiMCIFgRq5UP5Z4LyIJS7jCa6Pz4Vqisk2IDOj4dLVPRTjtN
        -----END CERTIFICATE-----
        """;

    private const string Printed = """
        Certificate:
            Data:
                Version: 3 (0x2)
                Serial Number: 146025 (0x23a69)
                Signature Algorithm: ecdsa-with-SHA256
                Issuer: C=DE, O=Example GmbH, OU=Web, CN=www.example.org
                Validity
                    Not Before: Nov 30 01:12:30 2026 GMT
                    Not After : Feb 16 01:12:30 2035 GMT
                Subject: C=DE, O=Example GmbH, OU=Web, CN=www.example.org
                Subject Public Key Info:
                    Public Key Algorithm: id-ecPublicKey
                        Public-Key: (256 bit)
                        pub:
                            04:7a:79:a5:07:ab:3b:18:b0:54:df:5d:77:ec:f5:
                            b7:c4:2c:52:51:11:0e:21:35:43:f2:6a:ec:33:99:
                            f4:36:b0:4c:65:62:07:55:1f:25:2f:2b:b1:c8:8d:
                            6a:12:c4:f2:48:69:b2:dd:31:e3:7d:af:40:a4:e6:
                            bc:46:d6:13:59
                        ASN1 OID: prime256v1
                        NIST CURVE: P-256
                X509v3 extensions:
                    X509v3 Basic Constraints: critical
                        CA:TRUE, pathlen:2
                    X509v3 Key Usage: critical
                        Digital Signature, Key Encipherment, Certificate Sign, CRL Sign
                    X509v3 Extended Key Usage:
                        TLS Web Server Authentication, TLS Web Client Authentication, OCSP Signing, 1.2.3.4
                    X509v3 Subject Key Identifier:
                        0C:5E:C0:CD:17:55:96:81:15:AB:B2:33:C7:D7:12:FA:E4:D5:9F:1D
                    X509v3 Authority Key Identifier:
                        keyid:0C:5E:C0:CD:17:55:96:81:15:AB:B2:33:C7:D7:12:FA:E4:D5:9F:1D
                        DirName:/C=DE/O=Example GmbH/OU=Web/CN=www.example.org
                        serial:02:3A:69
                    X509v3 Subject Alternative Name:
                        DNS:www.example.org, email:a@example.org, URI:http://example.org/x, IP Address:192.0.2.7, IP Address:2001:DB8:0:0:0:0:0:7, Registered ID:1.2.3.4, othername:<unsupported>
                    X509v3 CRL Distribution Points:
                        Full Name:
                          URI:http://crl.example.org/a.crl
                        Full Name:
                          URI:http://crl.example.org/b.crl
                    X509v3 Certificate Policies:
                        Policy: 2.23.140.1.2.1
                        Policy: 1.3.5.8
                          CPS: http://example.org/cps
                    Authority Information Access:
                        CA Issuers - URI:http://example.org/ca.crt
                        OCSP - URI:http://ocsp.example.org
                    TLS Feature:
                        status_request
            Signature Algorithm: ecdsa-with-SHA256

        """;

    [Fact]
    public void Dump_IsWhatOpenSslPrints()
    {
        CertificateDetails details = Read(Pem);

        // Titles of extensions end in a blank unless they are critical.
        Assert.Equal(Printed.ReplaceLineEndings("\n"), details.Dump.Replace(": \n", ":\n", StringComparison.Ordinal));
        Assert.Contains("X509v3 Extended Key Usage: \n                TLS Web Server", details.Dump, StringComparison.Ordinal);
    }

    [Fact]
    public void Name_WithSeveralAttributesInOnePlace_HasAllOfThem()
    {
        CertificateDetails details = Read(Pem);

        Assert.Equal("/C=DE/O=Example GmbH/OU=Web/CN=www.example.org", details.Subject.OneLine);
        Assert.Equal("www.example.org", details.Subject.CommonName);
    }

    // A long serial number, and one with its highest bit set, stand in a line of their own, without the zero that DER puts before it.
    [Theory]
    [InlineData("05", " 5 (0x5)")]
    [InlineData("7FFFFFFFFFFFFFFF", " 9223372036854775807 (0x7fffffffffffffff)")]
    [InlineData("00FFFFFFFFFFFFFFFE", "\n            ff:ff:ff:ff:ff:ff:ff:fe")]
    [InlineData("99FAA8037A4EB2FAEF84EB5E55D5B8C8", " (Negative)\n            66:05:57:fc:85:b1:4d:05:10:7b:14:a1:aa:2a:47:38")]
    [InlineData("FB", " -5 (-0x5)")]
    public void SerialNumber_IsWrittenAsOpenSslDoes(string serial, string expected)
    {
        byte[] der = Read(Pem).Der.ToArray();
        byte[] number = Convert.FromHexString(serial);

        CertificateDetails details = new TlsObserver(new TlsLimits()).Certificates.Get(WithSerial(der, number));

        Assert.Contains($"        Serial Number:{expected}\n        Signature Algorithm:", details.Dump, StringComparison.Ordinal);
    }

    private static CertificateDetails Read(string pem)
    {
        PemFields fields = PemEncoding.Find(pem);
        return new TlsObserver(new TlsLimits()).Certificates.Get(Convert.FromBase64String(pem[fields.Base64Data]));
    }

    // Nothing is verified, so a serial number may be put in the place of another.
    private static byte[] WithSerial(byte[] der, byte[] number)
    {
        var reader = new AsnReader(der, AsnEncodingRules.DER);
        AsnReader certificate = reader.ReadSequence();
        AsnReader body = certificate.ReadSequence();
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            using (writer.PushSequence())
            {
                writer.WriteEncodedValue(body.ReadEncodedValue().Span);
                body.ReadEncodedValue();
                writer.WriteInteger(number);
                while (body.HasData)
                    writer.WriteEncodedValue(body.ReadEncodedValue().Span);
            }

            while (certificate.HasData)
                writer.WriteEncodedValue(certificate.ReadEncodedValue().Span);
        }

        return writer.Encode();
    }
}
