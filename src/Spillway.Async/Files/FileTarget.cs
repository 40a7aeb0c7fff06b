using Spillway.Async.Native;

namespace Spillway.Async.Files;

/// <summary>
/// The file an operation may write: a name in an open directory. Without confinement the directory is the working directory and the
/// name is the whole path; with it, the directory was reached without leaving the root, and the name is the last part.
/// </summary>
internal readonly ref struct FileTarget
{
    public FileTarget(int directory, ReadOnlySpan<byte> nameZ)
    {
        Directory = directory;
        NameZ = nameZ;
    }

    public int Directory { get; }

    public ReadOnlySpan<byte> NameZ { get; }

    /// <summary>The name's directory part, with its slash; empty if it has none.</summary>
    public ReadOnlySpan<byte> Parent => NameZ[..(NameZ.LastIndexOf((byte)'/') + 1)];

    /// <summary>Opens the file, and makes the directories it needs if they are missing.</summary>
    public FileError Open(ReadOnlySpan<byte> nameZ, int flags, uint mode, out int file)
    {
        file = Libc.Open(Directory, nameZ, flags, mode);
        if (file >= 0)
            return default;
        FileError error = FileError.Last();
        if (error.Errno != Errno.NoEntry)
            return error;

        FileError parents = MakeParents();
        file = Libc.Open(Directory, nameZ, flags, mode);
        if (file >= 0)
            return default;
        return parents.IsNone ? FileError.Last() : parents;
    }

    public void Dispose()
    {
        if (Directory >= 0)
            Libc.Close(Directory);
    }

    /// <summary>Makes the directories that the name needs.</summary>
    public FileError MakeParents()
    {
        FileError error = default;
        byte[] path = Parent.ToArray();
        for (int i = 1; i < path.Length; i++)
        {
            if (path[i] != (byte)'/')
                continue;
            path[i] = 0;
            error = Libc.MakeDirectory(Directory, path) == 0 ? default : FileError.Last();
            path[i] = (byte)'/';
        }

        return error.Errno == Errno.Exists ? default : error;
    }
}
