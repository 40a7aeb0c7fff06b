using System.Globalization;
using System.Text;

namespace Spillway.Net.Protocols.Smtp;

/// <summary>The commands that are distinguished.</summary>
internal enum SmtpCommand : byte
{
    /// <summary>One of no known name.</summary>
    Unknown,

    /// <summary>One that changes nothing: NOOP, VRFY, EXPN, HELP, ETRN, XCLIENT and the like.</summary>
    Other,

    /// <summary>HELO, EHLO, and LHLO of LMTP.</summary>
    Hello,

    /// <summary>MAIL FROM.</summary>
    Mail,

    /// <summary>RCPT TO.</summary>
    Recipient,

    /// <summary>DATA.</summary>
    Data,

    /// <summary>The line that ends DATA: it has a reply of its own.</summary>
    EndOfData,

    /// <summary>BDAT (RFC 3030).</summary>
    Chunk,

    /// <summary>RSET.</summary>
    Reset,

    /// <summary>AUTH (RFC 4954).</summary>
    Auth,

    /// <summary>STARTTLS (RFC 3207).</summary>
    StartTls,

    /// <summary>QUIT.</summary>
    Quit,
}

/// <summary>Reads command lines and replies.</summary>
internal static class SmtpLine
{
    /// <summary>The command of a line.</summary>
    public static SmtpCommand CommandOf(ReadOnlySpan<byte> line, out ReadOnlySpan<byte> argument)
    {
        line = line.Trim(" \t"u8);
        int blank = line.IndexOfAny((byte)' ', (byte)'\t');
        ReadOnlySpan<byte> verb = blank < 0 ? line : line[..blank];
        argument = blank < 0 ? default : line[(blank + 1)..].TrimStart(" \t"u8);
        if (verb.Length is < 4 or > 10)
            return SmtpCommand.Unknown;
        Span<byte> upper = stackalloc byte[10];
        Ascii.ToUpper(verb, upper, out int length);
        return upper[..length] switch
        {
            [(byte)'E' or (byte)'H' or (byte)'L', (byte)'H' or (byte)'E', (byte)'L', (byte)'O'] => SmtpCommand.Hello,
            [(byte)'M', (byte)'A', (byte)'I', (byte)'L'] when SkipWord(ref argument, "FROM:"u8) => SmtpCommand.Mail,
            [(byte)'R', (byte)'C', (byte)'P', (byte)'T'] when SkipWord(ref argument, "TO:"u8) => SmtpCommand.Recipient,
            [(byte)'D', (byte)'A', (byte)'T', (byte)'A'] => SmtpCommand.Data,
            [(byte)'B', (byte)'D', (byte)'A', (byte)'T'] => SmtpCommand.Chunk,
            [(byte)'R', (byte)'S', (byte)'E', (byte)'T'] => SmtpCommand.Reset,
            [(byte)'A', (byte)'U', (byte)'T', (byte)'H'] => SmtpCommand.Auth,
            [(byte)'Q', (byte)'U', (byte)'I', (byte)'T'] => SmtpCommand.Quit,
            var other when other.SequenceEqual("STARTTLS"u8) => SmtpCommand.StartTls,
            var other when IsOther(other) => SmtpCommand.Other,
            _ => SmtpCommand.Unknown,
        };
    }

    /// <summary>The address of a path: what stands in angle brackets, or before the first blank where a client leaves them out.</summary>
    public static ReadOnlySpan<byte> AddressOf(ReadOnlySpan<byte> argument)
    {
        if (!argument.StartsWith((byte)'<'))
        {
            int blank = argument.IndexOfAny((byte)' ', (byte)'\t');
            return blank < 0 ? argument : argument[..blank];
        }

        int end = argument.IndexOf((byte)'>');
        return end < 0 ? argument[1..] : argument[1..end];
    }

    /// <summary>Reads the argument of BDAT: a length, and whether it is the last chunk.</summary>
    public static bool TryReadChunk(ReadOnlySpan<byte> argument, out long length, out bool isLast)
    {
        isLast = false;
        int digits = argument.IndexOfAnyExceptInRange((byte)'0', (byte)'9');
        ReadOnlySpan<byte> number = digits < 0 ? argument : argument[..digits];
        ReadOnlySpan<byte> rest = argument[number.Length..].Trim(" \t"u8);
        isLast = Ascii.EqualsIgnoreCase(rest, "LAST"u8);
        length = 0;
        return number.Length is > 0 and < 19 && (rest.IsEmpty || isLast) && long.TryParse(number, NumberStyles.None, null, out length);
    }

    /// <summary>Reads a line of a reply (RFC 5321, section 4.2).</summary>
    /// <param name="line">The line.</param>
    /// <param name="isLast">False if another line of the same reply follows.</param>
    /// <returns>The code; 0 if it is no reply.</returns>
    public static int CodeOf(ReadOnlySpan<byte> line, out bool isLast)
    {
        isLast = line.Length < 4 || line[3] != (byte)'-';
        bool isCode =
            line.Length >= 3
            && line[0] is >= (byte)'2' and <= (byte)'5'
            && char.IsAsciiDigit((char)line[1])
            && char.IsAsciiDigit((char)line[2])
            && (line.Length == 3 || line[3] is (byte)'-' or (byte)' ');
        return isCode ? ((line[0] - '0') * 100) + ((line[1] - '0') * 10) + line[2] - '0' : 0;
    }

    private static bool SkipWord(ref ReadOnlySpan<byte> argument, ReadOnlySpan<byte> word)
    {
        if (argument.Length < word.Length || !Ascii.EqualsIgnoreCase(argument[..word.Length], word))
            return false;
        argument = argument[word.Length..].TrimStart(" \t"u8);
        return true;
    }

    private static bool IsOther(ReadOnlySpan<byte> verb) =>
        verb.SequenceEqual("NOOP"u8)
        || verb.SequenceEqual("VRFY"u8)
        || verb.SequenceEqual("EXPN"u8)
        || verb.SequenceEqual("HELP"u8)
        || verb.SequenceEqual("ETRN"u8)
        || verb.SequenceEqual("TURN"u8)
        || verb.SequenceEqual("ATRN"u8)
        || verb.SequenceEqual("SEND"u8)
        || verb.SequenceEqual("SOML"u8)
        || verb.SequenceEqual("SAML"u8)
        || verb.SequenceEqual("BURL"u8)
        || verb.StartsWith("X"u8);
}
