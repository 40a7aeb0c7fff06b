using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;

namespace Spillway.Net.Storage;

/// <summary>
/// A bounded queue of byte records from one thread to another, without locks and without allocation. A record lies in one piece: what does
/// not fit before the end of the buffer begins at its start.
/// </summary>
internal sealed class PacketRing
{
    private const int Prefix = 8; // the record's length, and room to keep records aligned
    private const int Wrap = -1;

    private readonly byte[] _buffer;
    private readonly int _mask;
    private Positions _positions;
    private long _reservedTo; // the producer's: where the next record begins
    private long _tailSeen; // the producer's: how far it knows the consumer to be
    private long _takenTo; // the consumer's

    /// <summary>Creates a ring.</summary>
    /// <param name="capacity">In bytes; a power of two.</param>
    public PacketRing(int capacity)
    {
        if (!BitOperations.IsPow2(capacity) || capacity < 4096)
            throw new ArgumentOutOfRangeException(nameof(capacity), capacity, "The size of a ring is a power of two, 4096 at least.");
        _buffer = GC.AllocateUninitializedArray<byte>(capacity);
        _mask = capacity - 1;
    }

    /// <summary>The longest record that is sure to find room in an empty ring.</summary>
    public int MaxRecord => (_buffer.Length / 2) - Prefix;

    /// <summary>Bytes in use. From either thread.</summary>
    public long Used => Volatile.Read(ref _positions.Head) - Volatile.Read(ref _positions.Tail);

    /// <summary>The producer's: room for one record, filled by the caller before <see cref="Publish"/>.</summary>
    /// <returns>False if there is none now.</returns>
    public bool TryReserve(int length, out Span<byte> record)
    {
        int needed = (Prefix + length + 7) & ~7;
        int at = (int)_reservedTo & _mask;
        int toEnd = _buffer.Length - at;
        int total = needed <= toEnd ? needed : toEnd + needed;
        if (_reservedTo + total - _tailSeen > _buffer.Length)
        {
            _tailSeen = Volatile.Read(ref _positions.Tail);
            if (_reservedTo + total - _tailSeen > _buffer.Length)
            {
                record = default;
                return false;
            }
        }

        if (needed > toEnd)
        {
            BinaryPrimitives.WriteInt32LittleEndian(_buffer.AsSpan(at), Wrap);
            at = 0;
        }

        BinaryPrimitives.WriteInt32LittleEndian(_buffer.AsSpan(at), length);
        record = _buffer.AsSpan(at + Prefix, length);
        _reservedTo += total;
        return true;
    }

    /// <summary>The producer's: hands the record over.</summary>
    public void Publish() => Volatile.Write(ref _positions.Head, _reservedTo);

    /// <summary>The consumer's: the next record, valid until <see cref="Release"/>.</summary>
    public bool TryTake(out ReadOnlySpan<byte> record)
    {
        record = default;
        if (_takenTo == Volatile.Read(ref _positions.Head))
            return false;
        int at = (int)_takenTo & _mask;
        int length = BinaryPrimitives.ReadInt32LittleEndian(_buffer.AsSpan(at));
        if (length == Wrap)
        {
            _takenTo += _buffer.Length - at;
            at = 0;
            length = BinaryPrimitives.ReadInt32LittleEndian(_buffer);
        }

        record = _buffer.AsSpan(at + Prefix, length);
        _takenTo += (Prefix + length + 7) & ~7;
        return true;
    }

    /// <summary>The consumer's: the record taken last is no longer needed.</summary>
    public void Release() => Volatile.Write(ref _positions.Tail, _takenTo);

    // Each in a cache line of its own: the threads would take it from each other otherwise.
    [StructLayout(LayoutKind.Explicit, Size = 192)]
    private struct Positions
    {
        [FieldOffset(0)]
        public long Head;

        [FieldOffset(128)]
        public long Tail;
    }
}
