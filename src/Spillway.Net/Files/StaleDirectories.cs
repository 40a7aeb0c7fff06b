using Microsoft.Win32.SafeHandles;
using Spillway.Posix;

namespace Spillway.Net.Files;

/// <summary>
/// Directories that a process left behind when it died. Beside each directory lies a lock file that its process holds locked (flock) from
/// before the directory exists until after it is gone; the kernel drops the lock with the process, however that ends.
/// </summary>
internal static class StaleDirectories
{
    public const string Prefix = "spillway-";
    public const string LockSuffix = ".lock";

    private const string LeavingSuffix = ".leaving";

    /// <summary>
    /// Removes what dead processes of this user left under a root; returns the number of directories. What another user left, or made to
    /// look like it, is that user's to remove.
    /// </summary>
    public static int Clear(OwnedDirectory root)
    {
        int removed = 0;
        foreach (string name in root.Names())
        {
            if (!name.StartsWith(Prefix, StringComparison.Ordinal) || !name.EndsWith(LockSuffix, StringComparison.Ordinal))
                continue;
            using SafeFileHandle? file = root.TryOpenFile(name, create: false, out _);
            if (file is null || !OwnedDirectory.TryLock(file) || !root.Leads(name, file))
                continue; // not ours, in use, or cleared by another process in this moment
            if (Remove(root, name[..^LockSuffix.Length]))
                removed++;
            root.Delete(name);
        }

        return removed;
    }

    /// <summary>
    /// Removes a directory of this user's; false if there is none. It is renamed first: who knows it by its name, and may be creating files
    /// at this moment, finds no place for them any more.
    /// </summary>
    public static bool Remove(OwnedDirectory root, string name)
    {
        string leaving = name + LeavingSuffix;
        bool wasLeaving = root.DeleteTree(leaving); // a process was killed in the middle of its removal
        using (OwnedDirectory? directory = root.TryOpen(name))
        {
            if (directory is null)
                return wasLeaving;
        }

        try
        {
            root.Rename(name, leaving);
        }
        catch (IOException)
        {
            return root.DeleteTree(name);
        }

        return root.DeleteTree(leaving) || wasLeaving;
    }
}
