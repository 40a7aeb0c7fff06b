using Spillway.Net.Flows;

namespace Spillway.Metrics.Records;

/// <summary>How an extracted file ended.</summary>
public enum FileEnd : byte
{
    /// <summary>Complete.</summary>
    Complete,

    /// <summary>The connection, or the capture, ended before the file.</summary>
    Truncated,

    /// <summary>Bytes are missing from the capture.</summary>
    Gap,

    /// <summary>Its coding or framing is damaged.</summary>
    Corrupt,

    /// <summary>A limit was reached.</summary>
    Limit,

    /// <summary>Complete: joined of ranges that were carried one by one, each of which is a file too.</summary>
    Joined,
}

/// <summary>A file that a flow has carried.</summary>
public sealed record FileRecord
{
    /// <summary>Packet time of its end, nanoseconds since 1970 UTC.</summary>
    public required long TimestampNs { get; init; }

    /// <summary>Flow id.</summary>
    public required string FlowId { get; init; }

    /// <summary>Server to client for a response, client to server for an upload.</summary>
    public required StreamDirection Direction { get; init; }

    /// <summary>What has carried it: http, smtp, pop3, imap, ftp-data.</summary>
    public string Protocol { get; init; } = "http";

    /// <summary>The name its sender gives it, control characters escaped; empty if none was seen.</summary>
    public string SentName { get; init; } = "";

    /// <summary>Host as the request named it; empty if unknown.</summary>
    public string Host { get; init; } = "";

    /// <summary>Request target, or path on a server of FTP; empty if unknown.</summary>
    public string Uri { get; init; } = "";

    /// <summary>Request method, or command of FTP; empty if unknown.</summary>
    public string Method { get; init; } = "";

    /// <summary>Response status; 0 if unknown.</summary>
    public int Status { get; init; }

    /// <summary>Content type without parameters; empty if unknown.</summary>
    public string ContentType { get; init; } = "";

    /// <summary>MIME type by its content, as libmagic tells it; empty if unknown.</summary>
    public string MimeType { get; init; } = "";

    /// <summary>The same in words; empty if unknown.</summary>
    public string Magic { get; init; } = "";

    /// <summary>Bytes after all decoding.</summary>
    public required long Size { get; init; }

    /// <summary>Name in the ram directory, which scripts see as the last part of the path.</summary>
    public string Name { get; init; } = "";

    /// <summary>SHA-1 in lower case hex, or null if it was not computed.</summary>
    public string? Sha1 { get; init; }

    /// <summary>MD5 in lower case hex, or null if it was not computed.</summary>
    public string? Md5 { get; init; }

    /// <summary>SHA-256 in lower case hex, or null if it was not computed.</summary>
    public string? Sha256 { get; init; }

    /// <summary>Whether it stays in a directory of the user's, under <see cref="Name"/>.</summary>
    public bool IsStored { get; init; }

    /// <summary>How it ended.</summary>
    public FileEnd End { get; init; }
}
