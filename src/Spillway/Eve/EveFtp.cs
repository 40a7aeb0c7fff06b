using System.Globalization;
using System.Text.Json;
using Spillway.Net.Protocols.Ftp;

namespace Spillway.Eve;

/// <summary>The objects <c>ftp</c> and <c>ftp_data</c>.</summary>
internal static class EveFtp
{
    /// <summary>Writes <c>ftp</c>: a command with the replies to it.</summary>
    public static void Write(EveLine line, FtpExchange exchange)
    {
        Utf8JsonWriter json = line.Json;
        json.WriteStartObject("ftp"u8);
        line.Text("command"u8, exchange.Command);
        if (!exchange.Argument.IsEmpty)
        {
            line.Text("command_data"u8, exchange.Argument.Span);
            json.WriteBoolean("command_truncated"u8, exchange.IsCommandCut);
        }

        WriteReplies(line, exchange);
        if (exchange.DataPort != 0)
            json.WriteNumber("dynamic_port"u8, exchange.DataPort);
        if (exchange.IsActive)
            json.WriteString("mode"u8, "active"u8);
        json.WriteString("reply_received"u8, exchange.IsAnswered ? "yes"u8 : "no"u8);
        json.WriteBoolean("reply_truncated"u8, exchange.AreRepliesCut);
        json.WriteEndObject();
    }

    /// <summary>Writes <c>ftp_data</c>.</summary>
    /// <param name="line">The event.</param>
    /// <param name="name">The file's name, as sent.</param>
    /// <param name="command">What it is carried for.</param>
    public static void WriteData(EveLine line, ReadOnlySpan<byte> name, string command)
    {
        line.Json.WriteStartObject("ftp_data"u8);
        line.Text("filename"u8, name);
        line.Text("command"u8, command);
        line.Json.WriteEndObject();
    }

    private static void WriteReplies(EveLine line, FtpExchange exchange)
    {
        if (exchange.Replies.Count == 0)
            return;
        Utf8JsonWriter json = line.Json;
        Span<byte> code = stackalloc byte[3];
        bool hasCodes = false;
        foreach (FtpReplyLine reply in exchange.Replies)
        {
            if (reply.Code == 0)
                continue;
            if (!hasCodes)
                json.WriteStartArray("completion_code"u8);
            hasCodes = true;
            reply.Code.TryFormat(code, out _, default, CultureInfo.InvariantCulture);
            json.WriteStringValue(code);
        }

        if (hasCodes)
            json.WriteEndArray();
        json.WriteStartArray("reply"u8);
        foreach (FtpReplyLine reply in exchange.Replies)
            line.TextValue(reply.Text.Span);
        json.WriteEndArray();
    }
}
