using System.Buffers.Text;
using System.Text;

namespace Spillway.Net.Protocols.Http;

/// <summary>What a Content-Range field says (RFC 9110, section 14.4): which bytes of a representation a content is.</summary>
/// <param name="First">Offset of its first byte.</param>
/// <param name="Last">Offset of its last byte, which is part of it.</param>
/// <param name="Total">Length of the representation; -1 if the sender does not know it.</param>
public readonly record struct ContentRange(long First, long Last, long Total)
{
    private static ReadOnlySpan<byte> Unit => "bytes"u8;

    /// <summary>Bytes of the content.</summary>
    public long Length => Last - First + 1;

    /// <summary>Whether the content is the representation as a whole.</summary>
    public bool IsWhole => First == 0 && Length == Total;

    /// <summary>Reads the value of a field.</summary>
    /// <returns>False for another unit than bytes, a range that was not satisfied, and numbers that contradict each other.</returns>
    public static bool TryParse(ReadOnlySpan<byte> value, out ContentRange range)
    {
        range = default;
        value = value.Trim(" \t"u8);
        if (value.Length <= Unit.Length || !Ascii.EqualsIgnoreCase(value[..Unit.Length], Unit))
            return false;
        ReadOnlySpan<byte> rest = value[Unit.Length..];
        if (rest[0] is not ((byte)' ' or (byte)'\t'))
            return false;
        rest = rest.TrimStart(" \t"u8);
        if (!TryTake(ref rest, out long first) || !TrySkip(ref rest, (byte)'-') || !TryTake(ref rest, out long last))
            return false;
        if (!TrySkip(ref rest, (byte)'/'))
            return false;
        long total = -1;
        if (!rest.SequenceEqual("*"u8) && (!TryTake(ref rest, out total) || !rest.IsEmpty))
            return false;
        if (last < first || last == long.MaxValue || (total >= 0 && last >= total))
            return false;
        range = new ContentRange(first, last, total);
        return true;
    }

    private static bool TryTake(ref ReadOnlySpan<byte> text, out long number)
    {
        number = 0;
        if (text.IsEmpty || !char.IsAsciiDigit((char)text[0]) || !Utf8Parser.TryParse(text, out number, out int used))
            return false;
        text = text[used..];
        return true;
    }

    private static bool TrySkip(ref ReadOnlySpan<byte> text, byte mark)
    {
        if (text.IsEmpty || text[0] != mark)
            return false;
        text = text[1..];
        return true;
    }
}
