using System.Runtime.InteropServices;

namespace Spillway.Async.Native;

/// <summary>Native memory for the content of one file after the other: large ones are given back at once. Belongs to one thread.</summary>
internal sealed unsafe class ScanBuffer : IDisposable
{
    private const long KeptBytes = 1 << 20;

    private byte* _bytes;
    private long _capacity;

    ~ScanBuffer() => Dispose();

    /// <summary>Reads a regular file.</summary>
    /// <param name="file">Open for reading.</param>
    /// <param name="length">Its length.</param>
    /// <param name="content">Its bytes, fewer if it has become shorter; until the next call.</param>
    public bool TryRead(int file, int length, out ReadOnlySpan<byte> content)
    {
        content = default;
        if (length > _capacity && !TryGrow(length))
            return false;
        var room = new Span<byte>(_bytes, length);
        int read = 0;
        while (read < length)
        {
            nint more = Libc.Read(file, room[read..], read);
            if (more > 0)
                read += (int)more;
            else if (more == 0)
                break;
            else if (Marshal.GetLastPInvokeError() != Errno.Interrupted)
                return false;
        }

        content = room[..read];
        return true;
    }

    /// <summary>Gives back what only a large file needed.</summary>
    public void Shrink()
    {
        if (_capacity > KeptBytes)
            Free();
    }

    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    private bool TryGrow(long length)
    {
        Free();
        long capacity = Math.Max(length, 64 << 10);
        try
        {
            _bytes = (byte*)NativeMemory.Alloc((nuint)capacity);
        }
        catch (OutOfMemoryException)
        {
            return false;
        }

        _capacity = capacity;
        return true;
    }

    private void Free()
    {
        NativeMemory.Free(_bytes);
        _bytes = null;
        _capacity = 0;
    }
}
