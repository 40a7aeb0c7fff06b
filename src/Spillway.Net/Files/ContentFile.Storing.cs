namespace Spillway.Net.Files;

// The file at hand: opening, paying for, writing and removing it.
public sealed partial class ContentFile
{
    private void Store(ReadOnlySpan<byte> data)
    {
        if (_hashes != ContentHashes.None && !_isHashed)
            (_hasher ??= _owner.RentHasher(_hashes)).Append(data);
        Begin(data);
        if (_keepsHead)
            KeepHead(data);

        if (Stores && Grow(_written + data.Length))
            Check(PosixFile.Write(_descriptor, data, _written));

        if (Stores)
        {
            _written += data.Length;
            _owner.Directory.Statistics.CountWritten(data.Length);
        }
    }

    private void Begin(ReadOnlySpan<byte> first)
    {
        if (_isBegun)
            return;
        _isBegun = true;
        IsNotable = FileSignatures.IsNotable(first);
        _keepsHead &= IsNotable || _owner.Options.Heads == ContentHeads.All;
    }

    // What comes behind a hole is no beginning.
    private void EndHead() => (_isBegun, _keepsHead) = (true, false);

    private void KeepHead(ReadOnlySpan<byte> data)
    {
        _head ??= _owner.RentBuffer(large: true);
        int room = Math.Min(data.Length, _head.Length - _headLength);
        data[..room].CopyTo(_head.AsSpan(_headLength));
        _headLength += room;
        _keepsHead = _headLength < _head.Length;
    }

    // Opens the file if need be and pays for its size.
    private bool Grow(long length)
    {
        long charge = RamDirectory.PagesOf(length) - _charged;
        if (charge > 0)
        {
            if (!_owner.Directory.TryReserve(charge))
            {
                Refuse(ContentFileStatus.DirectoryFull);
                return false;
            }

            _charged += charge;
        }

        if (_descriptor == Closed)
        {
            _currentPath ??= _chunked ? ChunkPath() : _path;
            int error = PosixFile.TryCreate(_currentPath, isPrivate: !_owner.Directory.Keeps, out int descriptor);
            if (error != 0)
            {
                _currentPath = null;
                Check(error);
                return false;
            }

            _descriptor = descriptor;
        }

        return true;
    }

    private void Check(int error)
    {
        if (error == 0)
            return;
        Reason ??= PosixFile.Describe(error);
        if (error == PosixFile.NoSpace)
            _owner.Directory.Kept?.WantRoom(_charged);
        Refuse(error == PosixFile.NoSpace ? ContentFileStatus.NoSpace : ContentFileStatus.Error);
    }

    private void Refuse(ContentFileStatus status)
    {
        Status = status;
        _owner.Directory.Statistics.CountRefused(status);
        DropFile();
    }

    private void DropFile()
    {
        if (_descriptor != Closed)
            _ = PosixFile.Close(_descriptor);
        if (_currentPath is not null)
            _ = PosixFile.Delete(_currentPath);
        _descriptor = Closed;
        _currentPath = null;
        _owner.Directory.GiveBack(_charged);
        _charged = 0;
        _written = 0;
    }

    private byte[] ChunkPath()
    {
        Span<byte> suffix = stackalloc byte[32];
        suffix[0] = (byte)'.';
        System.Buffers.Text.Utf8Formatter.TryFormat(_start, suffix[1..], out int digits);
        ".part\0"u8.CopyTo(suffix[(1 + digits)..]);
        return [.. PathUtf8, .. suffix[..(1 + digits + 6)]];
    }
}
