using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;
using Spillway.Posix;

namespace Spillway.Async.Spill;

/// <summary>
/// A first-in-first-out queue of records on disk. It is a chain of segments, each given back when it has been read, so a queue that is
/// never quite empty does not grow for ever. The files have no names: whatever ends the process removes them, and no other user can open
/// them.
/// </summary>
/// <remarks>
/// One thread writes at a time, under the caller's lock; one thread reads, without it. The reader takes the lock here only to learn where
/// to read on, never while it reads: a writer does not wait for the disk's reads.
/// </remarks>
internal sealed class SpillFile(string directory, Lock gate) : IDisposable
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
    private long _appended;
    private long _taken;
    private long _bytes;

    /// <summary>Records not read yet.</summary>
    public long Count => Volatile.Read(ref _appended) - Volatile.Read(ref _taken);

    /// <summary>What the files take on disk, buffered bytes included.</summary>
    public long Bytes => Volatile.Read(ref _bytes);

    /// <summary>Writer, under the lock.</summary>
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

        Volatile.Write(ref _bytes, _bytes + size);
        Volatile.Write(ref _appended, _appended + 1);
    }

    /// <summary>Reader: the oldest record, valid until the next call. There must be one.</summary>
    /// <exception cref="IOException">The record could not be read.</exception>
    public ReadOnlySpan<byte> Read()
    {
        _readStart += _consumed;
        _consumed = 0;
        if (!HasInBuffer(PrefixSize))
            Fill(PrefixSize);
        int length = BinaryPrimitives.ReadInt32LittleEndian(_read.AsSpan(_readStart));
        if (!HasInBuffer(PrefixSize + length))
            Fill(PrefixSize + length);
        _consumed = PrefixSize + length;
        Volatile.Write(ref _taken, _taken + 1);
        return _read.AsSpan(_readStart + PrefixSize, length);
    }

    /// <summary>Reader, under the lock: gives the disk back, once all records have been read.</summary>
    public void Reset()
    {
        while (_segments.TryDequeue(out Segment? segment))
            Drop(segment);
        _last = null;
        _writtenLength = _readStart = _readEnd = _consumed = 0;
        _bytes = 0;
        Volatile.Write(ref _taken, _appended);
    }

    public void Dispose() => Reset();

    private bool HasInBuffer(int count) => _readEnd - _readStart >= count;

    private void AddSegment()
    {
        if (_last is not null)
            Flush();
        Directory.CreateDirectory(directory);
        _last = new Segment(OwnedDirectory.CreateUnnamedIn(directory));
        _segments.Enqueue(_last);
    }

    private void Flush()
    {
        RandomAccess.Write(_last!.Handle, _written.AsSpan(0, _writtenLength), _last.Length);
        _last.Length += _writtenLength;
        _writtenLength = 0;
    }

    private void Drop(Segment segment)
    {
        Volatile.Write(ref _bytes, _bytes - segment.Length);
        segment.Handle.Dispose();
    }

    /// <summary>
    /// Has at least <paramref name="count"/> bytes in the read buffer. A record lies in one segment, or in the write buffer.
    /// </summary>
    private void Fill(int count)
    {
        Segment first;
        long available;
        lock (gate)
        {
            first = _segments.Peek();
            while (_readStart == _readEnd && first.Length == first.Position)
            {
                if (ReferenceEquals(first, _last))
                {
                    TakeOverWritten();
                    return;
                }

                Drop(_segments.Dequeue());
                first = _segments.Peek();
            }

            available = first.Length - first.Position;
        }

        int kept = _readEnd - _readStart;
        byte[] target = count > _read.Length ? new byte[count] : _read;
        _read.AsSpan(_readStart, kept).CopyTo(target);
        _read = target;
        _readStart = 0;
        _readEnd = kept;
        while (_readEnd < count)
        {
            int wanted = (int)Math.Min(_read.Length - _readEnd, available);
            int got = wanted == 0 ? 0 : RandomAccess.Read(first.Handle, _read.AsSpan(_readEnd, wanted), first.Position);
            if (got == 0)
                throw new IOException("a spilled task is cut off");
            first.Position += got;
            available -= got;
            _readEnd += got;
        }
    }

    /// <summary>The reader has caught up: what is still in the write buffer need not touch the disk.</summary>
    private void TakeOverWritten()
    {
        (_read, _written) = (_written, _read.Length == BufferSize ? _read : new byte[BufferSize]);
        _readStart = 0;
        _readEnd = _writtenLength;
        Volatile.Write(ref _bytes, _bytes - _writtenLength);
        _writtenLength = 0;
    }

    private sealed class Segment(SafeFileHandle handle)
    {
        public SafeFileHandle Handle { get; } = handle;

        /// <summary>The writer's; read under the lock.</summary>
        public long Length { get; set; }

        /// <summary>The reader's.</summary>
        public long Position { get; set; }
    }
}
