using System.Buffers;
using System.Globalization;
using System.Text;

namespace Spillway.Metrics.Records;

/// <summary>
/// Bytes off the wire as text. What is UTF-8 stays as it is; any other byte becomes <c>\xHH</c>. Thus the text is always valid,
/// and nothing is lost that a reader could want.
/// </summary>
public static class WireText
{
    /// <summary>Decodes bytes.</summary>
    public static string Decode(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty)
            return "";
        if (System.Text.Unicode.Utf8.IsValid(bytes) && !bytes.Contains((byte)0))
            return Encoding.UTF8.GetString(bytes);
        var text = new StringBuilder(bytes.Length + 16);
        while (!bytes.IsEmpty)
        {
            if (Rune.DecodeFromUtf8(bytes, out Rune rune, out int consumed) == OperationStatus.Done && rune.Value != 0)
            {
                text.Append(rune);
            }
            else
            {
                for (int i = 0; i < consumed; i++)
                    text.Append(CultureInfo.InvariantCulture, $"\\x{bytes[i]:X2}");
            }

            bytes = bytes[consumed..];
        }

        return text.ToString();
    }

    /// <summary>Decodes at most a number of bytes, and cuts before a character that would be split.</summary>
    public static string Decode(ReadOnlySpan<byte> bytes, int maxBytes)
    {
        if (bytes.Length <= maxBytes)
            return Decode(bytes);
        int end = maxBytes;
        while (end > 0 && end > maxBytes - 4 && (bytes[end] & 0xC0) == 0x80)
            end--;
        return Decode(bytes[..((bytes[end] & 0xC0) == 0x80 ? maxBytes : end)]);
    }
}
