using System.Runtime.InteropServices;

namespace Spillway.Async;

/// <summary>
/// A growing run of bytes in native memory. Native, because an executor hands its address to Lua and because a queue of a million
/// tasks should not be the garbage collector's concern. Owned by one thread at a time, as the task it belongs to.
/// </summary>
internal sealed unsafe class TaskBuffer
{
    private byte* _memory;
    private int _capacity;

    ~TaskBuffer() => NativeMemory.Free(_memory);

    public int Length { get; private set; }

    public ReadOnlySpan<byte> Slice(int start, int length) => new(_memory + start, length);

    public void Clear() => Length = 0;

    /// <summary>Gives the memory back if there is more of it than <paramref name="keep"/> bytes.</summary>
    public void Trim(int keep)
    {
        Length = 0;
        if (_capacity <= keep)
            return;
        NativeMemory.Free(_memory);
        _memory = null;
        _capacity = 0;
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
        int needed = checked(Length + count);
        if (needed > _capacity)
            Grow(needed);
        var span = new Span<byte>(_memory + Length, count);
        Length = needed;
        return span;
    }

    private void Grow(int needed)
    {
        const int Smallest = 128;
        int capacity = (int)Math.Min(Math.Max(Math.Max((long)needed, _capacity * 2L), Smallest), Array.MaxLength);
        _memory = (byte*)NativeMemory.Realloc(_memory, (nuint)capacity);
        _capacity = capacity;
    }
}

/// <summary>A part of a <see cref="TaskBuffer"/>.</summary>
internal readonly record struct Segment(int Start, int Length);
