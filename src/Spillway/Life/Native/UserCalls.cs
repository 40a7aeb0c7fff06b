using System.Runtime.InteropServices;

namespace Spillway.Life.Native;

/// <summary>
/// The system calls by which the process becomes another user's: credentials(7), capabilities(7). glibc has every thread of the process
/// make those that change users and groups.
/// </summary>
internal static unsafe partial class UserCalls
{
    private const int KeepCapabilities = 8; // PR_SET_KEEPCAPS
    private const int NetRaw = 13; // CAP_NET_RAW
    private const uint Unchanged = uint.MaxValue;
    private const int Readable = 5; // R_OK | X_OK
    private const int Writable = 3; // W_OK | X_OK

    /// <summary>The effective user.</summary>
    public static uint User => geteuid();

    /// <summary>A user and the group it belongs to, by its name; null if there is none.</summary>
    public static (uint User, uint Group)? FindUser(string name) =>
        getpwnam(name) is var entry && entry == null ? null : (entry->id, entry->group);

    /// <summary>A group by its name; null if there is none.</summary>
    public static uint? FindGroup(string name) => getgrnam(name) is var entry && entry == null ? null : entry->id;

    /// <summary>
    /// Becomes a user for good, on all threads, which lose every capability; the calling one keeps that to capture, if it shall.
    /// </summary>
    /// <returns>Why not; null if it is done. Half done it is worse than not done: the program must end.</returns>
    public static string? Become(string name, uint user, uint group, bool keepsCapture)
    {
        if (
            (keepsCapture && prctl(KeepCapabilities, 1, 0, 0, 0) != 0)
            || initgroups(name, group) != 0
            || setresgid(group, group, group) != 0
            || setresuid(user, user, user) != 0
        )
            return Marshal.GetLastPInvokeErrorMessage();
        if (setresuid(Unchanged, 0, Unchanged) == 0)
            return "the way back to root is still open";
        if (!keepsCapture)
            return null;
        const uint version = 0x20080522; // _LINUX_CAPABILITY_VERSION_3
        uint* header = stackalloc uint[] { version, 0 };
        uint* sets = stackalloc uint[] { 1 << NetRaw, 1 << NetRaw, 0, 0, 0, 0 }; // effective, permitted, inheritable; the same for 32 to 63
        return capset(header, sets) == 0 ? null : Marshal.GetLastPInvokeErrorMessage();
    }

    /// <summary>Gives a directory to a user; a link is not followed.</summary>
    public static bool TryGive(string path, uint user, uint group) => lchown(path, user, group) == 0;

    /// <summary>Whether the files in a directory can be found and opened.</summary>
    public static bool CanReadIn(string path) => access(path, Readable) == 0;

    /// <summary>Whether files can be made in a directory.</summary>
    public static bool CanWriteIn(string path) => access(path, Writable) == 0;

    [LibraryImport("libc")]
    private static partial uint geteuid();

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial UserEntry* getpwnam(string name);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial GroupEntry* getgrnam(string name);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int initgroups(string name, uint group);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int setresgid(uint real, uint effective, uint saved);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int setresuid(uint real, uint effective, uint saved);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int prctl(int option, nuint second, nuint third, nuint fourth, nuint fifth);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int capset(uint* header, uint* sets);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int lchown(string path, uint user, uint group);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int access(string path, int mode);

    [StructLayout(LayoutKind.Sequential)]
    private struct UserEntry
    {
        public byte* name;
        public byte* password;
        public uint id;
        public uint group;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct GroupEntry
    {
        public byte* name;
        public byte* password;
        public uint id;
    }
}
