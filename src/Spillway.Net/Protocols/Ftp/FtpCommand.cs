using System.Text;

namespace Spillway.Net.Protocols.Ftp;

/// <summary>The commands that are distinguished.</summary>
internal enum FtpCommand : byte
{
    /// <summary>One of no known name.</summary>
    Unknown,

    /// <summary>One that changes nothing here, and that other protocols have too (NOOP, QUIT, HELP, PASS).</summary>
    Other,

    /// <summary>One that changes nothing here, and that only FTP has.</summary>
    OtherFtp,

    /// <summary>USER.</summary>
    User,

    /// <summary>PASV, EPSV.</summary>
    Passive,

    /// <summary>PORT, EPRT.</summary>
    Active,

    /// <summary>RETR, STOR, STOU, APPE, LIST and its kin.</summary>
    Transfer,

    /// <summary>CWD.</summary>
    ChangeFolder,

    /// <summary>CDUP.</summary>
    ChangeUp,

    /// <summary>PWD.</summary>
    PrintFolder,

    /// <summary>TYPE.</summary>
    Type,

    /// <summary>REST.</summary>
    Restart,

    /// <summary>REIN: a new session.</summary>
    Reinitialize,

    /// <summary>AUTH (RFC 4217).</summary>
    Auth,
}

/// <summary>Reads command lines and replies.</summary>
internal static class FtpLine
{
    /// <summary>The command of a line.</summary>
    /// <param name="line">The line.</param>
    /// <param name="argument">What stands behind the command; names keep their blanks.</param>
    /// <param name="kind">What a transfer is for.</param>
    public static FtpCommand CommandOf(ReadOnlySpan<byte> line, out ReadOnlySpan<byte> argument, out FtpTransferKind kind)
    {
        kind = FtpTransferKind.Unknown;
        ReadOnlySpan<byte> verb = VerbOf(line, out argument);
        if (verb.Length is < 3 or > 4)
            return FtpCommand.Unknown;
        Span<char> upper = stackalloc char[4];
        for (int i = 0; i < verb.Length; i++)
            upper[i] = char.ToUpperInvariant((char)verb[i]);
        switch (upper[..verb.Length])
        {
            case "RETR":
                kind = FtpTransferKind.Retrieve;
                return FtpCommand.Transfer;
            case "STOR":
                kind = FtpTransferKind.Store;
                return FtpCommand.Transfer;
            case "STOU":
                kind = FtpTransferKind.StoreUnique;
                return FtpCommand.Transfer;
            case "APPE":
                kind = FtpTransferKind.Append;
                return FtpCommand.Transfer;
            case "LIST" or "NLST" or "MLSD":
                kind = FtpTransferKind.List;
                return FtpCommand.Transfer;
            case "PASV" or "EPSV":
                return FtpCommand.Passive;
            case "PORT" or "EPRT":
                return FtpCommand.Active;
            case "USER":
                return FtpCommand.User;
            case "CWD" or "XCWD":
                return FtpCommand.ChangeFolder;
            case "CDUP" or "XCUP":
                return FtpCommand.ChangeUp;
            case "PWD" or "XPWD":
                return FtpCommand.PrintFolder;
            case "TYPE":
                return FtpCommand.Type;
            case "REST":
                return FtpCommand.Restart;
            case "REIN":
                return FtpCommand.Reinitialize;
            case "AUTH":
                return FtpCommand.Auth;
            case "PASS" or "QUIT" or "NOOP" or "HELP":
                return FtpCommand.Other;
            case "ACCT"
            or "SMNT"
            or "STRU"
            or "MODE"
            or "ALLO"
            or "RNFR"
            or "RNTO"
            or "ABOR"
            or "DELE"
            or "RMD"
            or "XRMD"
            or "MKD"
            or "XMKD":
            case "SITE"
            or "SYST"
            or "STAT"
            or "FEAT"
            or "OPTS"
            or "SIZE"
            or "MDTM"
            or "MLST"
            or "PBSZ"
            or "PROT"
            or "CCC"
            or "ADAT"
            or "CLNT":
            case "HOST"
            or "LANG"
            or "MFMT"
            or "MFCT"
            or "HASH"
            or "XCRC"
            or "XMD5"
            or "CSID"
            or "AVBL"
            or "LPRT"
            or "LPSV"
            or "ESTA"
            or "ESTP":
                return FtpCommand.OtherFtp;
            default:
                return FtpCommand.Unknown;
        }
    }

    /// <summary>The first word of a line.</summary>
    /// <param name="line">The line.</param>
    /// <param name="argument">What stands behind it.</param>
    public static ReadOnlySpan<byte> VerbOf(ReadOnlySpan<byte> line, out ReadOnlySpan<byte> argument)
    {
        // Telnet's signals before ABOR and STAT (RFC 959, section 4.1.3).
        while (!line.IsEmpty && line[0] >= 0xF0)
            line = line[1..];
        int blank = line.IndexOf((byte)' ');
        argument = blank < 0 ? default : line[(blank + 1)..];
        return blank < 0 ? line : line[..blank];
    }

    /// <summary>Whether PORT or PASV was sent, not EPRT or EPSV.</summary>
    public static bool IsExtended(ReadOnlySpan<byte> line) => !line.IsEmpty && (line[0] | 0x20) == 'e';

    /// <summary>Reads the beginning of a line of a reply.</summary>
    /// <returns>The code; 0 if it begins with none.</returns>
    public static int CodeOf(ReadOnlySpan<byte> line)
    {
        bool isCode =
            line.Length >= 3
            && line[0] is >= (byte)'1' and <= (byte)'6'
            && char.IsAsciiDigit((char)line[1])
            && char.IsAsciiDigit((char)line[2])
            && (line.Length == 3 || line[3] is (byte)'-' or (byte)' ');
        return isCode ? ((line[0] - '0') * 100) + ((line[1] - '0') * 10) + line[2] - '0' : 0;
    }

    /// <summary>
    /// The folder in the reply to PWD (RFC 959, appendix II): in quotes, with quotes in it doubled; null if there is none.
    /// </summary>
    public static string? FolderOf(ReadOnlySpan<byte> text)
    {
        int begin = text.IndexOf((byte)'"');
        if (begin < 0)
            return null;
        var folder = new List<byte>();
        for (int at = begin + 1; at < text.Length; at++)
        {
            if (text[at] != (byte)'"')
                folder.Add(text[at]);
            else if (at + 1 < text.Length && text[at + 1] == (byte)'"')
                folder.Add(text[at++]);
            else
                return folder.Count == 0 ? null : Encoding.UTF8.GetString(folder.ToArray());
        }

        return null;
    }
}
