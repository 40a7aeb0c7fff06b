using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Spillway.Posix;

/// <summary>
/// The system calls by which files are reached from a directory that is open: a name is looked up there and nowhere else, and no link is
/// followed. Names end in a zero byte. Negative results are failures; <see cref="Marshal.GetLastPInvokeError"/> says why.
/// </summary>
/// <remarks>The constants are those of Linux on x64 and arm64.</remarks>
internal static partial class PosixCalls
{
    public const int CurrentDirectory = -100;
    public const int ReadOnly = 0,
        ReadWrite = 2,
        Create = 0x40,
        Exclusive = 0x80,
        NonBlocking = 0x800;
    public const int NoEntry = 2,
        Interrupted = 4,
        Exists = 17,
        NotDirectory = 20,
        IsDirectory = 21,
        Invalid = 22,
        SymbolicLinkLoop = 40,
        NotSupported = 95;
    public const int RemoveDirectory = 0x200;

    private const int CloseOnExec = 0x80000;
    private const int UnnamedFile = 0x400000;
    private const int NoFollowInStat = 0x100,
        EmptyPath = 0x1000;
    private const uint BasicFacts = 0x7ff;
    private const int LockExclusive = 2,
        LockNonBlocking = 4;
    private const int NameInEntry = 19;

    private static readonly bool IsArm = RuntimeInformation.ProcessArchitecture is Architecture.Arm64 or Architecture.Arm;

    /// <summary>O_NOFOLLOW; it and the next differ between the architectures.</summary>
    public static readonly int NoFollow = IsArm ? 0x8000 : 0x20000;

    /// <summary>O_DIRECTORY.</summary>
    public static readonly int Directory = IsArm ? 0x4000 : 0x10000;

    /// <summary>O_TMPFILE: a file without a name in the directory that is opened.</summary>
    public static readonly int Unnamed = UnnamedFile | Directory;

    /// <summary>The user whose rights this process has.</summary>
    public static uint User => geteuid();

    /// <summary>A name as the system takes it.</summary>
    public static byte[] Z(string name) => Encoding.UTF8.GetBytes(name + '\0');

    /// <summary>Opens; null on failure.</summary>
    public static SafeFileHandle? Open(SafeFileHandle? directory, ReadOnlySpan<byte> nameZ, int flags, uint mode = 0)
    {
        bool held = false;
        try
        {
            directory?.DangerousAddRef(ref held);
            int at = directory is null ? CurrentDirectory : (int)directory.DangerousGetHandle();
            int file;
            do file = openat(at, in MemoryMarshal.GetReference(nameZ), flags | CloseOnExec, mode);
            while (file < 0 && Marshal.GetLastPInvokeError() == Interrupted);
            return file < 0 ? null : new SafeFileHandle(file, ownsHandle: true);
        }
        finally
        {
            if (held)
                directory!.DangerousRelease();
        }
    }

    /// <summary>What is known of an open file.</summary>
    public static bool TryGetFacts(SafeFileHandle file, out FileFacts facts) =>
        statx(file, in MemoryMarshal.GetReference("\0"u8), EmptyPath, BasicFacts, out facts) == 0;

    /// <summary>What is known of a name; of a link, not of what it leads to.</summary>
    public static bool TryGetFacts(SafeFileHandle directory, ReadOnlySpan<byte> nameZ, out FileFacts facts) =>
        statx(directory, in MemoryMarshal.GetReference(nameZ), NoFollowInStat, BasicFacts, out facts) == 0;

    public static int MakeDirectory(SafeFileHandle directory, ReadOnlySpan<byte> nameZ, uint mode) =>
        mkdirat(directory, in MemoryMarshal.GetReference(nameZ), mode);

    public static int Unlink(SafeFileHandle directory, ReadOnlySpan<byte> nameZ, int flags = 0) =>
        unlinkat(directory, in MemoryMarshal.GetReference(nameZ), flags);

    public static int Rename(SafeFileHandle directory, ReadOnlySpan<byte> fromZ, ReadOnlySpan<byte> toZ) =>
        renameat(directory, in MemoryMarshal.GetReference(fromZ), directory, in MemoryMarshal.GetReference(toZ));

    /// <summary>Takes the lock that ends with the process; false if another has it.</summary>
    public static bool TryLock(SafeFileHandle file) => flock(file, LockExclusive | LockNonBlocking) == 0;

    public static int Sync(SafeFileHandle file) => fsync(file);

    /// <summary>The names in a directory, each with its closing zero byte.</summary>
    public static List<byte[]> NamesIn(SafeFileHandle directory)
    {
        var names = new List<byte[]>();
        using SafeFileHandle? own = Open(directory, ".\0"u8, ReadOnly | Directory); // with a position of its own
        nint stream = own is null ? 0 : fdopendir((int)own.DangerousGetHandle());
        if (stream == 0)
            return names;
        own!.SetHandleAsInvalid(); // the stream's now
        for (nint entry; (entry = readdir(stream)) != 0; )
        {
            int length = 0;
            while (Marshal.ReadByte(entry, NameInEntry + length) != 0)
                length++;
            byte[] name = new byte[length + 1];
            Marshal.Copy(entry + NameInEntry, name, 0, length);
            if (!name.AsSpan().SequenceEqual(".\0"u8) && !name.AsSpan().SequenceEqual("..\0"u8))
                names.Add(name);
        }

        _ = closedir(stream);
        return names;
    }

    [LibraryImport("libc")]
    private static partial uint geteuid();

    [LibraryImport("libc", SetLastError = true)]
    private static partial int openat(int directory, in byte name, int flags, uint mode);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int statx(SafeFileHandle directory, in byte name, int flags, uint mask, out FileFacts facts);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int mkdirat(SafeFileHandle directory, in byte name, uint mode);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int unlinkat(SafeFileHandle directory, in byte name, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int renameat(SafeFileHandle fromDirectory, in byte from, SafeFileHandle toDirectory, in byte to);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int flock(SafeFileHandle file, int operation);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fsync(SafeFileHandle file);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint fdopendir(int directory);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint readdir(nint stream);

    [LibraryImport("libc")]
    private static partial int closedir(nint stream);
}

/// <summary>What <c>statx</c> says of a file, in the layout that all processors share.</summary>
[StructLayout(LayoutKind.Explicit, Size = 256)]
internal struct FileFacts
{
    private const int TypeMask = 0xf000,
        Regular = 0x8000,
        DirectoryType = 0x4000,
        Link = 0xa000;
    private const int WritableByOthers = 0x12;
    private const int StickyBit = 0x200;

    [FieldOffset(16)]
    public uint Names;

    [FieldOffset(20)]
    public uint Owner;

    [FieldOffset(28)]
    public ushort Mode;

    [FieldOffset(32)]
    public ulong Inode;

    [FieldOffset(136)]
    public ulong Device;

    public readonly bool IsRegular => (Mode & TypeMask) == Regular;

    public readonly bool IsDirectory => (Mode & TypeMask) == DirectoryType;

    public readonly bool IsLink => (Mode & TypeMask) == Link;

    /// <summary>Whether the group or everybody may write.</summary>
    public readonly bool OthersMayWrite => (Mode & WritableByOthers) != 0;

    /// <summary>Whether only its owner may remove a name from the directory.</summary>
    public readonly bool IsSticky => (Mode & StickyBit) != 0;

    public readonly bool IsSameAs(in FileFacts other) => Inode == other.Inode && Device == other.Device;
}
