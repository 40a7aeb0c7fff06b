namespace Spillway.Net.Files;

/// <summary>Receives the files that a content becomes. Given as a type parameter of the calls that may finish one.</summary>
public interface IContentFileHandler
{
    /// <summary>
    /// A file is complete. The reference that the callee gets with it is the first one: it must be released in the end, here or later.
    /// </summary>
    void OnFile(ContentFile content, ExtractedFile file, in FilePiece piece);

    /// <summary>
    /// The content has ended, and began with these bytes: up to the first hole, or as many as are kept. Only with
    /// <see cref="ContentFileOptions.Heads"/>, and after <see cref="OnFile"/>. Valid until the return.
    /// </summary>
    void OnHead(ContentFile content, ReadOnlySpan<byte> head) { }
}

/// <summary>What part of its content a file holds.</summary>
/// <param name="Offset">Offset of its first byte in the content.</param>
/// <param name="Length">Bytes in the file.</param>
/// <param name="IsChunk">True if the content is longer than one file may be; the name then ends in ".offset.part".</param>
/// <param name="IsLast">True if this is the whole content or its last chunk.</param>
public readonly record struct FilePiece(long Offset, long Length, bool IsChunk, bool IsLast);

/// <summary>How storing a content goes.</summary>
public enum ContentFileStatus : byte
{
    /// <summary>All bytes so far are stored.</summary>
    Good,

    /// <summary>The directory's capacity is used up.</summary>
    DirectoryFull,

    /// <summary>The file system is full.</summary>
    NoSpace,

    /// <summary>More bytes are missing than <see cref="ContentFileOptions.MaxHoleBytes"/>.</summary>
    HoleTooLarge,

    /// <summary>Another error of the file system.</summary>
    Error,
}
