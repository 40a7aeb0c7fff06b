using System.Text;

namespace Spillway.Net.Protocols.Http.Codings;

/// <summary>A coding of content (RFC 9110, section 8.4.1) or of its transfer (RFC 9112, section 7.2).</summary>
internal enum ContentCoding : byte
{
    Identity,
    Gzip,
    Deflate,
    Brotli,
    Unknown,
}

/// <summary>The codings of a message that are to be undone, in the order in which they were applied.</summary>
[System.Runtime.CompilerServices.InlineArray(Capacity)]
internal struct CodingArray
{
    public const int Capacity = 16;
    private ContentCoding _first;
}

/// <summary>Collects the codings that a header names.</summary>
internal ref struct CodingList
{
    private CodingArray _codings;

    /// <summary>Number of codings; may be one more than <see cref="HttpLimits.MaxCodings"/>, which means too many.</summary>
    public int Count { get; private set; }

    /// <summary>The codings, first applied first.</summary>
    public readonly ContentCoding this[int index] => _codings[index];

    /// <summary>True if one is not known, or there are more than the limit: the outermost that is known may still be undone.</summary>
    public bool HasUnknown { get; private set; }

    /// <summary>Reads Content-Encoding, then Transfer-Encoding, whose codings lie around the content's (RFC 9112, section 7).</summary>
    public static CodingList Of(HttpHeader header, int limit)
    {
        CodingList list = default;
        foreach (ref readonly HttpField field in header.Fields)
        {
            if (field.NameLength == 16 && IsNamed(header, in field, "content-encoding"u8))
                list.Add(header.ValueOf(field), limit, isTransfer: false);
        }

        foreach (ref readonly HttpField field in header.Fields)
        {
            if (field.NameLength == 17 && IsNamed(header, in field, "transfer-encoding"u8))
                list.Add(header.ValueOf(field), limit, isTransfer: true);
        }

        return list;
    }

    // A blank before the colon makes it another name for most readers (RFC 9112, section 5.1 forbids it): then nothing is undone.
    private static bool IsNamed(HttpHeader header, in HttpField field, ReadOnlySpan<byte> name) =>
        Ascii.EqualsIgnoreCase(header.NameOf(field), name) && header.Raw[field.NameOffset + field.NameLength] == (byte)':';

    private void Add(ReadOnlySpan<byte> value, int limit, bool isTransfer)
    {
        foreach (Range part in value.Split((byte)','))
        {
            ReadOnlySpan<byte> token = value[part].Trim(" \t\r\n\0"u8);
            ContentCoding coding = isTransfer ? ParseTransfer(token) : Parse(token);
            if (coding == ContentCoding.Identity)
                continue;

            if (coding == ContentCoding.Unknown || Count >= limit)
            {
                // Whatever was applied before an unknown coding is out of reach.
                HasUnknown = true;
                Count = 0;
                continue;
            }

            _codings[Count++] = coding;
        }
    }

    // Chunked is framing. A word that is no coding at all is passed over, as browsers do; its parameters say nothing here.
    private static ContentCoding ParseTransfer(ReadOnlySpan<byte> token)
    {
        int parameters = token.IndexOf((byte)';');
        token = parameters < 0 ? token : token[..parameters].TrimEnd(" \t"u8);
        ContentCoding coding = Parse(token);
        bool isRegistered =
            Ascii.EqualsIgnoreCase(token, "compress"u8)
            || Ascii.EqualsIgnoreCase(token, "x-compress"u8)
            || Ascii.EqualsIgnoreCase(token, "zstd"u8);
        return coding == ContentCoding.Unknown && !isRegistered ? ContentCoding.Identity : coding;
    }

    private static ContentCoding Parse(ReadOnlySpan<byte> token)
    {
        if (token.IsEmpty || Ascii.EqualsIgnoreCase(token, "identity"u8))
            return ContentCoding.Identity;
        if (Ascii.EqualsIgnoreCase(token, "gzip"u8) || Ascii.EqualsIgnoreCase(token, "x-gzip"u8))
            return ContentCoding.Gzip;
        if (Ascii.EqualsIgnoreCase(token, "deflate"u8))
            return ContentCoding.Deflate;
        return Ascii.EqualsIgnoreCase(token, "br"u8) ? ContentCoding.Brotli : ContentCoding.Unknown;
    }
}
