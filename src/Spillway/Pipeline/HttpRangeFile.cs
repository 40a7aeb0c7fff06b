using Spillway.Net.Files;

namespace Spillway.Pipeline;

/// <summary>A file whose ranges are coming.</summary>
/// <param name="key">What its ranges have in common.</param>
/// <param name="content">Holds them; null once the file is given up.</param>
internal sealed class HttpRangeFile(HttpRangeKey key, PiecedFile content)
{
    /// <summary>What its ranges have in common.</summary>
    public HttpRangeKey Key { get; } = key;

    /// <summary>
    /// Holds its ranges; null once it is joined or given up. What is given up keeps its place until it times out, so that its further
    /// ranges do not begin it anew.
    /// </summary>
    public PiecedFile? Content { get; set; } = content;

    /// <summary>Ranges that were held.</summary>
    public int Pieces { get; set; }

    /// <summary>Content type of the first of them.</summary>
    public string ContentType { get; set; } = "";

    /// <summary>Packet time of the last bytes, nanoseconds since 1970.</summary>
    public long LastNs { get; set; }

    /// <summary>Its place among all, the one that has waited longest first.</summary>
    public LinkedListNode<HttpRangeFile>? Place { get; set; }
}
