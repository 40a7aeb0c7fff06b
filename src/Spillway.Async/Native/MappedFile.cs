using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Spillway.Async.Native;

/// <summary>
/// A file's bytes as memory that all mappings and system calls share: what is stored here is in the kernel's hands at once and outlives
/// the process, however that ends. All blocks are allocated first: storing to a hole of a full disk would be a signal, not an error.
/// </summary>
internal sealed unsafe partial class MappedFile : IDisposable
{
    private const int ReadWrite = 3;
    private const int Shared = 1;

    private readonly int _length;
    private byte* _memory;

    /// <exception cref="IOException">There is no room for the file, or it cannot be mapped.</exception>
    public MappedFile(SafeFileHandle file, int length)
    {
        int error;
        do error = Allocate(file, 0, length);
        while (error == Errno.Interrupted);
        if (error != 0)
            throw new IOException($"no room for {length} bytes: {new Win32Exception(error).Message}");
        _length = length;
        nint address = Map(0, (nuint)length, ReadWrite, Shared, file, 0);
        if (address == -1)
            throw new IOException($"cannot be mapped: {new Win32Exception(Marshal.GetLastPInvokeError()).Message}");
        _memory = (byte*)address;
    }

    ~MappedFile() => Release();

    /// <summary>All bytes; not to be used after <see cref="Dispose"/>.</summary>
    public Span<byte> Bytes => new(_memory, _length);

    public void Dispose()
    {
        Release();
        GC.SuppressFinalize(this);
    }

    /// <summary>Returns when what was written to a file, mapped or not, is on the device. False if it cannot be.</summary>
    public static bool TrySync(SafeFileHandle file) => DataSync(file) == 0;

    private void Release()
    {
        if (_memory is null)
            return;
        Unmap((nint)_memory, (nuint)_length);
        _memory = null;
    }

    [LibraryImport("libc", EntryPoint = "posix_fallocate")]
    private static partial int Allocate(SafeFileHandle file, long offset, long length);

    [LibraryImport("libc", EntryPoint = "mmap", SetLastError = true)]
    private static partial nint Map(nint address, nuint length, int protection, int flags, SafeFileHandle file, nint offset);

    [LibraryImport("libc", EntryPoint = "munmap", SetLastError = true)]
    private static partial int Unmap(nint address, nuint length);

    [LibraryImport("libc", EntryPoint = "fdatasync", SetLastError = true)]
    private static partial int DataSync(SafeFileHandle file);
}
