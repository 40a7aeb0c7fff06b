using System.Text;

namespace Spillway.Net.Files;

/// <summary>
/// A finished file in a <see cref="RamDirectory"/>. It is counted who needs it: the creator holds the first reference, and with the last
/// one released the file is deleted (unless its directory keeps files) and its bytes are given back. Thread-safe.
/// </summary>
public sealed class ExtractedFile
{
    private readonly RamDirectory _directory;
    private readonly byte[] _path;
    private readonly long _charged;
    private string? _text;
    private int _references = 1;
    private volatile bool _isPersistent;
    private volatile bool _isUnwanted;

    internal ExtractedFile(RamDirectory directory, byte[] path, long length, long charged)
    {
        _directory = directory;
        _path = path;
        _charged = charged;
        Length = length;
    }

    /// <summary>The absolute path.</summary>
    public string Path => _text ??= Encoding.UTF8.GetString(PathUtf8);

    /// <summary>The absolute path as bytes.</summary>
    public ReadOnlySpan<byte> PathUtf8 => _path.AsSpan(0, _path.Length - 1);

    /// <summary>Bytes in the file.</summary>
    public long Length { get; }

    /// <summary>References held now; 0 means that the file is gone.</summary>
    public int References => Volatile.Read(ref _references);

    /// <summary>
    /// For who holds a reference: whether nobody else does, and the file goes with it. Only holders add references, so it stays true.
    /// </summary>
    public bool IsLastNeed => References == 1 && (!_directory.Keeps || _isUnwanted);

    /// <summary>Keeps the file until <see cref="Release"/>.</summary>
    /// <exception cref="InvalidOperationException">The file is gone already: only who holds a reference may add one.</exception>
    public void AddReference()
    {
        int seen = Volatile.Read(ref _references);
        while (true)
        {
            if (seen == 0)
                throw new InvalidOperationException("The extracted file was deleted with its last reference.");

            int before = Interlocked.CompareExchange(ref _references, seen + 1, seen);
            if (before == seen)
                return;
            seen = before;
        }
    }

    /// <summary>Has the file deleted with its last reference, even if its directory keeps files. Whoever calls holds a reference.</summary>
    public void Discard() => _isUnwanted = true;

    /// <summary>Gives up one reference; the last deletes the file.</summary>
    /// <exception cref="InvalidOperationException">More references were released than added.</exception>
    public void Release()
    {
        int left = Interlocked.Decrement(ref _references);
        if (left > 0)
            return;

        if (left < 0)
        {
            Interlocked.Increment(ref _references);
            throw new InvalidOperationException("An extracted file was released more often than it was referenced.");
        }

        if (_directory.Keeps && !_isUnwanted)
        {
            _directory.GiveBack(_charged, stays: true);
            return;
        }

        // A script may have moved or removed it: its bytes are free all the same.
        int error = PosixFile.Delete(_path);
        _directory.Statistics.CountDeleted(error is 0 or PosixFile.NoSuchFile);
        _directory.GiveBack(_charged);
    }

    /// <summary>Brings the file to the device, once: afterwards a power cut does not take it. False if that failed.</summary>
    public bool Persist()
    {
        if (_isPersistent)
            return true;
        int error = PosixFile.Sync(_path);
        _isPersistent = error == 0;
        return _isPersistent;
    }

    /// <summary>Adds a reference that releases itself once.</summary>
    public FileLease Lease()
    {
        AddReference();
        return new FileLease(this);
    }
}

/// <summary>One reference to an <see cref="ExtractedFile"/>, released by the first <see cref="Dispose"/> and by no later one.</summary>
public sealed class FileLease : IDisposable
{
    private ExtractedFile? _file;

    internal FileLease(ExtractedFile file)
    {
        _file = file;
    }

    /// <summary>The file, or null after the release.</summary>
    public ExtractedFile? File => Volatile.Read(ref _file);

    /// <inheritdoc/>
    public void Dispose() => Interlocked.Exchange(ref _file, null)?.Release();
}
