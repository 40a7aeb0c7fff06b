using System.Text;
using Spillway.Async.Dispatch;
using Spillway.Async.Native;

namespace Spillway.Async.Files;

/// <summary>
/// The directory that confines all targets. It is opened once; targets are reached from it by <c>openat2</c> with RESOLVE_BENEATH, so
/// that neither <c>..</c> nor a symbolic link leads outside, not even one that is swapped in meanwhile.
/// </summary>
internal sealed class FilesRoot
{
    private readonly string _name;
    private readonly byte[] _prefix;
    private readonly byte[] _realPrefix;
    private readonly int _directory;

    /// <exception cref="IOException">The directory cannot be opened.</exception>
    public FilesRoot(string path)
    {
        _name = path;
        _directory = Libc.Open(Libc.CurrentDirectory, Encoding.UTF8.GetBytes(path + '\0'), Libc.PathOnly | Libc.Directory);
        if (_directory < 0)
            throw new IOException($"files root {path}: {FileError.Last().Text}");
        _prefix = PrefixOf(path);
        _realPrefix = PrefixOf(File.ResolveLinkTarget($"/proc/self/fd/{_directory}", returnFinalTarget: false)?.FullName ?? path);
    }

    ~FilesRoot() => Libc.Close(_directory);

    /// <summary>Finds a target beneath the root.</summary>
    /// <param name="createParents">Whether directories on the way are made if they are missing.</param>
    public FileError Resolve(ReadOnlySpan<byte> path, PathKey pathKey, bool createParents, out FileTarget target)
    {
        target = new FileTarget(Libc.CurrentDirectory, default);
        ReadOnlySpan<byte> normalized = pathKey.Normalize(path);
        int skip =
            Within(normalized, _prefix) ? _prefix.Length
            : Within(normalized, _realPrefix) ? _realPrefix.Length
            : 0;
        if (skip == 0)
            return new FileError(Errno.PermissionDenied, $"outside of the files root {_name}");

        ReadOnlySpan<byte> relativeZ = pathKey.TerminatedPath[skip..];
        int slash = relativeZ.LastIndexOf((byte)'/');
        FileError error = OpenParent(slash < 0 ? default : relativeZ[..slash], createParents, out int parent);
        if (error.IsNone)
            target = new FileTarget(parent, relativeZ[(slash + 1)..]);
        return error;
    }

    private static bool Within(ReadOnlySpan<byte> path, byte[] prefix) => path.Length > prefix.Length && path.StartsWith(prefix);

    private static byte[] PrefixOf(string path)
    {
        string full = Path.GetFullPath(path).TrimEnd('/');
        return Encoding.UTF8.GetBytes(full + '/');
    }

    private FileError OpenParent(ReadOnlySpan<byte> parent, bool create, out int directory)
    {
        byte[] nameZ = parent.IsEmpty ? [(byte)'.', 0] : [.. parent, 0];
        directory = Libc.OpenDirectoryBeneath(_directory, nameZ);
        if (directory >= 0)
            return default;
        FileError error = FileError.Last();
        if (error.Errno != Errno.NoEntry || !create || parent.IsEmpty)
            return Explain(error);

        int slash = parent.LastIndexOf((byte)'/');
        error = OpenParent(slash < 0 ? default : parent[..slash], create, out int grandparent);
        if (!error.IsNone)
            return error;
        if (Libc.MakeDirectory(grandparent, nameZ.AsSpan(slash + 1)) < 0)
            error = FileError.Last();
        Libc.Close(grandparent);
        if (!error.IsNone && error.Errno != Errno.Exists)
            return error;

        directory = Libc.OpenDirectoryBeneath(_directory, nameZ);
        return directory >= 0 ? default : Explain(FileError.Last());
    }

    private FileError Explain(FileError error) =>
        error.Errno switch
        {
            Errno.CrossDevice or Errno.SymbolicLinkLoop => error with { Reason = $"a symbolic link leads out of the files root {_name}" },
            Errno.NotImplemented => error with { Reason = "confining files to a root needs Linux 5.6 or later" },
            _ => error,
        };
}
