using System.Text.Json;
using Spillway.Eve;
using Spillway.Metrics.Records;
using Spillway.Net.Protocols.Mail;
using Spillway.Net.Protocols.Mime;

namespace Spillway.Pipeline;

/// <summary>The objects <c>smtp</c> and <c>email</c>, and <c>fileinfo</c> of what is no transaction of HTTP.</summary>
internal static class EveMail
{
    /// <summary>Writes <c>smtp</c> and <c>email</c>.</summary>
    /// <param name="line">The event.</param>
    /// <param name="message">The message.</param>
    /// <param name="end">How it ended.</param>
    /// <param name="attachments">Names of its parts, of those that have one.</param>
    public static void Write(EveLine line, MailMessage message, MimeEnd end, IReadOnlyList<string> attachments)
    {
        Utf8JsonWriter json = line.Json;
        json.WriteStartObject("smtp"u8);
        line.Text("helo"u8, message.Client);
        if (!message.IsPartial)
            json.WriteString("mail_from"u8, $"<{message.Sender}>");
        List(json, "rcpt_to"u8, message.Recipients.Select(recipient => $"<{recipient}>"));
        json.WriteEndObject();

        json.WriteStartObject("email"u8);
        json.WriteString("status"u8, end == MimeEnd.Complete ? "PARSE_DONE"u8 : "PARSE_ERROR"u8);
        line.Text("from"u8, message.From);
        List(json, "to"u8, message.To.Length == 0 ? [] : [message.To]);
        List(json, "cc"u8, message.Cc.Length == 0 ? [] : [message.Cc]);
        line.Text("subject"u8, message.Subject);
        line.Text("message_id"u8, message.MessageId);
        line.Text("date"u8, message.Date);
        List(json, "attachment"u8, attachments);
        json.WriteEndObject();
    }

    /// <summary>Writes <c>app_proto</c> and <c>fileinfo</c>.</summary>
    public static void WriteFile(EveLine line, ContentOrigin origin, FileRecord file)
    {
        Utf8JsonWriter json = line.Json;
        if (origin.Protocol == "ftp-data")
            EveFtp.WriteData(line, origin.Name.Span, origin.Method);
        json.WriteString("app_proto"u8, origin.Protocol);
        json.WriteStartObject("fileinfo"u8);
        line.TextOrEmpty("filename"u8, origin.Name.Span);
        line.Text("magic"u8, file.Magic);
        json.WriteBoolean("gaps"u8, file.End == FileEnd.Gap);
        json.WriteString("state"u8, file.End == FileEnd.Complete ? "CLOSED"u8 : "TRUNCATED"u8);
        line.Text("md5"u8, file.Md5);
        line.Text("sha1"u8, file.Sha1);
        line.Text("sha256"u8, file.Sha256);
        json.WriteBoolean("stored"u8, file.IsStored);
        json.WriteNumber("size"u8, file.Size);
        json.WriteNumber("tx_id"u8, origin.Message);
        json.WriteEndObject();
    }

    private static void List(Utf8JsonWriter json, ReadOnlySpan<byte> name, IEnumerable<string> values)
    {
        string[] all = [.. values];
        if (all.Length == 0)
            return;
        json.WriteStartArray(name);
        foreach (string value in all)
            json.WriteStringValue(value);
        json.WriteEndArray();
    }
}
