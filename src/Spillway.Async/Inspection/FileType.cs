namespace Spillway.Async.Inspection;

/// <summary>What a file is by its content.</summary>
/// <param name="Description">In words, as file(1) says it; empty if that was not wanted.</param>
/// <param name="MimeType">MIME type, such as <c>image/png</c>.</param>
public readonly record struct FileType(string Description, string MimeType)
{
    /// <summary>That of a file without content.</summary>
    public static FileType Empty { get; } = new("empty", "inode/x-empty");
}
