using Spillway.Net.Flows;

namespace Spillway.Net.Protocols.Ftp;

/// <summary>Looks at the first bytes of a stream.</summary>
public static class FtpProbe
{
    /// <summary>
    /// Whether FTP begins with these bytes: a greeting (which other protocols have too), or a command that clients begin with.
    /// </summary>
    /// <param name="data">The first bytes of one direction.</param>
    /// <param name="sender">Who sends them, if it is FTP.</param>
    public static ProbeResult Look(ReadOnlySpan<byte> data, out StreamDirection sender)
    {
        sender = StreamDirection.ServerToClient;
        if (data.StartsWith("220"u8) || data.StartsWith("120 "u8) || data.StartsWith("227 "u8) || data.StartsWith("229 "u8))
            return ProbeResult.Maybe;
        sender = StreamDirection.ClientToServer;
        if (data.Length < 5)
            return ProbeResult.No;
        int feed = data.IndexOf((byte)'\n');
        ReadOnlySpan<byte> line = (feed < 0 ? data : data[..feed]).TrimEnd((byte)'\r');
        FtpCommand command = FtpLine.CommandOf(line, out _, out _);
        return command is not FtpCommand.Unknown and not FtpCommand.Other ? ProbeResult.Maybe : ProbeResult.No;
    }
}
