namespace Spillway.Net.Files;

/// <summary>What all <see cref="PiecedFile"/>s of a lane may take up in the ram directory. Belongs to one thread.</summary>
/// <param name="directory">The directory, whose capacity they share with extracted files: they take a quarter of it at most, and nothing
/// while it is half full, since files come before what may become one.</param>
/// <param name="maxBytes">The most they may take up whatever its capacity is.</param>
public sealed class PieceBudget(RamDirectory directory, long maxBytes)
{
    private readonly long _maxBytes = Math.Min(maxBytes, directory.CapacityBytes / 4);
    private long _bytes;

    /// <summary>Bytes taken up now.</summary>
    public long Bytes => _bytes;

    internal RamDirectory Directory => directory;

    internal bool TryReserve(long bytes)
    {
        if (_bytes + bytes > _maxBytes || directory.BytesInUse + bytes > directory.CapacityBytes / 2 || !directory.TryReserve(bytes))
            return false;
        _bytes += bytes;
        return true;
    }

    internal void GiveBack(long bytes)
    {
        _bytes -= bytes;
        directory.GiveBack(bytes);
    }
}
