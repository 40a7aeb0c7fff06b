using Spillway.Async.Native;

namespace Spillway.Async.Files;

/// <summary>
/// Moves bytes between two open files by the cheapest way both file systems can: shared blocks, a copy inside the kernel, and only
/// then through memory. Remembers what did not work between two devices, so that the next file does not try it again.
/// </summary>
internal sealed class KernelCopy
{
    private const int Chunk = 16 << 20;
    private const int BufferSize = 256 << 10;

    private (ulong Source, ulong Target) _devices;
    private Way _best;
    private byte[]? _buffer;

    private enum Way
    {
        Clone,
        CopyFileRange,
        SendFile,
        ReadWrite,
    }

    /// <summary>
    /// Copies from the start of <paramref name="source"/> to offset <paramref name="at"/> of <paramref name="target"/>, up to the
    /// source's end, but at most <paramref name="limit"/> bytes.
    /// </summary>
    /// <param name="copied">How many bytes have arrived, also after an error.</param>
    public FileError Copy(
        int source,
        in FileStatus sourceStatus,
        int target,
        in FileStatus targetStatus,
        long at,
        long limit,
        out long copied
    )
    {
        copied = 0;
        var devices = (sourceStatus.Device, targetStatus.Device);
        if (devices != _devices)
        {
            _devices = devices;
            _best = devices.Item1 == devices.Item2 ? Way.Clone : Way.CopyFileRange;
        }

        // Blocks can be shared only by whole files. A size of zero may be a lie of /proc, whose files only reading reaches.
        Way way = _best;
        if (way == Way.Clone)
        {
            if (at == 0 && targetStatus.Size == 0 && limit == long.MaxValue && sourceStatus.Size > 0)
            {
                if (Libc.Clone(target, source) == 0)
                {
                    copied = sourceStatus.Size;
                    return default;
                }

                _best = Way.CopyFileRange;
            }

            way = Way.CopyFileRange;
        }

        if (sourceStatus.Size == 0)
            way = Way.ReadWrite;
        return Run(way, source, sourceStatus.Size, target, at, limit, ref copied);
    }

    private FileError Run(Way way, int source, long size, int target, long at, long limit, ref long copied)
    {
        if (way == Way.SendFile)
            Libc.Seek(target, at + copied, Libc.SeekSet);
        if (way != Way.ReadWrite)
            limit = Math.Min(limit, size); // what is appended meanwhile is not looked for, nor is the end
        while (copied < limit)
        {
            long wanted = Math.Min(limit - copied, Chunk);
            nint moved = way switch
            {
                Way.CopyFileRange => CopyRange(source, target, at, copied, wanted),
                Way.SendFile => Send(source, target, copied, wanted),
                _ => ReadWrite(source, target, at, copied, wanted),
            };
            if (moved == 0)
                return default;
            if (moved > 0)
            {
                copied += moved;
                continue;
            }

            FileError error = FileError.Last();
            if (error.Errno == Errno.Interrupted)
                continue;
            if (way == Way.ReadWrite || !IsRefusal(error.Errno))
                return error;
            way++;
            _best = way;
            if (way == Way.SendFile)
                Libc.Seek(target, at + copied, Libc.SeekSet);
        }

        return default;
    }

    /// <summary>Errors that speak of the way, not of the files.</summary>
    private static bool IsRefusal(int errno) =>
        errno
            is Errno.CrossDevice
                or Errno.Invalid
                or Errno.NotImplemented
                or Errno.NotSupported
                or Errno.PermissionDenied
                or Errno.BadFile;

    private static nint CopyRange(int source, int target, long at, long copied, long wanted)
    {
        long from = copied;
        long to = at + copied;
        return Libc.CopyFileRange(source, ref from, target, ref to, (nuint)wanted, 0);
    }

    private static nint Send(int source, int target, long copied, long wanted)
    {
        long from = copied;
        return Libc.SendFile(target, source, ref from, (nuint)wanted);
    }

    private nint ReadWrite(int source, int target, long at, long copied, long wanted)
    {
        _buffer ??= GC.AllocateUninitializedArray<byte>(BufferSize);
        nint read = Libc.Read(source, _buffer.AsSpan(0, (int)Math.Min(wanted, BufferSize)), copied);
        return read <= 0 ? read : Libc.Write(target, _buffer.AsSpan(0, (int)read), at + copied);
    }
}
