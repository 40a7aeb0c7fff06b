using System.Globalization;
using System.Text;

namespace Spillway.Net.Protocols.Http;

/// <summary>The file name that a Content-Disposition field gives (RFC 6266).</summary>
public static class ContentDisposition
{
    private const int MaxCharsetBytes = 40;

    /// <summary>
    /// Reads the name: that of <c>filename*</c> (RFC 8187) if its character set is known, else of <c>filename</c>, without its quotes and
    /// the backslashes of quoted pairs (RFC 9110, section 5.6.4). Nothing is made safe: it may hold path separators and control characters.
    /// </summary>
    /// <param name="value">The field's value.</param>
    /// <returns>The name as UTF-8 where its character set is known, else its bytes as sent; null if there is none.</returns>
    public static byte[]? FileNameOf(ReadOnlySpan<byte> value)
    {
        byte[]? plain = null;
        byte[]? undecoded = null;
        ReadOnlySpan<byte> rest = value;
        SkipValue(ref rest);
        while (TryReadParameter(ref rest, out ReadOnlySpan<byte> name, out ReadOnlySpan<byte> text, out bool isQuoted))
        {
            bool isExtended = Ascii.EqualsIgnoreCase(name, "filename*"u8);
            if (!isExtended && (plain is not null || !Ascii.EqualsIgnoreCase(name, "filename"u8)))
                continue;

            byte[] given = isQuoted ? Unquote(text) : text.ToArray();
            if (given.Length == 0)
                continue;

            if (!isExtended)
                plain = given;
            else if (TryDecode(given, out byte[] decoded))
                return decoded;
            else
                undecoded ??= decoded;
        }

        return plain ?? undecoded;
    }

    // The next parameter; one without a value has an empty text.
    private static bool TryReadParameter(
        ref ReadOnlySpan<byte> rest,
        out ReadOnlySpan<byte> name,
        out ReadOnlySpan<byte> text,
        out bool isQuoted
    )
    {
        name = text = default;
        isQuoted = false;
        if (rest.IsEmpty)
            return false;

        rest = rest[1..]; // the semicolon
        int end = rest.IndexOfAny((byte)'=', (byte)';');
        name = Trim(end < 0 ? rest : rest[..end]);
        if (end < 0 || rest[end] == (byte)';')
        {
            rest = end < 0 ? default : rest[end..];
            return true;
        }

        rest = rest[(end + 1)..].TrimStart(" \t\r\n"u8);
        isQuoted = rest.StartsWith((byte)'"');
        text = SkipValue(ref rest);
        text = isQuoted ? text[1..] : Trim(text);
        return true;
    }

    // Goes to the semicolon behind a value, or to the end; those in a quoted string are part of it.
    private static ReadOnlySpan<byte> SkipValue(ref ReadOnlySpan<byte> rest)
    {
        ReadOnlySpan<byte> value = rest;
        int at = 0;
        if (rest.StartsWith((byte)'"'))
        {
            at = QuotedLength(rest[1..]) + 1;
            value = rest[..at];
        }

        int end = rest[at..].IndexOf((byte)';');
        if (at == 0)
            value = end < 0 ? rest : rest[..end];
        rest = end < 0 ? default : rest[(at + end)..];
        return value;
    }

    // Bytes up to the closing quote, or to the end where there is none.
    private static int QuotedLength(ReadOnlySpan<byte> text)
    {
        for (int at = 0; at < text.Length; at++)
        {
            if (text[at] == (byte)'"')
                return at;
            if (text[at] == (byte)'\\')
                at++;
        }

        return text.Length;
    }

    private static byte[] Unquote(ReadOnlySpan<byte> text)
    {
        byte[] result = new byte[text.Length];
        int length = 0;
        for (int at = 0; at < text.Length; at++)
        {
            if (text[at] == (byte)'\\' && at + 1 < text.Length)
                at++;
            result[length++] = text[at];
        }

        return result[..length];
    }

    // charset'language'text, with bytes as %HH. False if it is not of that form or the character set is unknown; then the bytes are as
    // sent.
    private static bool TryDecode(ReadOnlySpan<byte> value, out byte[] decoded)
    {
        int charset = value.IndexOf((byte)'\'');
        int language = charset < 0 ? -1 : value[(charset + 1)..].IndexOf((byte)'\'');
        decoded = Unescape(language < 0 ? value : value[(charset + language + 2)..]);
        if (language < 0 || charset > MaxCharsetBytes)
            return false;

        ReadOnlySpan<byte> name = value[..charset];
        if (Ascii.EqualsIgnoreCase(name, "utf-8"u8) || Ascii.EqualsIgnoreCase(name, "us-ascii"u8))
            return decoded.Length > 0;

        Encoding? encoding = Ascii.EqualsIgnoreCase(name, "iso-8859-1"u8)
            ? Encoding.Latin1
            : CodePagesEncodingProvider.Instance.GetEncoding(Encoding.ASCII.GetString(name));
        if (encoding is null)
            return false;

        decoded = Encoding.UTF8.GetBytes(encoding.GetString(decoded));
        return decoded.Length > 0;
    }

    private static byte[] Unescape(ReadOnlySpan<byte> text)
    {
        byte[] result = new byte[text.Length];
        int length = 0;
        for (int at = 0; at < text.Length; at++)
        {
            bool isEscaped =
                text[at] == (byte)'%'
                && at + 2 < text.Length
                && byte.TryParse(text.Slice(at + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out result[length]);
            if (isEscaped)
                at += 2;
            else
                result[length] = text[at];
            length++;
        }

        return result[..length];
    }

    private static ReadOnlySpan<byte> Trim(ReadOnlySpan<byte> text) => text.Trim(" \t\r\n"u8);
}
