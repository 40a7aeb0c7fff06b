namespace Spillway.Net.Files;

/// <summary>Counters of a <see cref="RamDirectory"/>. Written by lanes and workers, so every one is updated atomically.</summary>
public sealed class FileStatistics
{
    private long _files;
    private long _deleted;
    private long _bytesWritten;
    private long _refusedFull;
    private long _refusedNoSpace;
    private long _refusedHole;
    private long _failed;
    private long _deleteFailed;

    /// <summary>Files completed, each chunk counted.</summary>
    public long Files => Volatile.Read(ref _files);

    /// <summary>Files deleted after their last lease.</summary>
    public long Deleted => Volatile.Read(ref _deleted);

    /// <summary>Bytes written into files.</summary>
    public long BytesWritten => Volatile.Read(ref _bytesWritten);

    /// <summary>Contents refused, or cut, since the directory's capacity was reached.</summary>
    public long RefusedFull => Volatile.Read(ref _refusedFull);

    /// <summary>Contents refused, or cut, since the file system is full (ENOSPC).</summary>
    public long RefusedNoSpace => Volatile.Read(ref _refusedNoSpace);

    /// <summary>Contents cut at a hole larger than <see cref="ContentFileOptions.MaxHoleBytes"/>.</summary>
    public long RefusedHole => Volatile.Read(ref _refusedHole);

    /// <summary>Contents lost by another error of the file system.</summary>
    public long Failed => Volatile.Read(ref _failed);

    /// <summary>Files that could not be deleted.</summary>
    public long DeleteFailed => Volatile.Read(ref _deleteFailed);

    internal void CountFile() => Interlocked.Increment(ref _files);

    internal void CountWritten(long bytes) => Interlocked.Add(ref _bytesWritten, bytes);

    internal void CountDeleted(bool deleted) => Interlocked.Increment(ref deleted ? ref _deleted : ref _deleteFailed);

    internal void CountRefused(ContentFileStatus status)
    {
        switch (status)
        {
            case ContentFileStatus.DirectoryFull:
                Interlocked.Increment(ref _refusedFull);
                break;
            case ContentFileStatus.NoSpace:
                Interlocked.Increment(ref _refusedNoSpace);
                break;
            case ContentFileStatus.HoleTooLarge:
                Interlocked.Increment(ref _refusedHole);
                break;
            default:
                Interlocked.Increment(ref _failed);
                break;
        }
    }
}
