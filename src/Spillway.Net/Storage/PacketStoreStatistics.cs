namespace Spillway.Net.Storage;

/// <summary>What became of the packets that were handed to a store. Any thread may read them.</summary>
public sealed class PacketStoreStatistics
{
    private long _stored;
    private long _storedBytes;
    private long _dropped;
    private long _refused;
    private long _waits;
    private long _filesWritten;
    private long _filesRemoved;
    private long _bytesRemoved;

    /// <summary>Packets in the files.</summary>
    public long Stored => Volatile.Read(ref _stored);

    /// <summary>Their bytes, without those of the file format.</summary>
    public long StoredBytes => Volatile.Read(ref _storedBytes);

    /// <summary>Packets lost because the disk was full or failed, or because it was slower than live traffic.</summary>
    public long Dropped => Volatile.Read(ref _dropped) + Volatile.Read(ref _refused);

    /// <summary>Times the packets had to wait for the disk.</summary>
    public long Waits => Volatile.Read(ref _waits);

    /// <summary>Captures begun.</summary>
    public long FilesWritten => Volatile.Read(ref _filesWritten);

    /// <summary>Old captures removed to stay within the disk cap.</summary>
    public long FilesRemoved => Volatile.Read(ref _filesRemoved);

    /// <summary>Bytes of those, with their indexes.</summary>
    public long BytesRemoved => Volatile.Read(ref _bytesRemoved);

    internal void AddStored(long packets, long bytes)
    {
        Volatile.Write(ref _stored, _stored + packets);
        Volatile.Write(ref _storedBytes, _storedBytes + bytes);
    }

    internal void AddDropped(long packets) => Volatile.Write(ref _dropped, _dropped + packets);

    internal void AddRefused() => Interlocked.Increment(ref _refused);

    internal void AddWait() => Interlocked.Increment(ref _waits);

    internal void AddFile() => Volatile.Write(ref _filesWritten, _filesWritten + 1);

    internal void AddRemoved(long bytes)
    {
        Volatile.Write(ref _filesRemoved, _filesRemoved + 1);
        Volatile.Write(ref _bytesRemoved, _bytesRemoved + bytes);
    }
}
