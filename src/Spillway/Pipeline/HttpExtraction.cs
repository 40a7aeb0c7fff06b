using Spillway.Async;
using Spillway.Metrics.Records;
using Spillway.Net.Files;
using Spillway.Net.Flows;
using Spillway.Scripting;

namespace Spillway.Pipeline;

/// <summary>What <see cref="HttpContentSink"/> keeps for a transaction.</summary>
internal sealed class HttpExtraction
{
    /// <summary>The request's content, once there is some.</summary>
    public ContentTransfer? Request;

    /// <summary>The response's content.</summary>
    public ContentTransfer? Response;

    /// <summary>Packet time of the first header, nanoseconds since 1970.</summary>
    public long BeginNs { get; init; }

    /// <summary>From the request's header to the response's, nanoseconds of packet time; null without a response.</summary>
    public long? LatencyNs { get; set; }

    /// <summary>Length of the request's decoded content.</summary>
    public long RequestLength { get; set; }

    /// <summary>Name of the response's content in the records of files; null if it has none.</summary>
    public string? ResponseFile { get; set; }

    /// <summary>Length of the response's decoded content.</summary>
    public long ResponseLength { get; set; }

    /// <summary>The scripts' view; null if no script takes content of this flow.</summary>
    public ScriptTransaction? Script { get; set; }
}

/// <summary>One content on its way from the wire to its readers.</summary>
internal sealed class ContentTransfer(ContentFile file, StreamDirection direction, ScriptTransaction? script)
{
    /// <summary>Hashes the content and, in file mode, stores it.</summary>
    public ContentFile File { get; } = file;

    /// <summary>Whose content it is.</summary>
    public StreamDirection Direction { get; } = direction;

    /// <summary>The scripts' view of the transaction.</summary>
    public ScriptTransaction? Script { get; } = script;

    /// <summary>Files of a request that wait for the response's header.</summary>
    public List<(ExtractedFile File, FilePiece Piece)> Held { get; } = [];

    /// <summary>The record, until it is given to the metrics.</summary>
    public FileRecord? Record { get; set; }

    /// <summary>Whether the message has ended.</summary>
    public bool IsEnded { get; set; }
}

/// <summary>Lets tasks of T.async keep an extracted file in place (spec of T.async, section 4). Any thread.</summary>
internal sealed class ExtractedFileLease(ExtractedFile file) : ITaskLease
{
    /// <inheritdoc/>
    public void AddReference() => file.AddReference();

    /// <inheritdoc/>
    public void Persist() => file.Persist();

    /// <inheritdoc/>
    public void Release() => file.Release();
}
