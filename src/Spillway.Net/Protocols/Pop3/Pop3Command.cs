using Spillway.Net.Flows;

namespace Spillway.Net.Protocols.Pop3;

/// <summary>What a command's reply looks like.</summary>
internal enum Pop3Reply : byte
{
    /// <summary>The command is unknown.</summary>
    Unknown,

    /// <summary>One line.</summary>
    Line,

    /// <summary>A line, and if that is good, lines up to one of a dot.</summary>
    Lines,

    /// <summary>A message (RETR).</summary>
    Message,

    /// <summary>The beginning of a message (TOP).</summary>
    Beginning,

    /// <summary>Challenges, then a line (AUTH).</summary>
    Challenges,

    /// <summary>A line, and if that is good, TLS (STLS).</summary>
    Tls,
}

/// <summary>Reads command lines, and looks at the first bytes of a stream.</summary>
public static class Pop3Probe
{
    /// <summary>Whether POP3 begins with these bytes: a greeting, which another protocol may have too.</summary>
    /// <param name="data">The first bytes of one direction.</param>
    /// <param name="sender">Who sends them, if it is POP3.</param>
    public static ProbeResult Look(ReadOnlySpan<byte> data, out StreamDirection sender)
    {
        sender = StreamDirection.ServerToClient;
        return data.StartsWith("+OK"u8) ? ProbeResult.Maybe : ProbeResult.No;
    }

    internal static Pop3Reply ReplyTo(ReadOnlySpan<byte> line)
    {
        line = line.Trim(" \t"u8);
        int blank = line.IndexOf((byte)' ');
        ReadOnlySpan<byte> verb = blank < 0 ? line : line[..blank];
        bool hasArgument = blank >= 0;
        if (verb.Length is < 3 or > 4)
            return Pop3Reply.Unknown;
        Span<char> upper = stackalloc char[4];
        for (int i = 0; i < verb.Length; i++)
            upper[i] = char.ToUpperInvariant((char)verb[i]);
        return upper[..verb.Length] switch
        {
            "RETR" => Pop3Reply.Message,
            "TOP" => Pop3Reply.Beginning,
            "LIST" or "UIDL" => hasArgument ? Pop3Reply.Line : Pop3Reply.Lines,
            "CAPA" => Pop3Reply.Lines,
            "LANG" => hasArgument ? Pop3Reply.Line : Pop3Reply.Lines,
            "AUTH" => hasArgument ? Pop3Reply.Challenges : Pop3Reply.Lines,
            "STLS" => Pop3Reply.Tls,
            "USER" or "PASS" or "APOP" or "STAT" or "DELE" or "NOOP" or "RSET" or "QUIT" or "UTF8" or "LAST" => Pop3Reply.Line,
            _ => Pop3Reply.Unknown,
        };
    }
}
