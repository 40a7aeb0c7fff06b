namespace Spillway.Net.Files;

/// <summary>
/// Directories that a process left behind when it died. Beside each directory lies a lock file that its process holds locked (flock) from
/// before the directory exists until after it is gone; the kernel drops the lock with the process, however that ends.
/// </summary>
internal static class StaleDirectories
{
    public const string Prefix = "spillway-";
    public const string LockSuffix = ".lock";

    /// <summary>Removes what dead processes left under a root; returns the number of directories.</summary>
    public static int Clear(string root)
    {
        int removed = 0;
        foreach (string path in Directory.EnumerateFiles(root, Prefix + "*" + LockSuffix))
        {
            try
            {
                using FileStream? stream = TryOpenLocked(path, FileMode.Open);
                if (stream is null)
                    continue;

                if (Remove(path[..^LockSuffix.Length]))
                    removed++;
                File.Delete(path);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // Another user's, or another process clears it at the same time: not ours to remove.
            }
        }

        return removed;
    }

    /// <summary>Opens and locks; null if another holds the lock, or the file is (or is not) there against the mode.</summary>
    public static FileStream? TryOpenLocked(string path, FileMode mode)
    {
        try
        {
            return new FileStream(path, new FileStreamOptions
            {
                Mode = mode,
                Access = FileAccess.ReadWrite,
                Share = FileShare.None,
                BufferSize = 0,
            });
        }
        catch (IOException) when (File.Exists(path))
        {
            return null;
        }
        catch (FileNotFoundException)
        {
            return null;
        }
    }

    /// <summary>Removes a directory of files; false if it is not there. A symbolic link in its place is left alone.</summary>
    public static bool Remove(string path)
    {
        DirectoryInfo directory = new(path);
        if (!directory.Exists || directory.LinkTarget is not null)
            return false;

        directory.Delete(recursive: true);
        return true;
    }
}
