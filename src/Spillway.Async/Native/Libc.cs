using System.Runtime.InteropServices;

namespace Spillway.Async.Native;

/// <summary>
/// The system calls of file operations. Names are byte spans that end in a zero byte, since a file name need not be text.
/// A negative result means failure, and <see cref="Marshal.GetLastPInvokeError"/> says why.
/// </summary>
internal static partial class Libc
{
    public const int CurrentDirectory = -100;
    public const int ReadOnly = 0;
    public const int WriteOnly = 1;
    public const int Create = 0x40;
    public const int Exclusive = 0x80;
    public const int NoTerminal = 0x100;
    public const int NonBlocking = 0x800;
    public const int CloseOnExec = 0x80000;
    public const int PathOnly = 0x200000;
    public const int SeekSet = 0;

    private const int EmptyPath = 0x1000;
    private const int NoFollowLink = 0x100;
    private const uint BasicStats = 0x7ff;
    private const nuint CloneFile = 0x40049409;
    private const nint OpenAt2Number = 437;
    private const ulong ResolveNoMagicLinks = 0x02;
    private const ulong ResolveBeneath = 0x08;

    /// <summary>O_NOFOLLOW, one of the two flags here that differ between processors.</summary>
    public static int NoFollow { get; } = IsArm ? 0x8000 : 0x20000;

    /// <summary>O_DIRECTORY.</summary>
    public static int Directory { get; } = IsArm ? 0x4000 : 0x10000;

    private static bool IsArm => RuntimeInformation.ProcessArchitecture is Architecture.Arm64 or Architecture.Arm;

    public static int Open(int directory, ReadOnlySpan<byte> nameZ, int flags, uint mode = 0)
    {
        int file;
        do file = OpenAt(directory, in MemoryMarshal.GetReference(nameZ), flags | CloseOnExec, mode);
        while (file < 0 && Marshal.GetLastPInvokeError() == Errno.Interrupted);
        return file;
    }

    /// <summary>Opens a directory without leaving <paramref name="root"/>, whatever links and dots the name holds (Linux 5.6).</summary>
    public static int OpenDirectoryBeneath(int root, ReadOnlySpan<byte> nameZ)
    {
        var how = new OpenHow { Flags = (ulong)(PathOnly | Directory | CloseOnExec), Resolve = ResolveBeneath | ResolveNoMagicLinks };
        return (int)OpenAt2(OpenAt2Number, root, in MemoryMarshal.GetReference(nameZ), in how, (nuint)Marshal.SizeOf<OpenHow>());
    }

    public static int Stat(int file, out FileStatus status) =>
        StatX(file, in MemoryMarshal.GetReference("\0"u8), EmptyPath, BasicStats, out status);

    public static int LinkStat(int directory, ReadOnlySpan<byte> nameZ, out FileStatus status) =>
        StatX(directory, in MemoryMarshal.GetReference(nameZ), NoFollowLink, BasicStats, out status);

    public static int MakeDirectory(int directory, ReadOnlySpan<byte> nameZ) =>
        MakeDirectoryAt(directory, in MemoryMarshal.GetReference(nameZ), 0x1ff);

    public static int Unlink(int directory, ReadOnlySpan<byte> nameZ) => UnlinkAt(directory, in MemoryMarshal.GetReference(nameZ), 0);

    public static int Rename(int directory, ReadOnlySpan<byte> fromZ, ReadOnlySpan<byte> toZ) => Rename(directory, fromZ, directory, toZ);

    public static int Rename(int fromDirectory, ReadOnlySpan<byte> fromZ, int toDirectory, ReadOnlySpan<byte> toZ) =>
        RenameAt(fromDirectory, in MemoryMarshal.GetReference(fromZ), toDirectory, in MemoryMarshal.GetReference(toZ));

    public static int Clone(int target, int source) => IoControl(target, CloneFile, source);

    public static nint Read(int file, Span<byte> buffer, long offset) =>
        ReadAt(file, ref MemoryMarshal.GetReference(buffer), (nuint)buffer.Length, offset);

    public static nint Write(int file, ReadOnlySpan<byte> buffer, long offset) =>
        WriteAt(file, in MemoryMarshal.GetReference(buffer), (nuint)buffer.Length, offset);

    [LibraryImport("libc", EntryPoint = "dup2", SetLastError = true)]
    public static partial int Duplicate(int file, int target);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    public static partial int Close(int file);

    [LibraryImport("libc", EntryPoint = "fdatasync", SetLastError = true)]
    public static partial int DataSync(int file);

    [LibraryImport("libc", EntryPoint = "ftruncate", SetLastError = true)]
    public static partial int Truncate(int file, long length);

    [LibraryImport("libc", EntryPoint = "fchmod", SetLastError = true)]
    public static partial int ChangeMode(int file, uint mode);

    [LibraryImport("libc", EntryPoint = "lseek", SetLastError = true)]
    public static partial long Seek(int file, long offset, int whence);

    [LibraryImport("libc", EntryPoint = "copy_file_range", SetLastError = true)]
    public static partial nint CopyFileRange(int source, ref long sourceOffset, int target, ref long targetOffset, nuint count, uint flags);

    [LibraryImport("libc", EntryPoint = "sendfile", SetLastError = true)]
    public static partial nint SendFile(int target, int source, ref long sourceOffset, nuint count);

    [LibraryImport("libc", EntryPoint = "openat", SetLastError = true)]
    private static partial int OpenAt(int directory, in byte name, int flags, uint mode);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint OpenAt2(nint number, nint directory, in byte name, in OpenHow how, nuint size);

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true)]
    private static partial int StatX(int directory, in byte name, int flags, uint mask, out FileStatus status);

    [LibraryImport("libc", EntryPoint = "mkdirat", SetLastError = true)]
    private static partial int MakeDirectoryAt(int directory, in byte name, uint mode);

    [LibraryImport("libc", EntryPoint = "unlinkat", SetLastError = true)]
    private static partial int UnlinkAt(int directory, in byte name, int flags);

    [LibraryImport("libc", EntryPoint = "renameat", SetLastError = true)]
    private static partial int RenameAt(int fromDirectory, in byte from, int toDirectory, in byte to);

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    private static partial int IoControl(int file, nuint request, nint argument);

    [LibraryImport("libc", EntryPoint = "pread", SetLastError = true)]
    private static partial nint ReadAt(int file, ref byte buffer, nuint count, long offset);

    [LibraryImport("libc", EntryPoint = "pwrite", SetLastError = true)]
    private static partial nint WriteAt(int file, in byte buffer, nuint count, long offset);

    private struct OpenHow
    {
        public ulong Flags;
        public ulong Mode;
        public ulong Resolve;
    }
}

/// <summary>What <c>statx</c> tells, in the layout that all processors share.</summary>
[StructLayout(LayoutKind.Explicit, Size = 256)]
internal struct FileStatus
{
    private const int TypeMask = 0xf000;

    [FieldOffset(16)]
    public uint Links;

    [FieldOffset(28)]
    private readonly ushort _mode;

    [FieldOffset(32)]
    public ulong Inode;

    [FieldOffset(40)]
    public long Size;

    [FieldOffset(136)]
    public ulong Device;

    public readonly bool IsRegular => (_mode & TypeMask) == 0x8000;

    public readonly bool IsDirectory => (_mode & TypeMask) == 0x4000;

    public readonly bool IsLink => (_mode & TypeMask) == 0xa000;

    public readonly uint Permissions => (uint)_mode & 0x1ff;

    public readonly bool IsSameFileAs(in FileStatus other) => Inode == other.Inode && Device == other.Device;
}
