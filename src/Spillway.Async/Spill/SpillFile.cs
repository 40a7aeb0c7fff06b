using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;

namespace Spillway.Async.Spill;

/// <summary>
/// A first-in-first-out queue of records on disk. It is a chain of segments, each deleted when it has been read, so a queue that is
/// never quite empty does not grow for ever. The files have no name once they are open: whatever ends the process removes them.
/// One thread only.
/// </summary>
internal sealed class SpillFile(string directory) : IDisposable
{
    private const int SegmentSize = 64 << 20;
    private const int BufferSize = 256 << 10;
    private const int PrefixSize = sizeof(int);

    private readonly Queue<Segment> _segments = new();
    private byte[] _written = new byte[BufferSize];
    private Segment? _last;
    private int _writtenLength;
    private byte[] _read = new byte[BufferSize];
    private int _readStart;
    private int _readEnd;
    private int _consumed;

    /// <summary>Records not read yet.</summary>
    public long Count { get; private set; }

    /// <summary>What the files take on disk, buffered bytes included.</summary>
    public long Bytes { get; private set; }

    /// <exception cref="IOException">The record could not be stored; what was stored before is still there.</exception>
    public void Append(ReadOnlySpan<byte> record)
    {
        int size = PrefixSize + record.Length;
        if (_last is null || _last.Length + _writtenLength >= SegmentSize)
            AddSegment();
        if (_writtenLength + size > BufferSize)
            Flush();

        Span<byte> prefix = stackalloc byte[PrefixSize];
        BinaryPrimitives.WriteInt32LittleEndian(prefix, record.Length);
        if (size > BufferSize)
        {
            RandomAccess.Write(_last!.Handle, prefix, _last.Length);
            RandomAccess.Write(_last.Handle, record, _last.Length + PrefixSize);
            _last.Length += size;
        }
        else
        {
            prefix.CopyTo(_written.AsSpan(_writtenLength));
            record.CopyTo(_written.AsSpan(_writtenLength + PrefixSize));
            _writtenLength += size;
        }

        Bytes += size;
        Count++;
    }

    /// <summary>The oldest record, valid until the next call. There must be one.</summary>
    /// <exception cref="IOException">The record could not be read.</exception>
    public ReadOnlySpan<byte> Read()
    {
        _readStart += _consumed;
        _consumed = 0;
        Segment first = _segments.Peek();
        while (first.Unread == 0 && _readStart == _readEnd)
        {
            if (first == _last)
            {
                TakeOverWritten();
                break;
            }

            Drop(_segments.Dequeue());
            first = _segments.Peek();
        }

        Fill(first, PrefixSize);
        int length = BinaryPrimitives.ReadInt32LittleEndian(_read.AsSpan(_readStart));
        Fill(first, PrefixSize + length);
        _consumed = PrefixSize + length;
        Count--;
        return _read.AsSpan(_readStart + PrefixSize, length);
    }

    /// <summary>Gives the disk back, once all records have been read.</summary>
    public void Reset()
    {
        while (_segments.TryDequeue(out Segment? segment))
            Drop(segment);
        _last = null;
        _writtenLength = _readStart = _readEnd = _consumed = 0;
        Bytes = Count = 0;
    }

    public void Dispose() => Reset();

    private void AddSegment()
    {
        if (_last is not null)
            Flush();
        Directory.CreateDirectory(directory);
        string path = Path.Combine(directory, $".spillway-spill-{Environment.ProcessId}-{Guid.NewGuid():n}");
        SafeFileHandle handle = File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None);
        File.Delete(path);
        _last = new Segment(handle);
        _segments.Enqueue(_last);
    }

    private void Flush()
    {
        RandomAccess.Write(_last!.Handle, _written.AsSpan(0, _writtenLength), _last.Length);
        _last.Length += _writtenLength;
        _writtenLength = 0;
    }

    /// <summary>The reader has caught up: what is still in the write buffer need not touch the disk.</summary>
    private void TakeOverWritten()
    {
        (_read, _written) = (_written, _read.Length == BufferSize ? _read : new byte[BufferSize]);
        _readStart = 0;
        _readEnd = _writtenLength;
        Bytes -= _writtenLength;
        _writtenLength = 0;
    }

    private void Drop(Segment segment)
    {
        Bytes -= segment.Length;
        segment.Handle.Dispose();
    }

    /// <summary>Has at least <paramref name="count"/> bytes in the read buffer.</summary>
    private void Fill(Segment segment, int count)
    {
        if (_readEnd - _readStart >= count)
            return;
        int kept = _readEnd - _readStart;
        byte[] target = count > _read.Length ? new byte[count] : _read;
        _read.AsSpan(_readStart, kept).CopyTo(target);
        _read = target;
        _readStart = 0;
        _readEnd = kept;
        while (_readEnd < count)
        {
            int got = RandomAccess.Read(segment.Handle, _read.AsSpan(_readEnd), segment.Position);
            if (got == 0)
                throw new IOException("a spilled task is cut off");
            segment.Position += got;
            _readEnd += got;
        }
    }

    private sealed class Segment(SafeFileHandle handle)
    {
        public SafeFileHandle Handle { get; } = handle;

        public long Length { get; set; }

        public long Position { get; set; }

        public long Unread => Length - Position;
    }
}
