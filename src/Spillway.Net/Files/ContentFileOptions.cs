using System.Runtime.CompilerServices;

namespace Spillway.Net.Files;

/// <summary>Hashes taken of content while it passes.</summary>
[Flags]
public enum ContentHashes : byte
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>MD5.</summary>
    Md5 = 1,

    /// <summary>SHA-1.</summary>
    Sha1 = 2,

    /// <summary>SHA-256.</summary>
    Sha256 = 4,
}

/// <summary>Contents whose first bytes are shown at their end.</summary>
public enum ContentHeads : byte
{
    /// <summary>None.</summary>
    None,

    /// <summary>Those that <see cref="FileSignatures"/> knows.</summary>
    Notable,

    /// <summary>All.</summary>
    All,
}

/// <summary>How content becomes files.</summary>
public sealed record ContentFileOptions
{
    private readonly long _chunkBytes = 5L << 20;
    private readonly long _maxHoleBytes = 1L << 20;
    private readonly long _maxBufferBytes = 16L << 20;

    /// <summary>The options used when nothing is said.</summary>
    public static ContentFileOptions Default { get; } = new();

    /// <summary>The largest file; longer content becomes several. Default 5 MiB; at least 4 KiB.</summary>
    public long ChunkBytes
    {
        get => _chunkBytes;
        init => _chunkBytes = InRange(value, 4096, long.MaxValue);
    }

    /// <summary>Missing bytes that are filled with zeros; at a larger hole the content is cut. Default 1 MiB; 0 to 1 GiB.</summary>
    public long MaxHoleBytes
    {
        get => _maxHoleBytes;
        init => _maxHoleBytes = InRange(value, 0, 1L << 30);
    }

    /// <summary>
    /// Memory of all write buffers of a lane. Default 16 MiB; 64 KiB to 1 GiB. When it is used up, contents get small buffers, and are
    /// written in more calls.
    /// </summary>
    public long MaxBufferBytes
    {
        get => _maxBufferBytes;
        init => _maxBufferBytes = InRange(value, 64 << 10, 1L << 30);
    }

    /// <summary>False to hash contents and write nothing: for those who only want to know what went by. Default true.</summary>
    public bool Stores { get; init; } = true;

    /// <summary>
    /// Of which contents the first bytes, at most <see cref="ContentFiles.LargeBufferBytes"/> of them, are shown at their end
    /// (<see cref="IContentFileHandler.OnHead"/>). Default none.
    /// </summary>
    public ContentHeads Heads { get; init; }

    /// <summary>Hashes to take of each content as a whole.</summary>
    public ContentHashes Hashes { get; init; }

    private static long InRange(long value, long low, long high, [CallerMemberName] string name = "") =>
        value >= low && value <= high
            ? value
            : throw new ArgumentOutOfRangeException(name, value, $"{name} must be between {low} and {high}.");
}
