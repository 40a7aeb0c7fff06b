namespace Spillway.Net.Files;

/// <summary>
/// Turns the bytes of one content into files of at most <see cref="ContentFileOptions.ChunkBytes"/>, and hashes them. Small contents are
/// collected and cost one open, write and close; errors end the storing, never the traffic. Belongs to one thread.
/// </summary>
/// <remarks>Either <see cref="End"/> or <see cref="Abandon"/> must be called, and nothing after it.</remarks>
public sealed partial class ContentFile
{
    private const int Closed = -1;

    private readonly ContentFiles _owner;
    private readonly byte[] _path;
    private byte[]? _buffer;
    private int _buffered;
    private byte[]? _head;
    private int _headLength;
    private bool _keepsHead;
    private bool _isBegun;
    private readonly ContentHashes _hashes;
    private ContentHasher? _hasher;
    private ContentDigest _digest;
    private bool _isHashed;

    // The current file: where it begins in the content, what is written, and what it is charged for.
    private int _descriptor = Closed;
    private byte[]? _currentPath;
    private long _start;
    private long _written;
    private long _charged;
    private bool _chunked;

    internal ContentFile(ContentFiles owner, byte[] path)
    {
        _owner = owner;
        _hashes = owner.Options.Hashes; // may change for contents to come
        _keepsHead = owner.Options.Heads != ContentHeads.None;
        _path = path;
    }

    /// <summary>
    /// Why the content is not stored, or not as a whole. Once it is not Good it stays so; bytes are then counted and hashed only.
    /// </summary>
    public ContentFileStatus Status { get; private set; }

    /// <summary>Why the system refused, in its own words; null if it did not.</summary>
    public string? Reason { get; private set; }

    /// <summary>Bytes of the content so far; missing ones that were filled in included.</summary>
    public long Length { get; private set; }

    /// <summary>Missing bytes that stand as zeros in the files.</summary>
    public long HoleBytes { get; private set; }

    /// <summary>After <see cref="End"/>: the hashes of the whole content. None if it was cut at a hole.</summary>
    public ContentDigest Digest => _digest;

    /// <summary>Whether it begins as programs, archives and documents do. Known when its first file is complete.</summary>
    public bool IsNotable { get; private set; }

    /// <summary>State of whoever looks into the content.</summary>
    public object? Consumer { get; set; }

    /// <summary>The path, as UTF-8, that identifies the content: that of its file, or of its chunks without their suffix.</summary>
    public ReadOnlySpan<byte> PathUtf8 => _path.AsSpan(0, _path.Length - 1);

    /// <summary>Appends bytes.</summary>
    /// <param name="offset">Their offset in the content: not before <see cref="Length"/>; beyond it, bytes are missing.</param>
    /// <param name="data">The bytes; copied or written before the call returns.</param>
    /// <param name="handler">Gets the chunks that this completes.</param>
    public void Write<THandler>(long offset, ReadOnlySpan<byte> data, ref THandler handler)
        where THandler : IContentFileHandler
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(offset, Length);
        if (offset > Length)
            FillHole(offset, ref handler);
        if (Status == ContentFileStatus.HoleTooLarge)
            return;

        long chunkBytes = _owner.Options.ChunkBytes;
        while (!data.IsEmpty)
        {
            if (Length - _start == chunkBytes)
                NextChunk(ref handler);

            int room = (int)Math.Min(data.Length, chunkBytes - (Length - _start));
            Append(data[..room]);
            data = data[room..];
        }
    }

    /// <summary>
    /// Bytes are missing at the end: they count and stand as zeros, unless they are more than
    /// <see cref="ContentFileOptions.MaxHoleBytes"/>.
    /// </summary>
    /// <param name="length">Length of the content with them.</param>
    /// <param name="handler">Gets the chunks that this completes.</param>
    public void Extend<THandler>(long length, ref THandler handler)
        where THandler : IContentFileHandler
    {
        if (length > Length && length - Length <= _owner.Options.MaxHoleBytes && Status != ContentFileStatus.HoleTooLarge)
            FillHole(length, ref handler);
    }

    /// <summary>The content is complete, or as complete as it will be: finishes its last file, an empty one if there was nothing.</summary>
    public ContentFileStatus End<THandler>(ref THandler handler)
        where THandler : IContentFileHandler
    {
        if (_hashes != ContentHashes.None && _hasher is null)
        {
            // All of it is still in the buffer.
            _digest = ContentHasher.Compute(_hashes, Buffered);
            _isHashed = true;
        }

        ReadOnlySpan<byte> all = default;
        if (Length == _buffered)
        {
            // Nothing was written yet: no copy is needed.
            Begin(Buffered);
            all = Buffered;
            _keepsHead = false;
        }

        Flush();
        if (_hasher is { } hasher)
        {
            _digest = hasher.Finish();
        }

        if (Status == ContentFileStatus.HoleTooLarge)
            _digest = default;
        FinishFile(isLast: true, ref handler);
        if (_owner.Options.Heads == ContentHeads.All || (_owner.Options.Heads == ContentHeads.Notable && IsNotable))
            handler.OnHead(this, _head is null ? all : _head.AsSpan(0, _headLength));
        ReturnMemory();
        return Status;
    }

    /// <summary>Forgets the content: the file at hand is removed. Chunks that were handed over stay.</summary>
    public void Abandon()
    {
        _buffered = 0;
        DropFile();
        _hasher?.Finish();
        ReturnMemory();
    }

    private bool Stores => Status == ContentFileStatus.Good && _owner.Options.Stores;

    private ReadOnlySpan<byte> Buffered => _buffer.AsSpan(0, _buffered);

    private void Append(ReadOnlySpan<byte> data)
    {
        Length += data.Length;
        while (!data.IsEmpty)
        {
            if (_buffer is null || _buffered == _buffer.Length)
                MakeRoom(data.Length);

            // A large piece needs no way over the buffer.
            if (_buffered == 0 && data.Length >= _buffer!.Length)
            {
                Store(data);
                return;
            }

            int room = Math.Min(data.Length, _buffer!.Length - _buffered);
            data[..room].CopyTo(_buffer.AsSpan(_buffered));
            _buffered += room;
            data = data[room..];
        }
    }

    // Most contents fit a small buffer; the others soon get a large one.
    private void MakeRoom(int wanted)
    {
        if (_buffer is null)
        {
            _buffer = _owner.RentBuffer(large: wanted > ContentFiles.SmallBufferBytes);
            return;
        }

        if (_buffer.Length == ContentFiles.SmallBufferBytes)
        {
            byte[] larger = _owner.RentBuffer(large: true);
            Buffered.CopyTo(larger);
            _owner.ReturnBuffer(_buffer);
            _buffer = larger;
        }

        if (_buffered == _buffer.Length)
            Flush();
    }

    private void Flush()
    {
        if (_buffered > 0)
            Store(Buffered);
        _buffered = 0;
    }

    private void FillHole<THandler>(long offset, ref THandler handler)
        where THandler : IContentFileHandler
    {
        long hole = offset - Length;
        if (hole > _owner.Options.MaxHoleBytes)
        {
            if (Status == ContentFileStatus.Good)
            {
                // What came before the hole stays a file; it is handed over at the end.
                Flush();
                EndHead();
                Status = ContentFileStatus.HoleTooLarge;
                _owner.Directory.Statistics.CountRefused(Status);
            }

            return;
        }

        Flush();
        EndHead();
        HoleBytes += hole;
        long chunkBytes = _owner.Options.ChunkBytes;
        while (Length < offset)
        {
            if (Length - _start == chunkBytes)
                NextChunk(ref handler);

            long part = Math.Min(offset - Length, chunkBytes - (Length - _start));
            if (_hashes != ContentHashes.None)
                (_hasher ??= _owner.RentHasher(_hashes)).AppendZeros(part);
            if (Stores && Grow(_written + part))
                Check(PosixFile.SetLength(_descriptor, _written + part));
            if (Stores)
                _written += part;
            Length += part;
        }
    }

    private void NextChunk<THandler>(ref THandler handler)
        where THandler : IContentFileHandler
    {
        Flush();
        if (!_chunked)
        {
            // Only now it is known that the first file is the first of several.
            _chunked = true;
            if (_descriptor != Closed)
            {
                byte[] chunkPath = ChunkPath();
                int error = PosixFile.Rename(_currentPath, chunkPath);
                if (error == 0)
                    _currentPath = chunkPath;
                Check(error);
            }
        }

        FinishFile(isLast: false, ref handler);
        _start = Length;
    }

    private void FinishFile<THandler>(bool isLast, ref THandler handler)
        where THandler : IContentFileHandler
    {
        bool keep = _owner.Options.Stores && (Status is ContentFileStatus.Good or ContentFileStatus.HoleTooLarge);
        if (keep && _descriptor == Closed)
            keep = Status == ContentFileStatus.Good && Grow(0);
        if (!keep)
        {
            DropFile();
            return;
        }

        int error = PosixFile.Close(_descriptor);
        _descriptor = Closed;
        if (error != 0)
        {
            Check(error);
            DropFile();
            return;
        }

        ExtractedFile file = new(_owner.Directory, _currentPath!, _written, _charged);
        FilePiece piece = new(_start, _written, _chunked, isLast);
        _currentPath = null;
        _written = 0;
        _charged = 0;
        _owner.Directory.Statistics.CountFile();
        handler.OnFile(this, file, piece);
    }

    private void ReturnMemory()
    {
        if (_buffer is not null)
            _owner.ReturnBuffer(_buffer);
        if (_head is not null)
            _owner.ReturnBuffer(_head);
        if (_hasher is not null)
            _owner.ReturnHasher(_hasher);
        _buffer = _head = null;
        _hasher = null;
    }
}
