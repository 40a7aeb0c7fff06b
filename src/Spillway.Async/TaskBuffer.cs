using System.Runtime.InteropServices;

namespace Spillway.Async;

/// <summary>
/// A growing run of bytes in native memory, a part of the record that owns it. Native, because an executor hands its address to Lua and
/// because a queue of a million tasks should not be the garbage collector's concern. Never copied; freed by <see cref="Free"/>.
/// </summary>
internal unsafe struct TaskBuffer
{
    private const int Granularity = 64;

    private byte* _memory;

    public int Length { get; private set; }

    /// <summary>Bytes of memory that are held.</summary>
    public int Capacity { get; private set; }

    public readonly ReadOnlySpan<byte> Slice(int start, int length) => new(_memory + start, length);

    public void Clear() => Length = 0;

    public void Free() => Trim(0);

    /// <summary>Gives the memory back if there is more of it than <paramref name="keep"/> bytes.</summary>
    public void Trim(int keep)
    {
        Length = 0;
        if (Capacity <= keep)
            return;
        NativeMemory.Free(_memory);
        _memory = null;
        Capacity = 0;
    }

    /// <summary>Has room for this much in all: who knows the sum beforehand wastes nothing.</summary>
    public void EnsureCapacity(long count)
    {
        if (count > Array.MaxLength)
            throw new InvalidOperationException("a task holds less than 2 GiB");
        if (count <= Capacity)
            return;
        int capacity = (int)Math.Min((count + Granularity - 1) / Granularity * Granularity, Array.MaxLength);
        _memory = (byte*)NativeMemory.Realloc(_memory, (nuint)capacity);
        Capacity = capacity;
    }

    public Segment Append(ReadOnlySpan<byte> bytes)
    {
        var segment = new Segment(Length, bytes.Length);
        bytes.CopyTo(Reserve(bytes.Length));
        return segment;
    }

    /// <summary>Appends a path and the zero byte that system calls want; the segment counts the path alone.</summary>
    public Segment AppendPath(ReadOnlySpan<byte> path)
    {
        Segment segment = Append(path);
        Reserve(1)[0] = 0;
        return segment;
    }

    private Span<byte> Reserve(int count)
    {
        long needed = (long)Length + count;
        if (needed > Capacity)
            EnsureCapacity(Math.Max(needed, Math.Min(Capacity * 2L, Array.MaxLength)));
        var span = new Span<byte>(_memory + Length, count);
        Length = (int)needed;
        return span;
    }
}

/// <summary>A part of a <see cref="TaskBuffer"/>.</summary>
internal readonly record struct Segment(int Start, int Length);
