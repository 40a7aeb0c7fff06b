using Spillway.Async.Native;

namespace Spillway.Async.Files;

/// <content>A copy of a file that nobody else needs is the file itself, under the new name.</content>
internal sealed partial class FileOperations
{
    private const uint UsualUmask = 0x12; // ----w--w-

    private static readonly Lazy<uint> Umask = new(ReadUmask);

    /// <summary>
    /// Renames the source where that makes no difference to a copy: it goes with this task, it has no other name, and the target is on its
    /// file system. Its mode becomes that of a copy. False if it has to be copied.
    /// </summary>
    private static bool TryTake(AsyncTask task, in FileTarget target, int source, in FileStatus status, out FileError error)
    {
        error = default;
        if (task.Lease is not { } lease || !task.Entry.IsNone || task.Former.Run != 0 || status.Links != 1)
            return false;
        bool exists = Libc.LinkStat(target.Directory, target.NameZ, out FileStatus old) == 0;
        if ((exists && !old.IsLink && (!old.IsRegular || old.Device != status.Device)) || !lease.MayTake(task.SourcePath))
            return false;

        var from = new FileTarget(Libc.CurrentDirectory, task.SourcePathZ);
        FileError renamed = Rename(from, target);
        if (renamed.Errno == Errno.NoEntry && target.MakeParents().IsNone)
            renamed = Rename(from, target);
        if (!renamed.IsNone)
            return false;
        uint wanted = exists && old.IsRegular ? old.Permissions : NewFileMode & ~Umask.Value;
        if (wanted != status.Permissions && Libc.ChangeMode(source, wanted) < 0)
            error = FileError.Last();
        return true;
    }

    private static uint ReadUmask()
    {
        try
        {
            foreach (string line in File.ReadLines("/proc/self/status"))
            {
                if (line.StartsWith("Umask:", StringComparison.Ordinal))
                    return Convert.ToUInt32(line["Umask:".Length..].Trim(), 8);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException)
        {
            // then the usual one
        }

        return UsualUmask;
    }
}
