using Spillway.Net.Flows;

namespace Spillway.Net.Protocols.Smtp;

/// <summary>Looks at the first bytes of a stream.</summary>
public static class SmtpProbe
{
    /// <summary>
    /// Whether SMTP begins with these bytes: a greeting (which other protocols have too), or a command that only SMTP begins with.
    /// </summary>
    /// <param name="data">The first bytes of one direction.</param>
    /// <param name="sender">Who sends them, if it is SMTP.</param>
    public static ProbeResult Look(ReadOnlySpan<byte> data, out StreamDirection sender)
    {
        sender = StreamDirection.ServerToClient;
        if (data.StartsWith("220"u8) || data.StartsWith("354"u8))
            return ContainsWord(data) ? ProbeResult.Yes : ProbeResult.Maybe;
        sender = StreamDirection.ClientToServer;
        if (data.Length < 5)
            return ProbeResult.No;
        bool isCommand = SmtpLine.CommandOf(FirstLine(data), out _) is SmtpCommand.Hello or SmtpCommand.Mail or SmtpCommand.Recipient;
        return isCommand ? ProbeResult.Yes : ProbeResult.No;
    }

    private static bool ContainsWord(ReadOnlySpan<byte> data) => FirstLine(data).IndexOf("SMTP"u8) >= 0;

    private static ReadOnlySpan<byte> FirstLine(ReadOnlySpan<byte> data)
    {
        int feed = data.IndexOf((byte)'\n');
        return (feed < 0 ? data : data[..feed]).TrimEnd((byte)'\r');
    }
}
