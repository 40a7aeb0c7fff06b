using Spillway.Async.Inspection;
using Spillway.Metrics.Records;
using Spillway.Net.Files;

namespace Spillway.Pipeline;

/// <summary>What is being found out about one content, and its record, which waits for that.</summary>
internal sealed class FileInspection
{
    /// <summary>Tasks on it that are not over.</summary>
    public int Pending { get; set; }

    /// <summary>Its type; null if it is not known yet, or cannot be said.</summary>
    public FileType? Type { get; set; }

    /// <summary>Its file, if it is one; the tasks keep it in place.</summary>
    public ExtractedFile? File { get; set; }

    /// <summary>Whether its file is of none of the kinds that are kept.</summary>
    public bool IsUnwanted { get; set; }

    /// <summary>Its record, once it has ended.</summary>
    public FileRecord? Record { get; set; }

    /// <summary>The event of its end; null if none is wanted.</summary>
    public EveFileEvent? Event { get; set; }

    /// <summary>Adds to the record what was found out.</summary>
    public FileRecord Describe(FileRecord record)
    {
        if (Type is { } type)
            record = record with { MimeType = type.MimeType, Magic = type.Description };
        return IsUnwanted ? record with { IsStored = false } : record;
    }
}
