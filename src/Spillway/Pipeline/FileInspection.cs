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

    /// <summary>Rules of YARA that it matches; null while there are none.</summary>
    public List<RuleMatch>? Matches { get; set; }

    /// <summary>Its file, if it is one; the tasks keep it in place.</summary>
    public ExtractedFile? File { get; set; }

    /// <summary>Whether its file is of none of the kinds that are kept.</summary>
    public bool IsUnwanted { get; set; }

    /// <summary>Its record, once it has ended; of a content that was abandoned it is no file's.</summary>
    public FileRecord? Record { get; set; }

    /// <summary>Whether the content was abandoned: then there is no record of it, but of what its parts match.</summary>
    public bool IsAbandoned { get; set; }

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
