namespace Spillway.Metrics.Counters;

/// <summary>
/// Stores keys of up to 255 bytes one after the other in slabs; no key straddles two. A key is found again by its reference:
/// slab in the upper bits, offset in the lower 16. Single-threaded.
/// </summary>
internal sealed class KeyArena
{
    /// <summary>Longest key.</summary>
    public const int MaxKeyLength = byte.MaxValue;

    private const int OffsetBits = 16;
    private const int SlabSize = 1 << OffsetBits;

    // Most tables have a handful of keys: the first slab grows.
    private const int FirstSlabSize = 1 << 10;

    private byte[][] _slabs = [];
    private int _current = -1;
    private int _used = SlabSize;
    private long _wasted;

    /// <summary>Bytes held, used or not.</summary>
    public long MemoryBytes => SlabCount == 0 ? 0 : ((SlabCount - 1) * (long)SlabSize) + _slabs[0].Length;

    /// <summary>Bytes used by keys, about.</summary>
    public long UsedBytes => (_current * (long)SlabSize) + _used;

    private int SlabCount { get; set; }

    /// <summary>Copies a key and returns its reference.</summary>
    public int Add(ReadOnlySpan<byte> key)
    {
        if (_used + 1 + key.Length > SlabSize)
            NextSlab();
        if (_used + 1 + key.Length > _slabs[_current].Length)
            Array.Resize(ref _slabs[_current], Math.Min(SlabSize, _slabs[_current].Length * 4));
        byte[] slab = _slabs[_current];
        int offset = _used;
        slab[offset] = (byte)key.Length;
        key.CopyTo(slab.AsSpan(offset + 1));
        _used = offset + 1 + key.Length;
        return (_current << OffsetBits) | offset;
    }

    /// <summary>Puts a key in the place of another if it fits there, else behind the last, and returns its reference.</summary>
    public int Replace(int reference, ReadOnlySpan<byte> key)
    {
        byte[] slab = _slabs[reference >> OffsetBits];
        int offset = reference & (SlabSize - 1);
        int room = slab[offset];
        if (key.Length > room)
        {
            _wasted += room + 1;
            return Add(key);
        }

        _wasted += room - key.Length;
        slab[offset] = (byte)key.Length;
        key.CopyTo(slab.AsSpan(offset + 1));
        return reference;
    }

    /// <summary>True if keys that were replaced take up more than half of a large arena: time to move the others to a new one.</summary>
    public bool IsWasteful => _wasted > (1 << 20) && _wasted * 2 > MemoryBytes;

    /// <summary>The key with that reference; valid until <see cref="Clear"/>.</summary>
    public ReadOnlySpan<byte> this[int reference]
    {
        get
        {
            byte[] slab = _slabs[reference >> OffsetBits];
            int offset = reference & (SlabSize - 1);
            return slab.AsSpan(offset + 1, slab[offset]);
        }
    }

    /// <summary>Forgets all keys; keeps the slabs that were in use, for the next round is likely to be like this one.</summary>
    public void Clear()
    {
        for (int i = _current + 1; i < SlabCount; i++)
            _slabs[i] = [];
        SlabCount = _current + 1;
        _current = -1;
        _used = SlabSize;
        _wasted = 0;
    }

    private void NextSlab()
    {
        _current++;
        _used = 0;
        if (_current < SlabCount)
            return;
        if (_current == _slabs.Length)
            Array.Resize(ref _slabs, Math.Max(4, _slabs.Length * 2));
        _slabs[_current] = GC.AllocateUninitializedArray<byte>(_current == 0 ? FirstSlabSize : SlabSize);
        SlabCount++;
    }
}
