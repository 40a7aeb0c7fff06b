using System.Globalization;
using System.Text.Json;
using Spillway.Metrics.Records;
using Spillway.Net.Flows;
using Spillway.Net.Protocols.Http;

namespace Spillway.Eve;

/// <summary>The objects <c>http</c> and <c>fileinfo</c>.</summary>
internal static class EveHttp
{
    /// <summary>Writes <c>http</c>.</summary>
    /// <param name="line">The event.</param>
    /// <param name="transaction">The transaction.</param>
    /// <param name="length">Length of the response's content; 0 if there is none, or none yet.</param>
    public static void Write(EveLine line, HttpTransaction transaction, long length)
    {
        Utf8JsonWriter json = line.Json;
        json.WriteStartObject("http"u8);
        if (transaction.Request is { } request)
        {
            WriteHost(line, request.Host);
            line.Text("url"u8, request.Target);
            Field(line, "http_user_agent"u8, request, "User-Agent"u8);
            Field(line, "http_refer"u8, request, "Referer"u8);
            line.Text("http_method"u8, request.Method);
        }

        HttpHeader? start = transaction.Request ?? transaction.Response;
        if (start is not null)
            line.Text("protocol"u8, start.Version);
        if (transaction.Response is { } response)
        {
            if (response.TryGetValue("Content-Type"u8, out ReadOnlySpan<byte> type))
                line.Text("http_content_type"u8, WithoutParameters(type));
            if (response.Status > 0)
                json.WriteNumber("status"u8, response.Status);
            if (response.Status is >= 300 and < 400)
                Field(line, "redirect"u8, response, "Location"u8);
        }

        json.WriteNumber("length"u8, length);
        json.WriteEndObject();
    }

    /// <summary>Writes <c>fileinfo</c>.</summary>
    public static void WriteFile(EveLine line, HttpTransaction transaction, FileRecord file)
    {
        Utf8JsonWriter json = line.Json;
        json.WriteStartObject("fileinfo"u8);
        line.Text("filename"u8, NameOf(transaction, isUpload: file.Direction == StreamDirection.ClientToServer));
        line.Text("magic"u8, file.Magic);
        json.WriteBoolean("gaps"u8, file.End == FileEnd.Gap);
        json.WriteString("state"u8, file.End is FileEnd.Complete or FileEnd.Joined ? "CLOSED"u8 : "TRUNCATED"u8);
        line.Text("md5"u8, file.Md5);
        line.Text("sha1"u8, file.Sha1);
        line.Text("sha256"u8, file.Sha256);
        json.WriteBoolean("stored"u8, file.IsStored);
        json.WriteNumber("size"u8, file.Size);
        if (file is { Direction: StreamDirection.ServerToClient, End: not FileEnd.Joined })
            WriteRange(json, transaction.Response);
        json.WriteNumber("tx_id"u8, transaction.Number);
        json.WriteEndObject();
    }

    // Which bytes of the whole a partial response has.
    private static void WriteRange(Utf8JsonWriter json, HttpHeader? response)
    {
        if (
            response is not { Status: 206 }
            || !response.TryGetValue("Content-Range"u8, out ReadOnlySpan<byte> field)
            || !ContentRange.TryParse(field, out ContentRange range)
        )
            return;
        json.WriteNumber("start"u8, range.First);
        json.WriteNumber("end"u8, range.Last);
    }

    // What the sender says, else the last resort of all tools: the path.
    private static ReadOnlySpan<byte> NameOf(HttpTransaction transaction, bool isUpload)
    {
        HttpHeader? header = isUpload ? transaction.Request : transaction.Response;
        if (
            header is not null
            && header.TryGetValue("Content-Disposition"u8, out ReadOnlySpan<byte> disposition)
            && ContentDisposition.FileNameOf(disposition) is { } given
        )
            return given;
        ReadOnlySpan<byte> path = transaction.Request is { } request ? request.Path : default;
        int query = path.IndexOf((byte)'?');
        return query < 0 ? path : path[..query];
    }

    private static void Field(EveLine line, ReadOnlySpan<byte> name, HttpHeader header, ReadOnlySpan<byte> field)
    {
        if (header.TryGetValue(field, out ReadOnlySpan<byte> value))
            line.Text(name, value);
    }

    // A port behind the name is told apart from it; the colons of an IPv6 address are its own.
    private static void WriteHost(EveLine line, ReadOnlySpan<byte> host)
    {
        int colon = host.LastIndexOf((byte)':');
        bool hasPort = colon > 0 && (host[..colon].IndexOf((byte)':') < 0 || host[colon - 1] == (byte)']');
        if (hasPort && ushort.TryParse(host[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out ushort port))
        {
            line.Text("hostname"u8, host[..colon]);
            line.Json.WriteNumber("http_port"u8, port);
            return;
        }

        line.Text("hostname"u8, host);
    }

    private static ReadOnlySpan<byte> WithoutParameters(ReadOnlySpan<byte> type)
    {
        int end = type.IndexOf((byte)';');
        return (end < 0 ? type : type[..end]).Trim((byte)' ');
    }
}
