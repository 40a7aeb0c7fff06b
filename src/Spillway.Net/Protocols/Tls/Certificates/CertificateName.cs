using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Spillway.Net.Protocols.Tls.Certificates;

/// <summary>A distinguished name. Immutable.</summary>
public sealed class CertificateName
{
    private CertificateName(IReadOnlyList<KeyValuePair<string, string>> parts) => Parts = parts;

    /// <summary>A name without parts.</summary>
    public static CertificateName Empty { get; } = new([]);

    /// <summary>Keys in OpenSSL's short form and values, in the order of encoding. Control characters are written <c>\xNN</c>.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Parts { get; }

    /// <summary>CN; the last, if there are several; empty without one.</summary>
    public string CommonName => Last("CN");

    /// <summary>O; empty without one.</summary>
    public string Organization => Last("O");

    /// <summary>The old OpenSSL form: <c>/C=US/O=Example/CN=www.example.org</c>.</summary>
    public string OneLine => string.Concat(Parts.Select(part => $"/{part.Key}={part.Value}"));

    /// <summary>The form of a text dump: <c>C=US, O=Example, CN=www.example.org</c>.</summary>
    public string CommaSeparated => string.Join(", ", Parts.Select(part => $"{part.Key}={part.Value}"));

    /// <summary>Who it is: the organisation, else the common name, else unit, else all of it (attribute <c>TLS:O</c>).</summary>
    public string Owner => First(Organization, CommonName, Last("OU"), OneLine);

    /// <summary>
    /// Which authority it is: the common name, else unit, else organisation, else all of it (attributes <c>TLS:CA:*</c>).
    /// </summary>
    public string Authority => First(CommonName, Last("OU"), Organization, OneLine);

    internal static CertificateName Read(X500DistinguishedName name)
    {
        List<KeyValuePair<string, string>> parts = [];
        foreach (X500RelativeDistinguishedName part in name.EnumerateRelativeDistinguishedNames(reversed: false))
        {
            if (part.HasMultipleElements)
                AddElements(part, parts);
            else if (ValueOf(part) is { } value)
                parts.Add(new(KeyOf(part.GetSingleElementType().Value ?? ""), Printable(value)));
        }

        return new CertificateName(parts);
    }

    // Several attributes in one place (RFC 5280, appendix A: a SET): each counts as a part.
    private static void AddElements(X500RelativeDistinguishedName part, List<KeyValuePair<string, string>> parts)
    {
        try
        {
            for (
                AsnReader elements = new AsnReader(part.RawData, AsnEncodingRules.BER).ReadSetOf(skipSortOrderValidation: true);
                elements.HasData;

            )
            {
                AsnReader element = elements.ReadSequence();
                string key = KeyOf(element.ReadObjectIdentifier());
                var type = (UniversalTagNumber)element.PeekTag().TagValue;
                parts.Add(new(key, Printable(element.ReadCharacterString(type))));
            }
        }
        catch (Exception exception) when (exception is AsnContentException or ArgumentException)
        {
            // What could be read stays.
        }
    }

    // A line feed in a name must not make a line of its own in a text.
    internal static string Printable(string value)
    {
        if (!value.AsSpan().ContainsAnyInRange('\0', '\x1F') && !value.Contains('\x7F'))
            return value;
        var text = new StringBuilder(value.Length + 8);
        foreach (char character in value)
        {
            if (char.IsControl(character))
                text.Append(System.Globalization.CultureInfo.InvariantCulture, $"\\x{(int)character:X2}");
            else
                text.Append(character);
        }

        return text.ToString();
    }

    private static string First(params ReadOnlySpan<string> texts)
    {
        foreach (string text in texts)
        {
            if (text.Length > 0)
                return text;
        }

        return "";
    }

    private string Last(string key) => Parts.LastOrDefault(part => part.Key == key).Value ?? "";

    private static string? ValueOf(X500RelativeDistinguishedName part)
    {
        try
        {
            return part.GetSingleElementValue();
        }
        catch (Exception exception) when (exception is CryptographicException or InvalidOperationException)
        {
            return null; // a type of string that is not known
        }
    }

    // OpenSSL's short names.
    private static string KeyOf(string oid) =>
        oid switch
        {
            "2.5.4.3" => "CN",
            "2.5.4.4" => "SN",
            "2.5.4.5" => "serialNumber",
            "2.5.4.6" => "C",
            "2.5.4.7" => "L",
            "2.5.4.8" => "ST",
            "2.5.4.9" => "street",
            "2.5.4.10" => "O",
            "2.5.4.11" => "OU",
            "2.5.4.12" => "title",
            "2.5.4.15" => "businessCategory",
            "2.5.4.17" => "postalCode",
            "2.5.4.42" => "GN",
            "2.5.4.97" => "organizationIdentifier",
            "1.2.840.113549.1.9.1" => "emailAddress",
            "0.9.2342.19200300.100.1.1" => "UID",
            "0.9.2342.19200300.100.1.25" => "DC",
            "1.3.6.1.4.1.311.60.2.1.1" => "jurisdictionL",
            "1.3.6.1.4.1.311.60.2.1.2" => "jurisdictionST",
            "1.3.6.1.4.1.311.60.2.1.3" => "jurisdictionC",
            _ => oid,
        };
}
