using Spillway.Async.Native;

namespace Spillway.Async.Files;

/// <content>Operations whose source is more than a source of bytes: move takes it away, hash reads it for its own sake.</content>
internal sealed partial class FileOperations
{
    /// <summary>How <see cref="AsyncTask.Result"/> of a hash is to be read: as text.</summary>
    private const byte TextResult = 1;

    private readonly FileHasher _hasher = new();

    private FileError Hash(AsyncTask task)
    {
        FileError error = OpenSource(task, out int file, out _);
        if (!error.IsNone)
            return error;
        Span<byte> digits = stackalloc byte[64];
        error = _hasher.Hash(file, task.Data, digits, out int length);
        Libc.Close(file);
        if (error.IsNone)
            task.SetResult(TextResult, digits[..length]);
        return error;
    }

    // The source goes away, so a files root confines it as it confines targets.
    private FileError Move(AsyncTask task)
    {
        FileError error = Resolve(task.SourcePath, task.SourcePathZ, createParents: false, out FileTarget resolved);
        if (!error.IsNone)
            return error;

        // The name may lie in the memory that resolves the target next.
        using (var source = new FileTarget(resolved.Directory, resolved.NameZ.ToArray()))
        {
            if (Libc.LinkStat(source.Directory, source.NameZ, out FileStatus status) < 0)
                return IsDone(task) ? default : FileError.Last();
            if (status.IsDirectory)
                return new FileError(Errno.IsDirectory);
            error = Resolve(task, createParents: true, out FileTarget target);
            if (!error.IsNone)
                return error;
            using (target)
                return Move(task, source, status, target);
        }
    }

    private FileError Move(AsyncTask task, in FileTarget source, in FileStatus status, in FileTarget target)
    {
        FileError error = Rename(source, target);
        if (error.Errno == Errno.NoEntry)
        {
            FileError parents = target.MakeParents();
            error = Rename(source, target);
            if (error.Errno == Errno.NoEntry && !parents.IsNone)
                error = parents;
        }

        if (error.Errno == Errno.CrossDevice)
            return MoveAcross(task, source, status, target);
        return error.IsNone ? Persist(target) : error;
    }

    /// <summary>Whether an earlier process had moved the file, and just could not say so any more.</summary>
    private bool IsDone(AsyncTask task)
    {
        if (task.Former.Run == 0 || !Resolve(task, createParents: false, out FileTarget target).IsNone)
            return false;
        using (target)
            return Libc.LinkStat(target.Directory, target.NameZ, out _) == 0;
    }

    private static FileError Rename(in FileTarget source, in FileTarget target) =>
        Libc.Rename(source.Directory, source.NameZ, target.Directory, target.NameZ) == 0 ? default : FileError.Last();

    /// <summary>To another file system: the target is whole before the source goes.</summary>
    private FileError MoveAcross(AsyncTask task, in FileTarget source, in FileStatus status, in FileTarget target)
    {
        if (!status.IsRegular)
            return new FileError(Errno.Invalid, "the source is not a regular file, and the target is on another file system");
        int file = Libc.Open(source.Directory, source.NameZ, Libc.ReadOnly | Libc.NoFollow | Libc.NonBlocking | Libc.NoTerminal);
        if (file < 0)
            return FileError.Last();
        FileError error =
            Libc.Stat(file, out FileStatus opened) < 0 ? FileError.Last() : Replace(task, target, file, opened, opened.Permissions);
        Libc.Close(file);
        if (error.IsNone && Libc.Unlink(source.Directory, source.NameZ) < 0)
            error = FileError.Last() is { Errno: not Errno.NoEntry } last
                ? last.With("the target is complete, the source is still there")
                : default;
        return error;
    }
}
