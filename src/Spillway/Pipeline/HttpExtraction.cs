using Spillway.Net.Files;
using Spillway.Net.Flows;
using Spillway.Scripting;

namespace Spillway.Pipeline;

/// <summary>What <see cref="HttpContentSink"/> keeps for a transaction.</summary>
internal sealed class HttpExtraction
{
    /// <summary>The request's content, once there is some.</summary>
    public HttpTransfer? Request;

    /// <summary>The response's content.</summary>
    public HttpTransfer? Response;

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

    /// <summary>The ranges of a file in the response's content; null if it has none that could be joined.</summary>
    public HttpRangeBody? Range { get; set; }

    /// <summary>The files in the request's content, if it is a form; null if it is none, or nothing of it was seen.</summary>
    public HttpForm? Form { get; set; }
}

/// <summary>The content of a request or response.</summary>
internal sealed class HttpTransfer(ContentFile file, StreamDirection direction, ScriptTransaction? script) : ContentTransfer(file)
{
    /// <summary>Whose content it is.</summary>
    public StreamDirection Direction { get; } = direction;

    /// <summary>The scripts' view of the transaction.</summary>
    public ScriptTransaction? Script { get; } = script;

    /// <summary>Files of a request that wait for the response's header.</summary>
    public List<(ExtractedFile File, FilePiece Piece)> Held { get; } = [];
}
