using System.Globalization;
using System.Numerics;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Spillway.Net.Protocols.Tls.Certificates;

/// <summary>
/// A certificate as <c>openssl x509 -text</c> prints it, without the signature's bytes and without extensions that few have.
/// </summary>
public static class CertificateText
{
    private const int HexBytesPerLine = 15;
    private const string ModulusIndent = "                    ";

    /// <summary>Writes the dump. Never throws; what cannot be read is left out.</summary>
    public static string Write(CertificateDetails details)
    {
        ArgumentNullException.ThrowIfNull(details);
        var text = new StringBuilder(4096);
        try
        {
            using X509Certificate2 certificate = X509CertificateLoader.LoadCertificate(details.Der.Span);
            WriteBody(certificate, details, text);
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            text.Append("Certificate: cannot be read\n");
        }

        return text.ToString();
    }

    private static void WriteBody(X509Certificate2 certificate, CertificateDetails details, StringBuilder text)
    {
        string signature = AlgorithmName(certificate.SignatureAlgorithm);
        CultureInfo culture = CultureInfo.InvariantCulture;
        text.Append("Certificate:\n    Data:\n");
        text.Append(culture, $"        Version: {certificate.Version} (0x{certificate.Version - 1:x})\n");
        WriteSerial(certificate.SerialNumberBytes.Span, text);
        text.Append(culture, $"        Signature Algorithm: {signature}\n");
        text.Append(culture, $"        Issuer: {details.Issuer.CommaSeparated}\n");
        text.Append("        Validity\n");
        text.Append(culture, $"            Not Before: {Time(details.NotBefore)}\n            Not After : {Time(details.NotAfter)}\n");
        text.Append(culture, $"        Subject: {details.Subject.CommaSeparated}\n");
        text.Append("        Subject Public Key Info:\n");
        text.Append(culture, $"            Public Key Algorithm: {AlgorithmName(certificate.PublicKey.Oid)}\n");
        Guarded(text, () => WriteKey(certificate, text));
        if (certificate.Extensions.Count > 0)
            text.Append("        X509v3 extensions:\n");
        foreach (X509Extension extension in certificate.Extensions)
            Guarded(text, () => CertificateExtensionText.Write(extension, text));
        text.Append(culture, $"    Signature Algorithm: {signature}\n");
    }

    // One unreadable part must not cost the rest: it is taken back.
    private static void Guarded(StringBuilder text, Action write)
    {
        int length = text.Length;
        try
        {
            write();
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            text.Length = length;
        }
    }

    // On the line if it is small, as OpenSSL has it: scripts find it there.
    private static void WriteSerial(ReadOnlySpan<byte> bytes, StringBuilder text)
    {
        var serial = new BigInteger(bytes, isUnsigned: false, isBigEndian: true);
        BigInteger size = BigInteger.Abs(serial);
        text.Append("        Serial Number:");
        string sign = serial.Sign < 0 ? "-" : "";
        if (size <= long.MaxValue)
            text.Append(CultureInfo.InvariantCulture, $" {serial} ({sign}0x{(long)size:x})\n");
        else
            text.Append(sign.Length > 0 ? " (Negative)" : "")
                .Append("\n            ")
                .Append(Colons(size.ToByteArray(isUnsigned: true, isBigEndian: true)))
                .Append('\n');
    }

    private static void WriteKey(X509Certificate2 certificate, StringBuilder text)
    {
        CultureInfo culture = CultureInfo.InvariantCulture;
        using RSA? rsa = certificate.GetRSAPublicKey();
        if (rsa is not null)
        {
            RSAParameters key = rsa.ExportParameters(includePrivateParameters: false);
            var exponent = new BigInteger(key.Exponent, isUnsigned: true, isBigEndian: true);
            text.Append(culture, $"                Public-Key: ({rsa.KeySize} bit)\n                Modulus:\n");
            // As OpenSSL has it: a leading zero where the highest bit is set.
            AppendHexLines(text, key.Modulus![0] >= 0x80 ? [0, .. key.Modulus] : key.Modulus);
            text.Append(culture, $"                Exponent: {exponent} (0x{exponent:x})\n");
            return;
        }

        using ECDsa? ec = certificate.GetECDsaPublicKey();
        if (ec is null)
            return;
        ECParameters point = ec.ExportParameters(includePrivateParameters: false);
        text.Append(culture, $"                Public-Key: ({ec.KeySize} bit)\n                pub:\n");
        AppendHexLines(text, [4, .. point.Q.X!, .. point.Q.Y!]);
        (string asn1, string? nist) = CurveNames(point.Curve.Oid);
        text.Append(culture, $"                ASN1 OID: {asn1}\n");
        if (nist is not null)
            text.Append(culture, $"                NIST CURVE: {nist}\n");
    }

    private static void AppendHexLines(StringBuilder text, ReadOnlySpan<byte> bytes)
    {
        for (int at = 0; at < bytes.Length; at += HexBytesPerLine)
        {
            int count = Math.Min(HexBytesPerLine, bytes.Length - at);
            text.Append(ModulusIndent).Append(Colons(bytes.Slice(at, count))).Append(at + count < bytes.Length ? ":\n" : "\n");
        }
    }

    internal static string Colons(ReadOnlySpan<byte> bytes) =>
        string.Join(':', Convert.ToHexStringLower(bytes).Chunk(2).Select(pair => new string(pair)));

    // The day has two places.
    private static string Time(DateTime time) =>
        string.Create(CultureInfo.InvariantCulture, $"{time:MMM} {time.Day, 2} {time:HH:mm:ss yyyy} GMT");

    private static string AlgorithmName(Oid oid) =>
        oid.Value switch
        {
            "1.2.840.113549.1.1.1" => "rsaEncryption",
            "1.2.840.113549.1.1.2" => "md2WithRSAEncryption",
            "1.2.840.113549.1.1.4" => "md5WithRSAEncryption",
            "1.2.840.113549.1.1.5" => "sha1WithRSAEncryption",
            "1.2.840.113549.1.1.10" => "rsassaPss",
            "1.2.840.113549.1.1.11" => "sha256WithRSAEncryption",
            "1.2.840.113549.1.1.12" => "sha384WithRSAEncryption",
            "1.2.840.113549.1.1.13" => "sha512WithRSAEncryption",
            "1.2.840.10040.4.1" => "dsaEncryption",
            "1.2.840.10040.4.3" => "dsaWithSHA1",
            "1.2.840.10045.2.1" => "id-ecPublicKey",
            "1.2.840.10045.4.1" => "ecdsa-with-SHA1",
            "1.2.840.10045.4.3.2" => "ecdsa-with-SHA256",
            "1.2.840.10045.4.3.3" => "ecdsa-with-SHA384",
            "1.2.840.10045.4.3.4" => "ecdsa-with-SHA512",
            "1.3.101.112" => "ED25519",
            "1.3.101.113" => "ED448",
            { } other => other,
            null => "",
        };

    private static (string Asn1, string? Nist) CurveNames(Oid curve) =>
        (curve.Value ?? curve.FriendlyName) switch
        {
            "1.2.840.10045.3.1.7" or "nistP256" or "ECDSA_P256" => ("prime256v1", "P-256"),
            "1.3.132.0.34" or "nistP384" or "ECDSA_P384" => ("secp384r1", "P-384"),
            "1.3.132.0.35" or "nistP521" or "ECDSA_P521" => ("secp521r1", "P-521"),
            { } other => (other, null),
            null => ("", null),
        };
}
