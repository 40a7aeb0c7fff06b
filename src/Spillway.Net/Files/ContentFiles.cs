namespace Spillway.Net.Files;

/// <summary>
/// Creates the <see cref="ContentFile"/> of each body of a lane, and lends them write buffers and hashes. Belongs to one thread.
/// </summary>
public sealed class ContentFiles
{
    /// <summary>Bytes of a large write buffer, and most of a content's first bytes that are kept.</summary>
    public const int LargeBufferBytes = 64 * 1024;

    internal const int SmallBufferBytes = 4 * 1024;

    // Freed buffers and hashes kept for reuse, so that a burst of connections does not stay in memory for ever.
    private const int MaxKept = 64;

    private readonly Stack<byte[]> _small = new();
    private readonly Stack<byte[]> _large = new();
    private readonly Stack<ContentHasher> _hashers = new();
    private long _lentBytes;

    /// <summary>Creates the factory of a lane.</summary>
    public ContentFiles(RamDirectory directory, ContentFileOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(directory);
        Directory = directory;
        Options = options ?? ContentFileOptions.Default;
    }

    /// <summary>Where files go.</summary>
    public RamDirectory Directory { get; }

    /// <summary>The options.</summary>
    public ContentFileOptions Options { get; private set; }

    /// <summary>Begins the file of a content. Nothing is created before there are bytes for it.</summary>
    /// <param name="name">A name made by <see cref="FileName"/>. In a directory that keeps its files another run may have used it: then a
    /// number is added.</param>
    public ContentFile Create(ReadOnlySpan<byte> name) =>
        new(this, Directory.Keeps && Options.Stores ? Directory.FreePathOf(name) : Directory.PathOf(name));

    internal byte[] RentBuffer(bool large)
    {
        large &= _lentBytes + LargeBufferBytes <= Options.MaxBufferBytes;
        Stack<byte[]> kept = large ? _large : _small;
        byte[] buffer = kept.TryPop(out byte[]? free)
            ? free
            : GC.AllocateUninitializedArray<byte>(large ? LargeBufferBytes : SmallBufferBytes);
        _lentBytes += buffer.Length;
        return buffer;
    }

    internal void ReturnBuffer(byte[] buffer)
    {
        _lentBytes -= buffer.Length;
        Stack<byte[]> kept = buffer.Length == LargeBufferBytes ? _large : _small;
        if (kept.Count < MaxKept)
            kept.Push(buffer);
    }

    /// <summary>Has further hashes taken of each content that begins from here on.</summary>
    public void TakeHashes(ContentHashes hashes)
    {
        Options = Options with { Hashes = Options.Hashes | hashes };
        foreach (ContentHasher hasher in _hashers)
            hasher.Dispose();
        _hashers.Clear();
    }

    internal ContentHasher RentHasher(ContentHashes hashes) =>
        hashes == Options.Hashes && _hashers.TryPop(out ContentHasher? hasher) ? hasher : new ContentHasher(hashes);

    internal void ReturnHasher(ContentHasher hasher)
    {
        if (_hashers.Count < MaxKept && hasher.Hashes == Options.Hashes)
            _hashers.Push(hasher);
        else
            hasher.Dispose();
    }
}
