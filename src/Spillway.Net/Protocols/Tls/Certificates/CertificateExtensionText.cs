using System.Buffers.Binary;
using System.Formats.Asn1;
using System.Globalization;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Spillway.Net.Protocols.Tls.Certificates;

/// <summary>
/// Extensions of certificates (RFC 5280, section 4.2) as <c>openssl x509 -text</c> prints them; those that it does not know are left out.
/// </summary>
/// <remarks>Each method may throw at what is no such extension: the caller takes back what was written.</remarks>
internal static class CertificateExtensionText
{
    private const string Head = "            ";
    private const string Body = "                ";

    private static readonly string[] KeyUsages =
    [
        "Digital Signature",
        "Non Repudiation",
        "Key Encipherment",
        "Data Encipherment",
        "Key Agreement",
        "Certificate Sign",
        "CRL Sign",
        "Encipher Only",
        "Decipher Only",
    ];

    /// <summary>Writes an extension: its title, then its value.</summary>
    public static void Write(X509Extension extension, StringBuilder text)
    {
        (string? title, Action<AsnReader, StringBuilder>? write) = extension.Oid?.Value switch
        {
            "2.5.29.14" => ("X509v3 Subject Key Identifier", WriteSubjectKey),
            "2.5.29.15" => ("X509v3 Key Usage", WriteKeyUsage),
            "2.5.29.17" => ("X509v3 Subject Alternative Name", WriteNames),
            "2.5.29.18" => ("X509v3 Issuer Alternative Name", WriteNames),
            "2.5.29.19" => ("X509v3 Basic Constraints", WriteConstraints),
            "2.5.29.31" => ("X509v3 CRL Distribution Points", WritePoints),
            "2.5.29.32" => ("X509v3 Certificate Policies", WritePolicies),
            "2.5.29.35" => ("X509v3 Authority Key Identifier", WriteAuthorityKey),
            "2.5.29.37" => ("X509v3 Extended Key Usage", WritePurposes),
            "1.3.6.1.5.5.7.1.1" => ("Authority Information Access", WriteAccess),
            "1.3.6.1.5.5.7.1.24" => ("TLS Feature", WriteFeatures),
            _ => ((string?)null, (Action<AsnReader, StringBuilder>?)null),
        };
        if (title is null || write is null)
            return;
        text.Append(Head).Append(title).Append(extension.Critical ? ": critical\n" : ": \n");
        write(new AsnReader(extension.RawData, AsnEncodingRules.BER), text);
    }

    private static void WriteSubjectKey(AsnReader reader, StringBuilder text) =>
        text.Append(Body).Append(Colons(reader.ReadOctetString())).Append('\n');

    private static void WriteKeyUsage(AsnReader reader, StringBuilder text)
    {
        byte[] bits = reader.ReadBitString(out _);
        WriteList(KeyUsages.Where((_, i) => i / 8 < bits.Length && (bits[i / 8] & (0x80 >> (i % 8))) != 0), text);
    }

    private static void WriteNames(AsnReader reader, StringBuilder text)
    {
        List<string> names = [];
        for (AsnReader all = reader.ReadSequence(); all.HasData; )
            names.Add(NameOf(all));
        WriteList(names, text);
    }

    private static void WriteConstraints(AsnReader reader, StringBuilder text)
    {
        AsnReader constraints = reader.ReadSequence();
        bool isAuthority = constraints.HasData && constraints.PeekTag().HasSameClassAndValue(Asn1Tag.Boolean) && constraints.ReadBoolean();
        text.Append(Body).Append(isAuthority ? "CA:TRUE" : "CA:FALSE");
        if (constraints.HasData)
            text.Append(", pathlen:").Append(constraints.ReadInteger());
        text.Append('\n');
    }

    // DistributionPoint: the name in [0], of it the full name in [0].
    private static void WritePoints(AsnReader reader, StringBuilder text)
    {
        for (AsnReader points = reader.ReadSequence(); points.HasData; )
        {
            AsnReader point = points.ReadSequence();
            var first = new Asn1Tag(TagClass.ContextSpecific, 0);
            if (!point.HasData || !point.PeekTag().HasSameClassAndValue(first))
                continue;
            AsnReader name = point.ReadSequence(first);
            if (!name.HasData || !name.PeekTag().HasSameClassAndValue(first))
                continue;
            text.Append(Body).Append("Full Name:\n");
            for (AsnReader names = name.ReadSequence(first); names.HasData; )
                text.Append(Body).Append("  ").Append(NameOf(names)).Append('\n');
        }
    }

    private static void WritePolicies(AsnReader reader, StringBuilder text)
    {
        for (AsnReader policies = reader.ReadSequence(); policies.HasData; )
        {
            AsnReader policy = policies.ReadSequence();
            string identifier = policy.ReadObjectIdentifier();
            text.Append(Body).Append("Policy: ").Append(identifier == "2.5.29.32.0" ? "X509v3 Any Policy" : identifier).Append('\n');
            for (AsnReader? qualifiers = policy.HasData ? policy.ReadSequence() : null; qualifiers is { HasData: true }; )
            {
                AsnReader qualifier = qualifiers.ReadSequence();
                if (qualifier.ReadObjectIdentifier() != "1.3.6.1.5.5.7.2.1")
                    continue;
                text.Append(Body)
                    .Append("  CPS: ")
                    .Append(CertificateName.Printable(qualifier.ReadCharacterString(UniversalTagNumber.IA5String)))
                    .Append('\n');
            }
        }
    }

    private static void WriteAuthorityKey(AsnReader reader, StringBuilder text)
    {
        AsnReader key = reader.ReadSequence();
        var identifier = new Asn1Tag(TagClass.ContextSpecific, 0);
        if (key.HasData && key.PeekTag().HasSameClassAndValue(identifier))
            text.Append(Body).Append("keyid:").Append(Colons(key.ReadOctetString(identifier))).Append('\n');
        var issuer = new Asn1Tag(TagClass.ContextSpecific, 1);
        if (!key.HasData || !key.PeekTag().HasSameClassAndValue(issuer))
            return;
        for (AsnReader names = key.ReadSequence(issuer); names.HasData; )
            text.Append(Body).Append(NameOf(names)).Append('\n');
        if (key.HasData)
            text.Append(Body)
                .Append("serial:")
                .Append(Colons(key.ReadIntegerBytes(new Asn1Tag(TagClass.ContextSpecific, 2)).Span))
                .Append('\n');
    }

    private static void WritePurposes(AsnReader reader, StringBuilder text)
    {
        List<string> purposes = [];
        for (AsnReader all = reader.ReadSequence(); all.HasData; )
            purposes.Add(PurposeOf(all.ReadObjectIdentifier()));
        WriteList(purposes, text);
    }

    private static void WriteAccess(AsnReader reader, StringBuilder text)
    {
        for (AsnReader all = reader.ReadSequence(); all.HasData; )
        {
            AsnReader access = all.ReadSequence();
            string method = access.ReadObjectIdentifier() switch
            {
                "1.3.6.1.5.5.7.48.1" => "OCSP",
                "1.3.6.1.5.5.7.48.2" => "CA Issuers",
                { } other => other,
            };
            text.Append(Body).Append(method).Append(" - ").Append(NameOf(access)).Append('\n');
        }
    }

    private static void WriteFeatures(AsnReader reader, StringBuilder text)
    {
        List<string> features = [];
        for (AsnReader all = reader.ReadSequence(); all.HasData; )
        {
            string number = all.ReadInteger().ToString(CultureInfo.InvariantCulture);
            features.Add(
                number switch
                {
                    "5" => "status_request",
                    "17" => "status_request_v2",
                    _ => number,
                }
            );
        }

        WriteList(features, text);
    }

    private static void WriteList(IEnumerable<string> values, StringBuilder text) =>
        text.Append(Body).AppendJoin(", ", values).Append('\n');

    // GeneralName (RFC 5280, section 4.2.1.6).
    private static string NameOf(AsnReader reader)
    {
        Asn1Tag tag = reader.PeekTag();
        if (tag.TagClass != TagClass.ContextSpecific)
            throw new AsnContentException();
        switch (tag.TagValue)
        {
            case 1:
                return "email:" + TextOf(reader, tag);
            case 2:
                return "DNS:" + TextOf(reader, tag);
            case 4:
                return "DirName:"
                    + CertificateName.Read(new X500DistinguishedName(reader.ReadSequence(tag).ReadEncodedValue().Span)).OneLine;
            case 6:
                return "URI:" + TextOf(reader, tag);
            case 7:
                return "IP Address:" + AddressOf(reader.ReadOctetString(tag));
            case 8:
                return "Registered ID:" + reader.ReadObjectIdentifier(tag);
            default:
                reader.ReadEncodedValue();
                return tag.TagValue switch
                {
                    0 => "othername:<unsupported>",
                    3 => "X400Name:<unsupported>",
                    5 => "EdiPartyName:<unsupported>",
                    _ => "<unsupported>",
                };
        }
    }

    private static string TextOf(AsnReader reader, Asn1Tag tag) =>
        CertificateName.Printable(reader.ReadCharacterString(UniversalTagNumber.IA5String, tag));

    private static string AddressOf(byte[] bytes) =>
        bytes.Length switch
        {
            4 => new IPAddress(bytes).ToString(),
            16 => string.Join(
                ':',
                Enumerable
                    .Range(0, 8)
                    .Select(i => BinaryPrimitives.ReadUInt16BigEndian(bytes.AsSpan(i * 2)).ToString("X", CultureInfo.InvariantCulture))
            ),
            _ => "<invalid>",
        };

    private static string PurposeOf(string identifier) =>
        identifier switch
        {
            "2.5.29.37.0" => "Any Extended Key Usage",
            "1.3.6.1.5.5.7.3.1" => "TLS Web Server Authentication",
            "1.3.6.1.5.5.7.3.2" => "TLS Web Client Authentication",
            "1.3.6.1.5.5.7.3.3" => "Code Signing",
            "1.3.6.1.5.5.7.3.4" => "E-mail Protection",
            "1.3.6.1.5.5.7.3.8" => "Time Stamping",
            "1.3.6.1.5.5.7.3.9" => "OCSP Signing",
            "1.3.6.1.4.1.311.10.3.3" => "Microsoft Server Gated Crypto",
            "1.3.6.1.4.1.311.20.2.2" => "Microsoft Smartcard Login",
            "2.16.840.1.113730.4.1" => "Netscape Server Gated Crypto",
            _ => identifier,
        };

    private static string Colons(ReadOnlySpan<byte> bytes) => CertificateText.Colons(bytes).ToUpperInvariant();
}
