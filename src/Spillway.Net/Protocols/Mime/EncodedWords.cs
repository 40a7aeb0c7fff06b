using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace Spillway.Net.Protocols.Mime;

/// <summary>Text of header fields with encoded words (RFC 2047): <c>=?charset?encoding?text?=</c>.</summary>
public static class EncodedWords
{
    /// <summary>
    /// Decodes a field's text. Blanks between two encoded words are left out, and words of one character set are decoded together, since
    /// senders split characters. A word of an unknown character set or encoding stays as sent.
    /// </summary>
    public static string Decode(ReadOnlySpan<byte> text)
    {
        if (text.IndexOf("=?"u8) < 0)
            return Charsets.Guess(text);

        var result = new StringBuilder(text.Length);
        var pending = new List<byte>();
        Encoding? pendingEncoding = null;
        int plain = 0;
        int at = 0;
        int last = text.LastIndexOf("?="u8); // behind it no word can end
        while (at < last)
        {
            if (!TryReadWord(text[at..], out Encoding? encoding, out byte[] bytes, out int length))
            {
                at++;
                continue;
            }

            ReadOnlySpan<byte> between = text[plain..at];
            if (pendingEncoding is null || between.IndexOfAnyExcept(" \t\r\n"u8) >= 0)
            {
                Flush(result, pending, ref pendingEncoding);
                result.Append(Charsets.Guess(between));
            }

            if (pendingEncoding != encoding)
                Flush(result, pending, ref pendingEncoding);
            pendingEncoding = encoding;
            pending.AddRange(bytes);
            at += length;
            plain = at;
        }

        Flush(result, pending, ref pendingEncoding);
        return result.Append(Charsets.Guess(text[plain..])).ToString();
    }

    private static void Flush(StringBuilder result, List<byte> pending, ref Encoding? encoding)
    {
        if (encoding is not null)
            result.Append(encoding.GetString(pending.ToArray()));
        pending.Clear();
        encoding = null;
    }

    private static bool TryReadWord(ReadOnlySpan<byte> text, out Encoding? encoding, out byte[] bytes, out int length)
    {
        (encoding, bytes, length) = (null, [], 0);
        if (!text.StartsWith("=?"u8))
            return false;
        ReadOnlySpan<byte> rest = text[2..];
        int charset = rest.IndexOf((byte)'?');
        if (charset <= 0 || rest.Length < charset + 3 || rest[charset + 2] != (byte)'?')
            return false;

        // Behind an asterisk stands a language (RFC 2231, section 5).
        ReadOnlySpan<byte> name = rest[..charset];
        int language = name.IndexOf((byte)'*');
        byte kind = (byte)(rest[charset + 1] | 0x20);
        if (kind is not ((byte)'q' or (byte)'b'))
            return false;
        encoding = Charsets.Find(language < 0 ? name : name[..language]);
        if (encoding is null)
            return false;

        // Some senders leave question marks as they are. In base64 there is none, so that what is no word costs no more than its bytes.
        ReadOnlySpan<byte> coded = rest[(charset + 3)..];
        int end = kind == (byte)'q' ? coded.IndexOf("?="u8) : coded.IndexOf((byte)'?');
        if (end < 0 || !coded[end..].StartsWith("?="u8))
            return false;
        coded = coded[..end];
        length = 2 + charset + 3 + end + 2;
        bytes = kind == (byte)'q' ? DecodeQ(coded) : [];
        return kind == (byte)'q' || TryDecodeB(coded, out bytes);
    }

    private static bool TryDecodeB(ReadOnlySpan<byte> text, out byte[] bytes)
    {
        bytes = [];
        ReadOnlySpan<byte> digits = text.Trim((byte)' ').TrimEnd((byte)'=');
        byte[] padded = new byte[(digits.Length + 3) & ~3];
        padded.AsSpan().Fill((byte)'=');
        digits.CopyTo(padded);
        if (padded.Length - digits.Length > 2)
            return false;
        byte[] decoded = new byte[Base64.GetMaxDecodedFromUtf8Length(padded.Length)];
        if (Base64.DecodeFromUtf8(padded, decoded, out _, out int written) != System.Buffers.OperationStatus.Done)
            return false;
        bytes = decoded[..written];
        return true;
    }

    private static byte[] DecodeQ(ReadOnlySpan<byte> text)
    {
        byte[] result = new byte[text.Length];
        int length = 0;
        for (int at = 0; at < text.Length; at++)
        {
            byte value = text[at];
            bool isCoded =
                value == (byte)'='
                && at + 2 < text.Length
                && byte.TryParse(text.Slice(at + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value);
            if (isCoded)
                at += 2;
            else
                value = text[at] == (byte)'_' ? (byte)' ' : text[at];
            result[length++] = value;
        }

        return result[..length];
    }
}
