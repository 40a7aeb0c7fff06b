using Spillway.Async;
using Spillway.Metrics.Records;
using Spillway.Net.Files;

namespace Spillway.Pipeline;

/// <summary>Takes the files that a content becomes.</summary>
internal interface IContentReceiver
{
    /// <summary>A file, or a part of a big one, is complete.</summary>
    /// <param name="transfer">The content.</param>
    /// <param name="file">The file; the receiver releases it.</param>
    /// <param name="piece">Which part of the content it is.</param>
    void OnFile(ContentTransfer transfer, ExtractedFile file, in FilePiece piece);
}

/// <summary>One content on its way from the wire to its readers.</summary>
/// <param name="file">Hashes the content and, in file mode, stores it.</param>
/// <param name="origin">What is known of it; null of a content of HTTP, whose headers say it.</param>
internal class ContentTransfer(ContentFile file, ContentOrigin? origin = null)
{
    /// <summary>Hashes the content and, in file mode, stores it.</summary>
    public ContentFile File { get; } = file;

    /// <summary>What is known of it.</summary>
    public ContentOrigin? Origin { get; } = origin;

    /// <summary>Scripts that want it, as bits; null if all do that want files of its flow.</summary>
    public ulong? Interested { get; init; }

    /// <summary>The record, until it is given to the metrics.</summary>
    public FileRecord? Record { get; set; }

    /// <summary>Whether the content has ended.</summary>
    public bool IsEnded { get; set; }
}

/// <summary>Lets tasks of T.async keep an extracted file in place (spec of T.async, section 4). Any thread.</summary>
internal sealed class ExtractedFileLease(ExtractedFile file) : ITaskLease
{
    /// <inheritdoc/>
    public void AddReference() => file.AddReference();

    /// <inheritdoc/>
    public bool MayTake(ReadOnlySpan<byte> path) => file.IsLastNeed && file.PathUtf8.SequenceEqual(path);

    /// <inheritdoc/>
    public void Persist() => file.Persist();

    /// <inheritdoc/>
    public void Release() => file.Release();
}
