using System.Buffers;
using System.Buffers.Text;
using System.Text;
using Spillway.Async.Dispatch;
using Spillway.Async.Inspection;
using Spillway.Async.Journal;
using Spillway.Async.Native;

namespace Spillway.Async.Files;

/// <summary>
/// Does file tasks, for one worker. Sources may be links; a target that is a link is never followed: <c>copy</c> replaces it,
/// <c>rm</c> removes it, and what writes into files refuses it.
/// </summary>
internal sealed partial class FileOperations(FilesRoot? root, FullDisks disks, ScanLimits scan, TaskJournal? journal = null) : IDisposable
{
    private const uint NewFileMode = 0x1a4; // rw-r--r--, less the process's umask

    private readonly bool _isDurable = journal is { SyncsAlways: true };
    private readonly KernelCopy _copier = new();
    private readonly PathKey _pathKey = new(Encoding.UTF8.GetBytes(Environment.CurrentDirectory));

    /// <summary>Does the task; a failure is noted in it. True if it failed in a way that may be gone on a repeat.</summary>
    public bool Perform(AsyncTask task)
    {
        if (task.Kind == TaskKind.Scan)
        {
            Scan(task);
            return false;
        }

        FileError error = task.Kind switch
        {
            TaskKind.Cat => Cat(task),
            TaskKind.Copy => Copy(task),
            TaskKind.Remove => Remove(task),
            TaskKind.Move => Move(task),
            TaskKind.Hash => Hash(task),
            TaskKind.CopyBuffer => CopyBuffer(task),
            _ => new FileError(Errno.Invalid),
        };
        if (error.IsNone)
            return false;
        task.Fail($"{FileTaskText.Describe(task)}: {error.Text}", error.IsTransient ? Errno.Describe(error.Errno) : null);
        return error.IsTransient
            && disks.IsWorthWaiting(
                DiskOf(task, error.Errno),
                error.Errno,
                task.Retries,
                task.Attempts == 1,
                () => Encoding.UTF8.GetString(PathOf(task))
            );
    }

    private static ReadOnlySpan<byte> PathOf(AsyncTask task) => task.Kind == TaskKind.Hash ? task.SourcePath : task.TargetPath;

    /// <summary>The file system of what an operation writes, or of the nearest directory that is there.</summary>
    private static ulong DiskOf(AsyncTask task, int errno)
    {
        if (errno is Errno.TooManyFiles or Errno.TooManyFilesInSystem)
            return FullDisks.Process;
        byte[] pathZ = [.. PathOf(task), 0];
        for (int end = pathZ.Length - 1; end > 0; end = pathZ.AsSpan(0, end).LastIndexOf((byte)'/'))
        {
            pathZ[end] = 0;
            if (Libc.LinkStat(Libc.CurrentDirectory, pathZ, out FileStatus status) == 0)
                return status.Device;
        }

        return Libc.LinkStat(Libc.CurrentDirectory, pathZ is [(byte)'/', ..] ? "/\0"u8 : ".\0"u8, out FileStatus top) == 0
            ? top.Device
            : FullDisks.Process;
    }

    private FileError Cat(AsyncTask task)
    {
        FileError error = OpenSource(task, out int source, out FileStatus sourceStatus);
        if (!error.IsNone)
            return error;
        try
        {
            error = OpenForWriting(task, out int target, out FileStatus targetStatus);
            return error.IsNone ? Append(task, source, sourceStatus, target, targetStatus) : error;
        }
        finally
        {
            Libc.Close(source);
        }
    }

    private FileError Append(AsyncTask task, int source, in FileStatus sourceStatus, int target, in FileStatus targetStatus)
    {
        // A file appended to itself would grow for ever, if it were not for its first length.
        long limit = targetStatus.IsSameFileAs(sourceStatus) ? sourceStatus.Size : long.MaxValue;
        long at = BeginAppend(task, targetStatus.Size);
        FileError error = _copier.Copy(source, sourceStatus, target, targetStatus, at, limit, out long copied);
        if (!error.IsNone)
            error = TakeBack(target, at, copied, error);
        return CloseWritten(target, error);
    }

    private FileError Copy(AsyncTask task)
    {
        FileError error = OpenSource(task, out int source, out FileStatus sourceStatus);
        if (!error.IsNone)
            return error;
        try
        {
            error = Resolve(task, createParents: true, out FileTarget target);
            if (!error.IsNone)
                return error;
            using (target)
                return TryTake(task, target, source, sourceStatus, out error) ? error : Replace(task, target, source, sourceStatus);
        }
        finally
        {
            Libc.Close(source);
        }
    }

    /// <summary>Writes a new file beside the target and renames it: what reads the target sees the old one or the whole new one.</summary>
    /// <param name="permissions">What the new file is to have; null for those of the file it replaces, or else the usual ones.</param>
    private FileError Replace(AsyncTask task, in FileTarget target, int source, in FileStatus sourceStatus, uint? permissions = null)
    {
        bool exists = Libc.LinkStat(target.Directory, target.NameZ, out FileStatus old) == 0;
        if (exists)
        {
            if (old.IsDirectory)
                return new FileError(Errno.IsDirectory);
            if (!old.IsRegular && !old.IsLink)
                return new FileError(Errno.Invalid, "the target is not a regular file");
            if (old.IsSameFileAs(sourceStatus))
                return default;
        }

        Span<byte> nameZ = stackalloc byte[64];
        byte[] temporaryZ = [.. target.Parent, .. TemporaryName(task, nameZ)];
        if (task.Former.Run != 0)
            Libc.Unlink(target.Directory, temporaryZ); // what the earlier process had of it when it ended
        FileError error = target.Open(temporaryZ, Libc.WriteOnly | Libc.Create | Libc.Exclusive | Libc.NoFollow, NewFileMode, out int file);
        if (!error.IsNone)
            return error;

        error =
            Libc.Stat(file, out FileStatus status) < 0
                ? FileError.Last()
                : _copier.Copy(source, sourceStatus, file, status, 0, long.MaxValue, out _);
        permissions ??= exists && old.IsRegular ? old.Permissions : null;
        if (error.IsNone && permissions is { } wanted && wanted != status.Permissions && Libc.ChangeMode(file, wanted) < 0)
            error = FileError.Last();
        error = CloseWritten(file, error);
        if (error.IsNone && Libc.Rename(target.Directory, temporaryZ, target.NameZ) < 0)
            error = FileError.Last();
        if (!error.IsNone)
            Libc.Unlink(target.Directory, temporaryZ);
        return error.IsNone ? Persist(target) : error;
    }

    private FileError Remove(AsyncTask task)
    {
        FileError error = Resolve(task, createParents: false, out FileTarget target);
        if (error.IsNone)
        {
            using (target)
                error = Libc.Unlink(target.Directory, target.NameZ) < 0 ? FileError.Last() : Persist(target);
        }

        return error.Errno is Errno.NoEntry or Errno.NotDirectory ? default : error;
    }

    private FileError CopyBuffer(AsyncTask task)
    {
        FileError error = OpenForWriting(task, out int file, out FileStatus status);
        if (!error.IsNone)
            return error;

        bool append = task.Position < 0;
        long at = append ? BeginAppend(task, status.Size) : task.Position;
        ReadOnlySpan<byte> left = task.Data;
        while (left.Length > 0 && error.IsNone)
        {
            nint written = Libc.Write(file, left, at + (task.Data.Length - left.Length));
            if (written >= 0)
                left = left[(int)written..];
            else if (FileError.Last() is var last && last.Errno != Errno.Interrupted)
                error = last;
        }

        int done = task.Data.Length - left.Length;
        if (!error.IsNone)
            error = append ? TakeBack(file, at, done, error) : error.With($"{done} of {task.Data.Length} bytes are written");
        return CloseWritten(file, error);
    }

    /// <summary>Restores the length a file had before an append that failed, so that a repeat doubles nothing.</summary>
    private static FileError TakeBack(int file, long length, long copied, FileError error)
    {
        if (copied == 0)
            return error;
        return Libc.Truncate(file, length) == 0
            ? error.With($"taken back after {copied} bytes")
            : error.With($"{copied} bytes were appended before it");
    }

    /// <summary>Closes a written file; some file systems tell only now that they could not store it.</summary>
    private FileError CloseWritten(int file, FileError error)
    {
        if (error.IsNone && _isDurable && Libc.DataSync(file) < 0)
            error = FileError.Last();
        return Libc.Close(file) < 0 && error.IsNone && FileError.Last() is { Errno: not Errno.Interrupted } last ? last : error;
    }

    /// <summary>
    /// Where a journal promises so: brings a target's directory to the device, with the name that was made or removed in it.
    /// </summary>
    private FileError Persist(in FileTarget target)
    {
        if (!_isDurable)
            return default;
        byte[] nameZ = [.. target.Parent.IsEmpty ? "."u8 : target.Parent, 0];
        int directory = Libc.Open(target.Directory, nameZ, Libc.ReadOnly | Libc.Directory);
        if (directory < 0)
            return FileError.Last();
        FileError error = Libc.DataSync(directory) < 0 ? FileError.Last() : default;
        Libc.Close(directory);
        return error;
    }

    private long BeginAppend(AsyncTask task, long size)
    {
        long at = task.BeginAppend(size);
        if (_isDurable && task.Entry.Segment is { } segment)
            journal!.Sync(segment);
        return at;
    }

    /// <summary>A name that no other process gives, and that a process which repeats the task knows.</summary>
    private static ReadOnlySpan<byte> TemporaryName(AsyncTask task, Span<byte> buffer)
    {
        (ulong run, long id) = task.Former.Run != 0 ? task.Former : (ProcessRun.Id, task.Id);
        ".spillway-"u8.CopyTo(buffer);
        int length = ".spillway-"u8.Length;
        Utf8Formatter.TryFormat(run, buffer[length..], out int written, new StandardFormat('x', 16));
        length += written;
        buffer[length++] = (byte)'-';
        Utf8Formatter.TryFormat(id, buffer[length..], out written);
        length += written;
        ".tmp\0"u8.CopyTo(buffer[length..]);
        return buffer[..(length + 5)];
    }

    private static FileError OpenSource(AsyncTask task, out int file, out FileStatus status)
    {
        status = default;
        file = Libc.Open(Libc.CurrentDirectory, task.SourcePathZ, Libc.ReadOnly | Libc.NonBlocking | Libc.NoTerminal);
        if (file < 0)
            return FileError.Last();
        FileError error = Libc.Stat(file, out status) < 0 ? FileError.Last() : default;
        if (error.IsNone && !status.IsRegular)
            error = status.IsDirectory
                ? new FileError(Errno.IsDirectory)
                : new FileError(Errno.Invalid, "the source is not a regular file");
        if (!error.IsNone)
            Libc.Close(file);
        return error;
    }

    private FileError OpenForWriting(AsyncTask task, out int file, out FileStatus status)
    {
        file = -1;
        status = default;
        FileError error = Resolve(task, createParents: true, out FileTarget target);
        if (!error.IsNone)
            return error;
        using (target)
        {
            // Not blocking, since a pipe without a reader would hold the worker.
            const int Flags = Libc.WriteOnly | Libc.Create | Libc.NonBlocking | Libc.NoTerminal;
            error = target.Open(target.NameZ, Flags | Libc.NoFollow, NewFileMode, out file);
            if (error.IsNone)
                error = Stat(file, out status);
            if (error.IsNone && status.Size == 0)
                error = Persist(target); // it may be new
        }

        if (file < 0)
            return error.Errno == Errno.SymbolicLinkLoop ? error with { Reason = "the target is a symbolic link" } : error;
        if (error.IsNone && !status.IsRegular)
            error = new FileError(Errno.Invalid, "the target is not a regular file");
        if (!error.IsNone)
            Libc.Close(file);
        return error;
    }

    private static FileError Stat(int file, out FileStatus status) => Libc.Stat(file, out status) < 0 ? FileError.Last() : default;

    private FileError Resolve(AsyncTask task, bool createParents, out FileTarget target) =>
        Resolve(task.TargetPath, task.TargetPathZ, createParents, out target);

    private FileError Resolve(ReadOnlySpan<byte> path, ReadOnlySpan<byte> pathZ, bool createParents, out FileTarget target)
    {
        target = new FileTarget(Libc.CurrentDirectory, pathZ);
        ReadOnlySpan<byte> last = path[(path.LastIndexOf((byte)'/') + 1)..];
        if (last.IsEmpty || last.SequenceEqual("."u8) || last.SequenceEqual(".."u8))
            return new FileError(Errno.IsDirectory);
        return root is null ? default : root.Resolve(path, _pathKey, createParents, out target);
    }
}
