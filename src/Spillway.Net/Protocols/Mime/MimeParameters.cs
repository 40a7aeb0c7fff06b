using System.Globalization;
using System.Text;

namespace Spillway.Net.Protocols.Mime;

/// <summary>
/// A field's value with parameters: <c>value; name=text; name="text"; name*=charset'language'text; name*0=...; name*1*=...</c> (RFC 2045,
/// section 5.1; RFC 2231).
/// </summary>
public static class MimeParameters
{
    // Pieces of one value that are put together; what stands behind is left out.
    private const int MaxPieces = 64;

    /// <summary>What stands before the parameters, without blanks and comments behind it.</summary>
    public static ReadOnlySpan<byte> ValueOf(ReadOnlySpan<byte> field)
    {
        int end = field.IndexOfAny((byte)';', (byte)'(');
        return (end < 0 ? field : field[..end]).Trim(" \t\r\n"u8);
    }

    /// <summary>
    /// Finds a parameter. A name with its character set wins over one in pieces, and that over a plain one. A plain one may hold encoded
    /// words (<see cref="EncodedWords"/>), as many senders write them.
    /// </summary>
    /// <param name="field">The field's value.</param>
    /// <param name="wanted">The parameter's name in lower case.</param>
    /// <returns>The text as UTF-8 where its character set is known, else its bytes as sent; null if there is no such parameter.</returns>
    public static byte[]? Find(ReadOnlySpan<byte> field, ReadOnlySpan<byte> wanted)
    {
        byte[]? plain = null;
        byte[]? extended = null;
        List<Piece>? pieces = null;
        ReadOnlySpan<byte> rest = field;
        SkipValue(ref rest);
        while (TryReadParameter(ref rest, out ReadOnlySpan<byte> name, out ReadOnlySpan<byte> text, out bool isQuoted))
        {
            if (name.Length < wanted.Length || !Ascii.EqualsIgnoreCase(name[..wanted.Length], wanted))
                continue;

            ReadOnlySpan<byte> suffix = name[wanted.Length..];
            byte[] given = isQuoted ? Unquote(text) : text.ToArray();
            if (suffix.IsEmpty)
                plain ??= given;
            else if (suffix.SequenceEqual("*"u8))
                extended ??= given;
            else if (TryReadNumber(suffix, out int number, out bool isExtended) && (pieces?.Count ?? 0) < MaxPieces)
                (pieces ??= []).Add(new Piece(number, isExtended, given));
        }

        if (extended is not null)
            return Decode(extended);
        if (pieces is not null && Join(pieces) is { } joined)
            return joined;
        return plain is not null && plain.AsSpan().IndexOf("=?"u8) >= 0 ? Encoding.UTF8.GetBytes(EncodedWords.Decode(plain)) : plain;
    }

    // *0, *1*: the number of a piece, and whether it may hold %HH.
    private static bool TryReadNumber(ReadOnlySpan<byte> suffix, out int number, out bool isExtended)
    {
        isExtended = suffix.EndsWith((byte)'*');
        ReadOnlySpan<byte> digits = isExtended ? suffix[1..^1] : suffix[1..];
        number = 0;
        return suffix[0] == (byte)'*'
            && digits.Length is > 0 and < 4
            && int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out number);
    }

    // The pieces from 0 on, up to the first that is missing. The first one that is extended names the character set of all.
    private static byte[]? Join(List<Piece> pieces)
    {
        pieces.Sort((one, other) => one.Number.CompareTo(other.Number));
        if (pieces[0].Number != 0)
            return null;

        var bytes = new List<byte>();
        Encoding? encoding = null;
        for (int i = 0; i < pieces.Count && (i == 0 || pieces[i].Number == pieces[i - 1].Number + 1); i++)
        {
            ReadOnlySpan<byte> text = pieces[i].Text;
            if (i == 0 && pieces[i].IsExtended)
                encoding = Charsets.Find(TakeCharset(ref text));
            bytes.AddRange(pieces[i].IsExtended ? Unescape(text) : text.ToArray());
        }

        byte[] all = [.. bytes];
        return encoding is null ? all : Encoding.UTF8.GetBytes(encoding.GetString(all));
    }

    // charset'language'text, with bytes as %HH.
    private static byte[] Decode(ReadOnlySpan<byte> value)
    {
        Encoding? encoding = Charsets.Find(TakeCharset(ref value));
        byte[] bytes = Unescape(value);
        return encoding is null ? bytes : Encoding.UTF8.GetBytes(encoding.GetString(bytes));
    }

    private static ReadOnlySpan<byte> TakeCharset(ref ReadOnlySpan<byte> value)
    {
        int charset = value.IndexOf((byte)'\'');
        int language = charset < 0 ? -1 : value[(charset + 1)..].IndexOf((byte)'\'');
        if (language < 0)
            return default;
        ReadOnlySpan<byte> name = value[..charset];
        value = value[(charset + language + 2)..];
        return name;
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

    // Only quotes and backslashes are escaped in practice: a backslash before anything else separates folders.
    private static byte[] Unquote(ReadOnlySpan<byte> text)
    {
        byte[] result = new byte[text.Length];
        int length = 0;
        for (int at = 0; at < text.Length; at++)
        {
            if (text[at] == (byte)'\\' && at + 1 < text.Length && text[at + 1] is (byte)'"' or (byte)'\\')
                at++;
            result[length++] = text[at];
        }

        return result[..length];
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
        name = (end < 0 ? rest : rest[..end]).Trim(" \t\r\n"u8);
        if (end < 0 || rest[end] == (byte)';')
        {
            rest = end < 0 ? default : rest[end..];
            return true;
        }

        rest = rest[(end + 1)..].TrimStart(" \t\r\n"u8);
        isQuoted = rest.StartsWith((byte)'"');
        text = SkipValue(ref rest);
        text = isQuoted ? text[1..] : text.Trim(" \t\r\n"u8);
        return true;
    }

    // Goes to the semicolon behind a value, or to the end; those in a quoted string are part of it.
    private static ReadOnlySpan<byte> SkipValue(ref ReadOnlySpan<byte> rest)
    {
        ReadOnlySpan<byte> value = rest;
        int at = 0;
        if (rest.StartsWith((byte)'"'))
        {
            at = Math.Min(QuotedLength(rest[1..]) + 1, rest.Length);
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

    private readonly record struct Piece(int Number, bool IsExtended, byte[] Text);
}
