using Spillway.Metrics.Records;
using Spillway.Net.Flows;
using Spillway.Net.Protocols.Http;

namespace Spillway.Pipeline;

/// <summary>What headers of HTTP say of a content.</summary>
internal static class HttpOrigin
{
    /// <summary>Of the content of a request or response.</summary>
    public static ContentOrigin Of(HttpTransaction transaction, StreamDirection direction)
    {
        HttpHeader? header = direction == StreamDirection.ClientToServer ? transaction.Request : transaction.Response;
        ReadOnlySpan<byte> type = default;
        header?.TryGetValue("Content-Type"u8, out type);
        bool isNamed = header is not null && header.TryGetValue("Content-Disposition"u8, out _);
        return Of(transaction, direction, WireText.Decode(type)) with { Name = isNamed ? NameIn(header!) : default(ReadOnlyMemory<byte>) };
    }

    /// <summary>Of a content of another type within a request or response.</summary>
    public static ContentOrigin Of(HttpTransaction transaction, StreamDirection direction, string type) =>
        new()
        {
            Protocol = "http",
            Flow = transaction.Flow,
            Direction = direction,
            Message = transaction.Number,
            ContentType = type,
            Host = transaction.Request is { } host ? WireText.Decode(host.Host) : "",
            Url = transaction.Request is { } target ? WireText.Decode(target.Target) : "",
            Method = transaction.Request is { } method ? WireText.Decode(method.Method) : "",
        };

    private static byte[]? NameIn(HttpHeader header)
    {
        header.TryGetValue("Content-Disposition"u8, out ReadOnlySpan<byte> disposition);
        return ContentDisposition.FileNameOf(disposition);
    }
}
