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

    /// <summary>
    /// True for a response that has no body, whatever its header announces: if one is sent all the same, the next bytes show it.
    /// </summary>
    public static bool IsBodiless(int status) => status is (>= 100 and < 200) or 204 or 304;

    /// <summary>
    /// True for a request whose client waits for a word of the server before it sends the body (RFC 9110, section 10.1.1).
    /// </summary>
    public static bool AwaitsContinue(HttpHeader header)
    {
        if (!header.TryGetValue("expect"u8, out ReadOnlySpan<byte> value))
            return false;

        foreach (Range part in value.Split((byte)','))
        {
            if (Ascii.EqualsIgnoreCase(value[part].Trim(" \t\r\n"u8), "100-continue"u8))
                return true;
        }

        return false;
    }

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
        if (!header.IsRequest && request is not null && request.Method.SequenceEqual("HEAD"u8))
            return BodyFraming.None;

        if (_chunked)
            return BodyFraming.Chunked;

        if (_length >= 0)
            return _length == 0 ? BodyFraming.None : BodyFraming.Length;

        return header.IsRequest || IsBodiless(header.Status) ? BodyFraming.None : BodyFraming.UntilClose;
    }

    // "5", "5, 5".
    private void AddLength(ReadOnlySpan<byte> value, HttpStatistics statistics)
    {
        foreach (Range part in value.Split((byte)','))
        {
            long length = ParseLength(value[part].Trim(" \t\r\n\0"u8));
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
        foreach (byte digit in text)
        {
            if (!char.IsAsciiDigit((char)digit) || length > (long.MaxValue - 9) / 10)
                return Bad;
            length = (length * 10) + (digit - '0');
        }

        return text.IsEmpty ? Bad : length;
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
