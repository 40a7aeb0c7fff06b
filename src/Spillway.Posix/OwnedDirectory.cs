using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Spillway.Posix;

/// <summary>
/// A directory held open by its descriptor, for places where other users can put things in the way: everything is reached by a single name
/// from that descriptor, no link is followed, and what is opened is looked at afterwards, not before. Nothing is used or removed that
/// belongs to another user, whatever is exchanged meanwhile. Thread-safe.
/// </summary>
/// <remarks>Linux. The user is the effective one; root too keeps to what is root's.</remarks>
public sealed class OwnedDirectory : IDisposable
{
    private const uint PrivateDirectory = 0x1c0; // rwx------
    private const uint PrivateFile = 0x180; // rw-------

    private readonly SafeFileHandle _handle;

    private OwnedDirectory(string path, SafeFileHandle handle)
    {
        Path = path;
        _handle = handle;
    }

    /// <summary>The path by which the directory was opened: for messages, and for others that have to find its files.</summary>
    public string Path { get; }

    /// <summary>Opens a directory that is this user's alone; makes it if it is not there, for this user alone.</summary>
    /// <exception cref="IOException">It is not: a link, another user's, or writable by others. The message is the reason, without the
    /// path.</exception>
    public static OwnedDirectory OpenPrivate(string path)
    {
        if (OperatingSystem.IsWindows())
            throw new PlatformNotSupportedException("Directories that are one user's alone need a POSIX file system.");
        if (!System.IO.Path.Exists(path) && new FileInfo(path).LinkTarget is null)
            Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        OwnedDirectory directory = Open(path, PosixCalls.NoFollow, out FileFacts facts);
        string? reason =
            facts.Owner != PosixCalls.User
                ? $"it belongs to user {facts.Owner}, and this is user {PosixCalls.User}: name a directory of your own"
            : facts.OthersMayWrite ? $"others may write to it; type: chmod go-w {path}"
            : null;
        return reason is null ? directory : throw Refuse(directory, reason);
    }

    /// <summary>
    /// Opens a directory that others may use too, such as <c>/dev/shm</c>. It must keep others from exchanging what is ours: it belongs to
    /// root or to this user, and where others may write, each may only remove what is his (the sticky bit).
    /// </summary>
    /// <exception cref="IOException">It does not, or cannot be opened. The message is the reason, without the path.</exception>
    public static OwnedDirectory OpenShared(string path)
    {
        OwnedDirectory directory = Open(path, 0, out FileFacts facts);
        string? reason =
            facts.Owner != 0 && facts.Owner != PosixCalls.User ? $"it belongs to user {facts.Owner}, who could exchange the files in it"
            : facts.OthersMayWrite && !facts.IsSticky ? $"others could exchange the files in it; type: chmod +t {path}"
            : null;
        return reason is null ? directory : throw Refuse(directory, reason);
    }

    /// <summary>Makes a directory for this user alone; null if the name is taken.</summary>
    /// <exception cref="IOException">It cannot be made.</exception>
    public OwnedDirectory? TryMake(string name)
    {
        byte[] nameZ = PosixCalls.Z(name);
        if (PosixCalls.MakeDirectory(_handle, nameZ, PrivateDirectory) < 0)
            return Marshal.GetLastPInvokeError() == PosixCalls.Exists ? null : throw LastError(name);
        return TryOpen(name);
    }

    /// <summary>
    /// Opens a directory of this user's in this one; null if there is none, but perhaps a link or something of another user's.
    /// </summary>
    public OwnedDirectory? TryOpen(string name) =>
        TryOpen(PosixCalls.Z(name)) is { } handle ? new OwnedDirectory(System.IO.Path.Combine(Path, name), handle) : null;

    /// <summary>Makes a file for this user alone, open for reading and writing; null if the name is taken.</summary>
    /// <exception cref="IOException">It cannot be made.</exception>
    public SafeFileHandle? TryCreateFile(string name)
    {
        SafeFileHandle? file = PosixCalls.Open(
            _handle,
            PosixCalls.Z(name),
            PosixCalls.ReadWrite | PosixCalls.Create | PosixCalls.Exclusive | PosixCalls.NoFollow,
            PrivateFile
        );
        return file is not null || Marshal.GetLastPInvokeError() == PosixCalls.Exists ? file : throw LastError(name);
    }

    /// <summary>Opens a file of this user's for reading and writing.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="create">Whether to make it, for this user alone, if it is not there.</param>
    /// <param name="reason">Why it is not used, without the path: another user's, writable by others, known by other names too, a link,
    /// ...</param>
    /// <returns>The file; null if it is not used.</returns>
    public SafeFileHandle? TryOpenFile(string name, bool create, out string? reason)
    {
        int flags = PosixCalls.ReadWrite | PosixCalls.NoFollow | PosixCalls.NonBlocking | (create ? PosixCalls.Create : 0);
        SafeFileHandle? file = PosixCalls.Open(_handle, PosixCalls.Z(name), flags, PrivateFile);
        if (file is null)
        {
            reason = Marshal.GetLastPInvokeError() == PosixCalls.SymbolicLinkLoop ? "it is a symbolic link" : LastReason();
            return null;
        }

        reason =
            !PosixCalls.TryGetFacts(file, out FileFacts facts) ? LastReason()
            : !facts.IsRegular ? "it is not a regular file"
            : facts.Owner != PosixCalls.User ? $"it belongs to user {facts.Owner}, and this is user {PosixCalls.User}"
            : facts.OthersMayWrite ? "others may write to it"
            : facts.Names > 1 ? "it has other names too (hard links)"
            : null;
        if (reason is null)
            return file;
        file.Dispose();
        return null;
    }

    /// <summary>
    /// A file without a name in any directory that can be written, open for reading and writing: whatever ends the process removes it, and
    /// nobody else can open it.
    /// </summary>
    /// <exception cref="IOException">There is no room, or the directory cannot be written.</exception>
    public static SafeFileHandle CreateUnnamedIn(string path)
    {
        using OwnedDirectory directory = Open(path, 0, out _);
        if (PosixCalls.Open(directory._handle, ".\0"u8, PosixCalls.Unnamed | PosixCalls.ReadWrite, PrivateFile) is { } file)
            return file;
        if (Marshal.GetLastPInvokeError() is not (PosixCalls.NotSupported or PosixCalls.IsDirectory or PosixCalls.Invalid))
            throw LastError(path);

        // A file system that has no such files: one whose name is gone at once.
        while (true)
        {
            string name = $".spillway-{Guid.NewGuid():n}";
            if (directory.TryCreateFile(name) is not { } named)
                continue;
            directory.Delete(name);
            return named;
        }
    }

    /// <summary>Takes the lock of an open file that ends with the process; false if another process has it.</summary>
    public static bool TryLock(SafeFileHandle file) => PosixCalls.TryLock(file);

    /// <summary>Whether a name leads to an open file, and to no other by now.</summary>
    public bool Leads(string name, SafeFileHandle file) =>
        PosixCalls.TryGetFacts(file, out FileFacts mine)
        && PosixCalls.TryGetFacts(_handle, PosixCalls.Z(name), out FileFacts named)
        && mine.IsSameAs(named);

    /// <summary>Removes a file's name; false if it cannot be removed. A link goes itself, and not what it leads to.</summary>
    public bool Delete(string name) => PosixCalls.Unlink(_handle, PosixCalls.Z(name)) == 0;

    /// <summary>Gives a file another name; what had that name is replaced.</summary>
    /// <exception cref="IOException">It cannot be renamed.</exception>
    public void Rename(string from, string to)
    {
        if (PosixCalls.Rename(_handle, PosixCalls.Z(from), PosixCalls.Z(to)) < 0)
            throw LastError(from);
    }

    /// <summary>
    /// Removes a directory of this user's with everything in it. Links in it go, and not what they lead to; a file system that is mounted
    /// in it stays.
    /// </summary>
    /// <returns>Whether it is gone now; false too if there is none of this user's.</returns>
    public bool DeleteTree(string name)
    {
        byte[] nameZ = PosixCalls.Z(name);
        if (TryOpen(nameZ) is not { } handle)
            return false;
        using (handle)
        {
            if (!PosixCalls.TryGetFacts(handle, out FileFacts facts))
                return false;
            Empty(handle, facts.Device);
        }

        return PosixCalls.Unlink(_handle, nameZ, PosixCalls.RemoveDirectory) == 0;
    }

    /// <summary>The names in the directory, in no order; such as are not UTF-8 are left out.</summary>
    public IEnumerable<string> Names()
    {
        foreach (byte[] nameZ in PosixCalls.NamesIn(_handle))
        {
            if (System.Text.Unicode.Utf8.IsValid(nameZ))
                yield return System.Text.Encoding.UTF8.GetString(nameZ.AsSpan(0, nameZ.Length - 1));
        }
    }

    /// <summary>Returns when the names in the directory are on the device; false if they cannot be brought there.</summary>
    public bool TrySync() => PosixCalls.Sync(_handle) == 0;

    /// <inheritdoc/>
    public void Dispose() => _handle.Dispose();

    private static OwnedDirectory Open(string path, int flags, out FileFacts facts)
    {
        facts = default;
        if (PosixCalls.Open(null, PosixCalls.Z(path), PosixCalls.ReadOnly | PosixCalls.Directory | flags) is not { } handle)
        {
            string reason = LastReason();
            bool isLink = flags != 0 && new DirectoryInfo(path).LinkTarget is not null;
            throw new IOException(isLink ? "it is a symbolic link: name the directory itself" : reason);
        }

        var directory = new OwnedDirectory(path, handle);
        return PosixCalls.TryGetFacts(handle, out facts) ? directory : throw Refuse(directory, LastReason());
    }

    private static void Empty(SafeFileHandle directory, ulong device)
    {
        foreach (byte[] nameZ in PosixCalls.NamesIn(directory))
        {
            if (PosixCalls.Unlink(directory, nameZ) == 0)
                continue;
            using (
                SafeFileHandle? inner = PosixCalls.Open(directory, nameZ, PosixCalls.ReadOnly | PosixCalls.Directory | PosixCalls.NoFollow)
            )
            {
                if (inner is null || !PosixCalls.TryGetFacts(inner, out FileFacts facts) || facts.Device != device)
                    continue;
                Empty(inner, device);
            }

            PosixCalls.Unlink(directory, nameZ, PosixCalls.RemoveDirectory);
        }
    }

    private static IOException Refuse(OwnedDirectory directory, string reason)
    {
        directory.Dispose();
        return new IOException(reason);
    }

    private static IOException LastError(string name) => new($"{name}: {LastReason()}");

    private static string LastReason()
    {
        string text = Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError());
        return text.Length > 1 && char.IsLower(text[1]) ? char.ToLowerInvariant(text[0]) + text[1..] : text;
    }

    private SafeFileHandle? TryOpen(byte[] nameZ)
    {
        SafeFileHandle? handle = PosixCalls.Open(_handle, nameZ, PosixCalls.ReadOnly | PosixCalls.Directory | PosixCalls.NoFollow);
        if (handle is null || (PosixCalls.TryGetFacts(handle, out FileFacts facts) && facts.Owner == PosixCalls.User))
            return handle;
        handle.Dispose();
        return null;
    }
}
