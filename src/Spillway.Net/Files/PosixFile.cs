using System.Runtime.InteropServices;

namespace Spillway.Net.Files;

/// <summary>
/// Plain POSIX calls on extracted files. A small file costs three calls here; the platform's file handles make seven (status, lock, advice)
/// and an object with a finalizer. Paths are UTF-8 with a closing zero byte. All return an error number, 0 for success.
/// </summary>
/// <remarks>The constants are those of Linux. Native code is kept to this one file.</remarks>
internal static partial class PosixFile
{
    public const int NoSuchFile = 2;
    public const int FileExists = 17;
    public const int NoSpace = 28;

    private const int CurrentDirectory = -100;
    private const int NoFollowLink = 0x100;
    private const int Interrupted = 4;
    private const int InputOutput = 5;
    private const int ReadOnly = 0x0;
    private const int WriteOnly = 0x1;
    private const int ReadWrite = 0x2;
    private const int Create = 0x40;
    private const int Exclusive = 0x80;
    private const int Truncate = 0x200;
    private const int CloseOnExec = 0x80000;
    private const uint OwnerReadWrite = 0x180;
    private const uint AllReadWrite = 0x1B6;

    // This flag is the one that differs between the architectures.
    private static readonly int NoFollow = RuntimeInformation.ProcessArchitecture is Architecture.Arm64 or Architecture.Arm
        ? 0x8000
        : 0x20000;

    /// <summary>Creates a file that does not exist yet.</summary>
    /// <param name="path">The path.</param>
    /// <param name="isPrivate">Readable by its owner only, else by whom the process's mask lets in (<see cref="FileMask"/>).</param>
    /// <param name="descriptor">The open file.</param>
    public static int TryCreate(ReadOnlySpan<byte> path, bool isPrivate, out int descriptor) =>
        TryOpen(path, WriteOnly | Create | Exclusive | CloseOnExec, isPrivate ? OwnerReadWrite : AllReadWrite, out descriptor);

    /// <summary>Creates a file that has no name from then on: it is gone with its descriptor.</summary>
    /// <param name="path">A path that does not exist yet, for a moment.</param>
    /// <param name="descriptor">The open file, for reading and writing; -1 if there is none.</param>
    public static int TryCreateUnnamed(ReadOnlySpan<byte> path, out int descriptor)
    {
        int error = TryOpen(path, ReadWrite | Create | Exclusive | CloseOnExec, OwnerReadWrite, out descriptor);
        return error != 0 ? error : Delete(path);
    }

    /// <summary>Sets the process's file mode creation mask; returns the one before.</summary>
    public static uint SetMask(uint mask) => umask(mask);

    /// <summary>Creates a file, or empties the one that is there; a symbolic link is not followed.</summary>
    public static int TryReplace(ReadOnlySpan<byte> path, out int descriptor) =>
        TryOpen(path, WriteOnly | Create | Truncate | NoFollow | CloseOnExec, AllReadWrite, out descriptor);

    private static int TryOpen(ReadOnlySpan<byte> path, int flags, uint mode, out int descriptor)
    {
        do
        {
            descriptor = open(in MemoryMarshal.GetReference(path), flags, mode);
        } while (descriptor < 0 && Marshal.GetLastPInvokeError() == Interrupted);
        return descriptor < 0 ? Marshal.GetLastPInvokeError() : 0;
    }

    /// <summary>Writes all bytes at an offset; what lies before it and was never written reads as zeros.</summary>
    public static int Write(int descriptor, ReadOnlySpan<byte> data, long offset)
    {
        while (!data.IsEmpty)
        {
            nint written = pwrite(descriptor, in MemoryMarshal.GetReference(data), data.Length, offset);
            if (written < 0)
            {
                int error = Marshal.GetLastPInvokeError();
                if (error == Interrupted)
                    continue;
                return error;
            }

            data = data[(int)written..];
            offset += written;
        }

        return 0;
    }

    /// <summary>Reads as many bytes as the buffer has room for, at an offset; fewer are an error.</summary>
    public static int Read(int descriptor, Span<byte> buffer, long offset)
    {
        while (!buffer.IsEmpty)
        {
            nint read = pread(descriptor, ref MemoryMarshal.GetReference(buffer), buffer.Length, offset);
            if (read <= 0)
            {
                int error = read == 0 ? InputOutput : Marshal.GetLastPInvokeError();
                if (error == Interrupted)
                    continue;
                return error;
            }

            buffer = buffer[(int)read..];
            offset += read;
        }

        return 0;
    }

    /// <summary>Sets the size; a larger one reads as zeros.</summary>
    public static int SetLength(int descriptor, long length) => Result(ftruncate(descriptor, length));

    /// <summary>Closes; never again for the same descriptor, whatever comes back.</summary>
    public static int Close(int descriptor) => Result(close(descriptor));

    /// <summary>Renames within the directory.</summary>
    public static int Rename(ReadOnlySpan<byte> from, ReadOnlySpan<byte> to) =>
        Result(rename(in MemoryMarshal.GetReference(from), in MemoryMarshal.GetReference(to)));

    /// <summary>Deletes.</summary>
    public static int Delete(ReadOnlySpan<byte> path) => Result(unlink(in MemoryMarshal.GetReference(path)));

    /// <summary>Returns when a file's content is on the device, and its name with it.</summary>
    public static int Sync(ReadOnlySpan<byte> path)
    {
        int error = SyncOne(path);
        return error != 0 ? error : SyncOne([.. path[..(path.LastIndexOf((byte)'/') + 1)], (byte)'.', 0]);
    }

    /// <summary>Whether there is something of that name, a dangling link included.</summary>
    public static bool Exists(ReadOnlySpan<byte> path) =>
        faccessat(CurrentDirectory, in MemoryMarshal.GetReference(path), 0, NoFollowLink) == 0
        || Marshal.GetLastPInvokeError() != NoSuchFile;

    /// <summary>An error number in words.</summary>
    public static string Describe(int error) => Marshal.GetPInvokeErrorMessage(error);

    private static int SyncOne(ReadOnlySpan<byte> path)
    {
        int descriptor = open(in MemoryMarshal.GetReference(path), ReadOnly | CloseOnExec, 0);
        if (descriptor < 0)
            return Marshal.GetLastPInvokeError();
        int error = Result(fsync(descriptor));
        close(descriptor);
        return error;
    }

    private static int Result(int result) => result < 0 ? Marshal.GetLastPInvokeError() : 0;

    [LibraryImport("libc", SetLastError = true)]
    private static partial int open(in byte path, int flags, uint mode);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint pwrite(int descriptor, in byte data, nint count, long offset);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint pread(int descriptor, ref byte data, nint count, long offset);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int ftruncate(int descriptor, long length);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fsync(int descriptor);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int faccessat(int directory, in byte path, int mode, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int close(int descriptor);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int rename(in byte from, in byte to);

    [LibraryImport("libc")]
    private static partial uint umask(uint mask);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int unlink(in byte path);
}
