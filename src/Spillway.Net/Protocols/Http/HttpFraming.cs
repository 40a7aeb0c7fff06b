using System.Text;

namespace Spillway.Net.Protocols.Http;

/// <summary>How the end of a body is found (RFC 9112, section 6.3).</summary>
internal enum BodyFraming : byte
{
    None,
    Length,
    Chunked,
    UntilClose,
}

/// <summary>What a header says about the body that follows.</summary>
internal ref struct HttpFraming
{
    private const int NotSeen = -1;
    private const int Bad = -2;

    private long _length;
    private bool _chunked;

    public BodyFraming Kind { get; private set; }

    /// <summary>Bytes on the wire, for <see cref="BodyFraming.Length"/>.</summary>
    public readonly long Length => _length;

    /// <summary>Reads the framing fields of a header.</summary>
    /// <param name="request">The request that a response answers, if known.</param>
    public static HttpFraming Of(HttpHeader header, HttpHeader? request, HttpStatistics statistics)
    {
        HttpFraming framing = new() { _length = NotSeen };
        foreach (ref readonly HttpField field in header.Fields)
        {
            if (field.NameLength == 14 && Ascii.EqualsIgnoreCase(header.NameOf(field), "content-length"u8))
                framing.AddLength(header.ValueOf(field), statistics);
            else if (field.NameLength == 17 && Ascii.EqualsIgnoreCase(header.NameOf(field), "transfer-encoding"u8))
                framing._chunked |= NamesChunked(header.ValueOf(field));
        }

        framing.Kind = framing.Decide(header, request);
        return framing;
    }

    private readonly BodyFraming Decide(HttpHeader header, HttpHeader? request)
    {
        // A 204 with a body is wrong, but sent; whether it is there shows when the next bytes are.
        if (!header.IsRequest && (header.Status is 304 or (>= 100 and < 200) || (request is not null && request.Method.SequenceEqual("HEAD"u8))))
            return BodyFraming.None;

        if (_chunked)
            return BodyFraming.Chunked;

        if (_length >= 0)
            return _length == 0 ? BodyFraming.None : BodyFraming.Length;

        return header.IsRequest || header.Status == 204 ? BodyFraming.None : BodyFraming.UntilClose;
    }

    // "5", "5, 5"; a length with something behind its digits counts as far as they go.
    private void AddLength(ReadOnlySpan<byte> value, HttpStatistics statistics)
    {
        foreach (Range part in value.Split((byte)','))
        {
            long length = ParseLength(value[part].Trim(" \t\r\n"u8));
            if (length == Bad || (_length != NotSeen && _length != length))
                statistics.BadLengths++;

            // Of lengths that differ the first counts, as most readers do it; one that is no length counts only if there is no other.
            if (_length < 0)
                _length = length;
        }
    }

    private static long ParseLength(ReadOnlySpan<byte> text)
    {
        long length = 0;
        int digits = 0;
        while (digits < text.Length && char.IsAsciiDigit((char)text[digits]))
        {
            if (length > (long.MaxValue - 9) / 10)
                return Bad;
            length = (length * 10) + (text[digits++] - '0');
        }

        return digits == 0 ? Bad : length;
    }

    // "chunkedx" is taken for chunked, as readers in the field do; "xchunked" is not.
    private static bool NamesChunked(ReadOnlySpan<byte> value)
    {
        foreach (Range part in value.Split((byte)','))
        {
            ReadOnlySpan<byte> token = value[part].Trim(" \t\r\n"u8);
            if (token.Length >= 7 && Ascii.EqualsIgnoreCase(token[..7], "chunked"u8))
                return true;
        }

        return false;
    }
}
