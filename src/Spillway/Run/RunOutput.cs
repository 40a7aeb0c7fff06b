using Spillway.Metrics.Stores;
using Spillway.Net.Files;

namespace Spillway.Run;

/// <summary>The disk that results may take up, and who of them makes room.</summary>
internal static class RunOutput
{
    // The store's log comes on top of the store.
    private const double ShareOfStore = 0.9;

    /// <summary>What the store may keep: half of the disk if extracted files have the other half.</summary>
    public static SqliteStoreOptions StoreOf(RunOptions options)
    {
        SqliteStoreOptions store = options.Store with { DropsOldestWhenFull = options.Listens };
        if (options.OutputBytes is not { } most)
            return store;
        long share = (long)((options.Extract is null ? most : most / 2) * ShareOfStore);
        return store with { MaxBytes = Math.Min(store.MaxBytes ?? long.MaxValue, Math.Max(share, SqliteStoreOptions.LeastBytes)) };
    }

    /// <summary>Opens the directory that extracted files stay in.</summary>
    /// <param name="options">What the run was asked to do.</param>
    /// <param name="directory">The directory.</param>
    /// <param name="tell">Told when files make room.</param>
    public static RamDirectory OpenKept(RunOptions options, string directory, Action<string> tell)
    {
        if (options.OutputBytes is null && !options.Listens)
            return RamDirectory.OpenKept(directory);
        return RamDirectory.OpenKept(
            directory,
            full => new KeptFiles(full, options.OutputBytes, () => BytesOf(Path.GetFullPath(options.Output), except: full)) { Tell = tell }
        );
    }

    // Of all files below, but for those in one directory.
    private static long BytesOf(string directory, string except)
    {
        long bytes = 0;
        try
        {
            var places = new Queue<string>([directory]);
            while (places.TryDequeue(out string? place))
            {
                foreach (FileInfo file in new DirectoryInfo(place).EnumerateFiles())
                    bytes += file.LinkTarget is null ? file.Length : 0;
                foreach (string below in Directory.EnumerateDirectories(place))
                {
                    if (below != except && new DirectoryInfo(below).LinkTarget is null)
                        places.Enqueue(below);
                }
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // What goes while it is looked at is gone.
        }

        return bytes;
    }
}
