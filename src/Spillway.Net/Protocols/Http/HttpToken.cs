using System.Buffers;

namespace Spillway.Net.Protocols.Http;

/// <summary>The classes of bytes that start lines and field names are made of.</summary>
internal static class HttpToken
{
    // RFC 9110, section 5.6.2 (tchar).
    private static readonly SearchValues<byte> TokenBytes = SearchValues.Create(
        "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"u8
    );

    /// <summary>What ends the hope for text, but for tab and carriage return.</summary>
    public static readonly SearchValues<byte> ControlBytes = SearchValues.Create([
        0,
        1,
        2,
        3,
        4,
        5,
        6,
        7,
        8,
        10,
        11,
        12,
        14,
        15,
        16,
        17,
        18,
        19,
        20,
        21,
        22,
        23,
        24,
        25,
        26,
        27,
        28,
        29,
        30,
        31,
    ]);

    /// <summary>Length of the token at the beginning of the data.</summary>
    public static int Length(ReadOnlySpan<byte> data)
    {
        int length = data.IndexOfAnyExcept(TokenBytes);
        return length < 0 ? data.Length : length;
    }

    public static bool IsTokenByte(byte value) => TokenBytes.Contains(value);

    public static bool IsBlank(byte value) => value is (byte)' ' or (byte)'\t';

    public static bool HasControl(ReadOnlySpan<byte> data) => data.ContainsAny(ControlBytes);

    /// <summary>
    /// Offset of the first byte of a start line: behind empty lines, and lines of blanks (RFC 9112, section 2.2); -1 if there is none.
    /// </summary>
    public static int SkipEmptyLines(ReadOnlySpan<byte> data) => data.IndexOfAnyExcept("\r\n \t"u8);
}
