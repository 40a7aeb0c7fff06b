using System.Text;

namespace Spillway.Net.Protocols.Mime;

/// <summary>Text of named character sets.</summary>
internal static class Charsets
{
    private const int LongestName = 40;

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The encoding of a character set; null if it is unknown.</summary>
    public static Encoding? Find(ReadOnlySpan<byte> name)
    {
        if (name.IsEmpty || name.Length > LongestName)
            return null;
        if (Ascii.EqualsIgnoreCase(name, "utf-8"u8) || Ascii.EqualsIgnoreCase(name, "utf8"u8))
            return Encoding.UTF8;
        if (Ascii.EqualsIgnoreCase(name, "iso-8859-1"u8) || Ascii.EqualsIgnoreCase(name, "latin1"u8))
            return Encoding.Latin1;
        if (Ascii.EqualsIgnoreCase(name, "us-ascii"u8) || Ascii.EqualsIgnoreCase(name, "ascii"u8))
            return Encoding.ASCII;
        return CodePagesEncodingProvider.Instance.GetEncoding(Encoding.ASCII.GetString(name));
    }

    /// <summary>
    /// Bytes of a character set that nobody has named: UTF-8 where they are that, else each byte the character of its number.
    /// </summary>
    public static string Guess(ReadOnlySpan<byte> bytes) =>
        System.Text.Unicode.Utf8.IsValid(bytes) ? StrictUtf8.GetString(bytes) : Encoding.Latin1.GetString(bytes);
}
