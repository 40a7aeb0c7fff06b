namespace Spillway.Async.Dispatch;

/// <summary>
/// Brings the spellings of a path into one form without asking the file system: absolute, without <c>.</c>, <c>..</c> and doubled
/// slashes. Used to order tasks, never to open files: a link can make two forms name one file. Not thread-safe.
/// </summary>
internal sealed class PathKey(ReadOnlyMemory<byte> workingDirectory)
{
    private byte[] _buffer = new byte[256];
    private int _length;

    /// <summary>The path normalised last, with the zero byte that system calls want.</summary>
    public ReadOnlySpan<byte> TerminatedPath => _buffer.AsSpan(0, _length + 1);

    /// <summary>The normalised path, valid until the next call.</summary>
    public ReadOnlySpan<byte> Normalize(ReadOnlySpan<byte> path)
    {
        _length = 0;
        int most = workingDirectory.Length + path.Length + 3;
        if (_buffer.Length < most)
            _buffer = new byte[most * 2];
        if (path.Length == 0 || path[0] != (byte)'/')
            AppendParts(workingDirectory.Span);
        AppendParts(path);
        if (_length == 0)
            _buffer[_length++] = (byte)'/';
        _buffer[_length] = 0;
        return _buffer.AsSpan(0, _length);
    }

    private void AppendParts(ReadOnlySpan<byte> path)
    {
        foreach (Range range in path.Split((byte)'/'))
        {
            ReadOnlySpan<byte> part = path[range];
            if (part.Length == 0 || part.SequenceEqual("."u8))
                continue;
            if (part.SequenceEqual(".."u8))
            {
                _length = Math.Max(0, _buffer.AsSpan(0, _length).LastIndexOf((byte)'/'));
                continue;
            }

            _buffer[_length++] = (byte)'/';
            part.CopyTo(_buffer.AsSpan(_length));
            _length += part.Length;
        }
    }
}
