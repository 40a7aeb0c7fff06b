using System.Globalization;
using System.Text;
using Spillway.Net.Flows;

namespace Spillway.Net.Protocols.Imap;

/// <summary>Reads lines of IMAP, and looks at the first bytes of a stream.</summary>
public static class ImapProbe
{
    /// <summary>Whether IMAP begins with these bytes: a greeting.</summary>
    /// <param name="data">The first bytes of one direction.</param>
    /// <param name="sender">Who sends them, if it is IMAP.</param>
    public static ProbeResult Look(ReadOnlySpan<byte> data, out StreamDirection sender)
    {
        sender = StreamDirection.ServerToClient;
        return data.StartsWith("* OK"u8) || data.StartsWith("* PREAUTH"u8) ? ProbeResult.Maybe : ProbeResult.No;
    }
}

/// <summary>Reads lines of IMAP (RFC 9051).</summary>
internal static class ImapLine
{
    private static readonly string[] Commands =
    [
        "CAPABILITY",
        "NOOP",
        "LOGOUT",
        "STARTTLS",
        "AUTHENTICATE",
        "LOGIN",
        "ENABLE",
        "SELECT",
        "EXAMINE",
        "CREATE",
        "DELETE",
        "RENAME",
        "SUBSCRIBE",
        "UNSUBSCRIBE",
        "LIST",
        "LSUB",
        "NAMESPACE",
        "STATUS",
        "APPEND",
        "IDLE",
        "CLOSE",
        "UNSELECT",
        "EXPUNGE",
        "SEARCH",
        "FETCH",
        "STORE",
        "COPY",
        "MOVE",
        "UID",
        "ID",
        "COMPRESS",
        "CHECK",
        "GETQUOTA",
        "GETQUOTAROOT",
        "GETACL",
        "SORT",
        "THREAD",
        "XLIST",
        "NOTIFY",
    ];

    /// <summary>Takes the next word, up to a blank.</summary>
    public static ReadOnlySpan<byte> TakeWord(ref ReadOnlySpan<byte> line)
    {
        int blank = line.IndexOf((byte)' ');
        ReadOnlySpan<byte> word = blank < 0 ? line : line[..blank];
        line = blank < 0 ? default : line[(blank + 1)..];
        return word;
    }

    /// <summary>Whether a word is a command.</summary>
    public static bool IsCommand(ReadOnlySpan<byte> word)
    {
        foreach (string command in Commands)
        {
            if (Ascii.EqualsIgnoreCase(word, command))
                return true;
        }

        return false;
    }

    /// <summary>Reads the announcement of a literal at the end of a line: <c>{n}</c>, <c>{n+}</c> (RFC 7888), <c>~{n}</c>.</summary>
    /// <param name="line">The line; what announces the literal is taken off its end.</param>
    /// <param name="length">Bytes of the literal.</param>
    public static bool TryTakeLiteral(ref ReadOnlySpan<byte> line, out long length)
    {
        length = 0;
        if (!line.EndsWith((byte)'}'))
            return false;
        int brace = line.LastIndexOf((byte)'{');
        if (brace < 0)
            return false;
        ReadOnlySpan<byte> digits = line[(brace + 1)..^1].TrimEnd((byte)'+');
        if (digits.Length is 0 or > 12 || !long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out length))
            return false;
        line = line[..brace].TrimEnd("~ "u8);
        return true;
    }

    /// <summary>Whether the last item of a FETCH response is a whole message, or a piece of one.</summary>
    /// <param name="line">The line before the literal.</param>
    /// <param name="origin">Offset of the piece in the message; 0 for a whole one, and for a first piece.</param>
    /// <param name="isPiece">Whether it is a piece.</param>
    public static bool EndsWithMessage(ReadOnlySpan<byte> line, out long origin, out bool isPiece)
    {
        origin = 0;
        isPiece = false;
        int begin = line.LastIndexOfAny((byte)' ', (byte)'(');
        ReadOnlySpan<byte> item = line[(begin + 1)..];
        if (
            Ascii.EqualsIgnoreCase(item, "RFC822"u8)
            || Ascii.EqualsIgnoreCase(item, "BODY[]"u8)
            || Ascii.EqualsIgnoreCase(item, "BINARY[]"u8)
        )
            return true;
        if (item.Length < 8 || !Ascii.EqualsIgnoreCase(item[..7], "BODY[]<"u8) || item[^1] != (byte)'>')
            return false;
        isPiece = true;
        return long.TryParse(item[7..^1], NumberStyles.None, CultureInfo.InvariantCulture, out origin);
    }
}
