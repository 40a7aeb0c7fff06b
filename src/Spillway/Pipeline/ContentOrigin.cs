using System.Text;
using Spillway.Metrics.Records;
using Spillway.Net.Flows;

namespace Spillway.Pipeline;

/// <summary>What is known of a content when it begins. Empty texts are unknown.</summary>
internal sealed record ContentOrigin
{
    /// <summary>What carries it: http, smtp, pop3, imap, ftp-data.</summary>
    public required string Protocol { get; init; }

    /// <summary>The flow whose bytes it is in.</summary>
    public required Flow Flow { get; init; }

    /// <summary>Who sends it, as the flow's streams have it.</summary>
    public required StreamDirection Direction { get; init; }

    /// <summary>Its message's number in the flow: the transaction of HTTP, the mail; 0 where there is one.</summary>
    public long Message { get; init; }

    /// <summary>Its number in the message, from 1; 0 if it is the whole of it.</summary>
    public int Part { get; init; }

    /// <summary>The name its sender gives it, as sent.</summary>
    public ReadOnlyMemory<byte> Name { get; init; }

    /// <summary>Content type.</summary>
    public string ContentType { get; init; } = "";

    /// <summary>Host that it is asked of.</summary>
    public string Host { get; init; } = "";

    /// <summary>Request target, or path on the server.</summary>
    public string Url { get; init; } = "";

    /// <summary>Request method, or command.</summary>
    public string Method { get; init; } = "";

    /// <summary>Further facts for scripts, by their names.</summary>
    public IReadOnlyList<(string Name, string Value)> Facts { get; init; } = [];

    /// <summary>The name as text, control characters escaped.</summary>
    public string SentName => WireText.Decode(Name.Span);

    /// <summary>Adds what is known to a record of the content.</summary>
    /// <param name="record">The record.</param>
    /// <param name="status">Response status; 0 if there is none.</param>
    public FileRecord Describe(FileRecord record, int status = 0) =>
        record with
        {
            Protocol = Protocol,
            SentName = SentName,
            Host = Host,
            Uri = Url,
            Method = Method,
            Status = status,
            ContentType = ContentType,
        };

    /// <summary>All facts as scripts receive them: names and values, a zero byte behind each.</summary>
    public byte[] ToScript()
    {
        var text = new StringBuilder();
        Add(text, "protocol", Protocol);
        text.Append("name\0").Append(Encoding.UTF8.GetString(Name.Span).Replace("\0", "", StringComparison.Ordinal)).Append('\0');
        Add(text, "direction", Direction == StreamDirection.ClientToServer ? "0" : "1");
        Add(text, "content_type", ContentType);
        Add(text, "host", Host);
        Add(text, "url", Url);
        Add(text, "method", Method);
        foreach ((string name, string value) in Facts)
            Add(text, name, value);
        return Encoding.UTF8.GetBytes(text.ToString());
    }

    private static void Add(StringBuilder text, string name, string value)
    {
        if (value.Length > 0)
            text.Append(name).Append('\0').Append(value.Replace("\0", "", StringComparison.Ordinal)).Append('\0');
    }
}
