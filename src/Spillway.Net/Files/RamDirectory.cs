using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Spillway.Posix;

namespace Spillway.Net.Files;

/// <summary>
/// A directory in memory for extracted files, with an account of its bytes. It belongs to this process: when it is disposed of, or at
/// the next <see cref="Open"/> of any process after this one has died, it is removed with all that is in it. Thread-safe.
/// </summary>
public sealed class RamDirectory : IDisposable
{
    /// <summary>Where directories are made if nothing else is said.</summary>
    public const string DefaultRoot = "/dev/shm";

    /// <summary>The default capacity: 1 GiB.</summary>
    public const long DefaultCapacityBytes = 1L << 30;

    // What a file costs in memory: whole pages.
    private const long PageBytes = 4096;

    // Runs over the same input with --deterministic have the same names. Beyond, a content is refused, and counted.
    private const int MostOfOneName = 10_000;

    private readonly OwnedDirectory? _root;
    private readonly SafeFileHandle? _lock;
    private readonly string _name;
    private readonly byte[] _pathPrefix;
    private long _bytesInUse;
    private long _peakBytes;
    private readonly Lock _removal = new();
    private bool _isRemoved;

    private RamDirectory(string path, OwnedDirectory? root, SafeFileHandle? @lock, long capacityBytes)
    {
        Path = path;
        _root = root;
        _lock = @lock;
        _name = System.IO.Path.GetFileName(path);
        _pathPrefix = Encoding.UTF8.GetBytes(path + "/");
        CapacityBytes = capacityBytes;
    }

    /// <summary>The absolute path.</summary>
    public string Path { get; }

    /// <summary>Bytes that files may take up, in whole pages: what was asked for, but at most half of what was free.</summary>
    public long CapacityBytes { get; }

    /// <summary>Whether files stay when nobody holds them any more: it is then the user's directory, see <see cref="OpenKept"/>.</summary>
    public bool Keeps => _lock is null;

    /// <summary>The account of files that stay; null if there is none.</summary>
    public KeptFiles? Kept { get; private init; }

    /// <summary>Why the directory is not under the root that was asked for, or null if it is.</summary>
    public string? FallbackReason { get; private init; }

    /// <summary>Directories of dead processes that were removed when this one was opened.</summary>
    public int StaleDirectoriesRemoved { get; private init; }

    /// <summary>Bytes taken up now.</summary>
    public long BytesInUse => Volatile.Read(ref _bytesInUse);

    /// <summary>The most bytes that were ever taken up.</summary>
    public long PeakBytes => Volatile.Read(ref _peakBytes);

    /// <summary>The counters.</summary>
    public FileStatistics Statistics { get; } = new();

    /// <summary>Creates a directory under <paramref name="root"/>, or under the temporary directory if that cannot be used.</summary>
    /// <param name="root">The parent; must exist.</param>
    /// <param name="capacityBytes">The most its files may take up, at least 64 KiB.</param>
    /// <exception cref="ArgumentOutOfRangeException">The capacity is too small.</exception>
    /// <exception cref="IOException">Neither the root nor the temporary directory can be used.</exception>
    /// <exception cref="UnauthorizedAccessException">The same, for want of rights.</exception>
    public static RamDirectory Open(string root = DefaultRoot, long capacityBytes = DefaultCapacityBytes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacityBytes, 64 * 1024);
        ArgumentException.ThrowIfNullOrEmpty(root);
        try
        {
            return Create(System.IO.Path.GetFullPath(root), capacityBytes, null, clearsFormer: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            string fallback = System.IO.Path.GetFullPath(System.IO.Path.GetTempPath());
            return Create(
                fallback,
                capacityBytes,
                $"extracted files lie in {fallback} since {root} cannot be used: {e.Message}",
                clearsFormer: true
            );
        }
    }

    /// <summary>
    /// Creates a directory under <paramref name="root"/>, which is this program's alone, and leaves what dead processes have left there
    /// until
    /// <see cref="ClearFormer"/>: for tasks that outlive their process.
    /// </summary>
    /// <inheritdoc cref="Open"/>
    public static RamDirectory OpenRecoverable(string root, long capacityBytes = DefaultCapacityBytes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacityBytes, 64 * 1024);
        ArgumentException.ThrowIfNullOrEmpty(root);
        return Create(System.IO.Path.GetFullPath(root), capacityBytes, null, clearsFormer: false);
    }

    /// <summary>
    /// Opens a directory of the user's, creating it if need be: what is extracted into it stays, replaces nothing, and has no limit but the
    /// disk, or what <paramref name="keep"/> says.
    /// </summary>
    /// <param name="path">The directory.</param>
    /// <param name="keep">Makes the account of what stays there; null for none.</param>
    /// <exception cref="IOException">It cannot be written to; the message says why, and what to do.</exception>
    public static RamDirectory OpenKept(string path, Func<string, KeptFiles>? keep = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        try
        {
            string full = Directory.CreateDirectory(path).FullName;
            // Now, not at the first file, which may come in hours.
            string probe = System.IO.Path.Combine(full, $".spillway-{Environment.ProcessId}.tmp");
            using (new FileStream(probe, FileMode.Create, FileAccess.Write, FileShare.None, 1, FileOptions.DeleteOnClose)) { }
            return new RamDirectory(full, null, null, long.MaxValue) { Kept = keep?.Invoke(full) };
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            string reason = exception is UnauthorizedAccessException ? "permission denied" : exception.Message.TrimEnd('.');
            throw new IOException(
                $"cannot write to '{path}', where files are to be extracted: {reason}. Choose another directory with --extract DIR.",
                exception
            );
        }
    }

    /// <summary>
    /// Whether <see cref="Dispose"/> leaves the files, as a killed process would: the next <see cref="OpenRecoverable"/> finds them.
    /// </summary>
    public bool StaysBehind { get; set; }

    /// <summary>Removes what dead processes of this user have left beside this directory; returns the number of directories.</summary>
    public int ClearFormer() => _root is null ? 0 : StaleDirectories.Clear(_root);

    /// <summary>Removes the directory and everything in it, unless it is one that keeps its files. Leases that are still held lose their
    /// file, and whoever is about to create one in it fails. Any thread.</summary>
    public void Dispose()
    {
        if (_lock is null)
        {
            Kept?.Dispose();
            return;
        }

        // Who ends the process while its run disposes of the directory waits for it to be gone.
        lock (_removal)
        {
            if (_isRemoved)
                return;
            _isRemoved = true;

            // The lock goes last: as long as it is held, nobody else clears the directory away.
            if (!StaysBehind)
            {
                StaleDirectories.Remove(_root!, _name);
                _root!.Delete(_name + StaleDirectories.LockSuffix);
            }

            _lock.Dispose();
            _root!.Dispose();
        }
    }

    /// <summary>The bytes that a file of this size takes up.</summary>
    internal static long PagesOf(long length) => Math.Max(PageBytes, (length + PageBytes - 1) / PageBytes * PageBytes);

    /// <summary>Takes bytes from the capacity; false if it does not have them.</summary>
    internal bool TryReserve(long bytes)
    {
        long used = Interlocked.Add(ref _bytesInUse, bytes);
        if (used > CapacityBytes || Kept?.TryTake(bytes) == false)
        {
            Interlocked.Add(ref _bytesInUse, -bytes);
            return false;
        }

        long peak = Volatile.Read(ref _peakBytes);
        while (used > peak)
        {
            long seen = Interlocked.CompareExchange(ref _peakBytes, used, peak);
            if (seen == peak)
                break;
            peak = seen;
        }

        return true;
    }

    /// <summary>Gives bytes back.</summary>
    internal void GiveBack(long bytes, bool stays = false)
    {
        Interlocked.Add(ref _bytesInUse, -bytes);
        if (!stays)
            Kept?.GiveBack(bytes);
    }

    /// <summary>The absolute path of a name in it, with a closing zero byte.</summary>
    internal byte[] PathOf(ReadOnlySpan<byte> name)
    {
        byte[] path = new byte[_pathPrefix.Length + name.Length + 1];
        _pathPrefix.CopyTo(path, 0);
        name.CopyTo(path.AsSpan(_pathPrefix.Length));
        return path;
    }

    /// <summary>The same for the name, or for the first of <c>name~2.extension</c>, <c>name~3.extension</c>... that is free.</summary>
    internal byte[] FreePathOf(ReadOnlySpan<byte> name)
    {
        byte[] path = PathOf(name);
        int dot = name[name.LastIndexOf((byte)'_')..].LastIndexOf((byte)'.');
        int end = dot < 0 ? name.Length : name.LastIndexOf((byte)'.');
        for (int number = 2; PosixFile.Exists(path) && number <= MostOfOneName; number++)
            path = PathOf([
                .. name[..end],
                .. Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"~{number}")),
                .. name[end..],
            ]);
        return path;
    }

    private static RamDirectory Create(string root, long capacityBytes, string? fallbackReason, bool clearsFormer)
    {
        if (OperatingSystem.IsWindows())
            throw new PlatformNotSupportedException("Extracted files need a POSIX file system.");
        if (!Directory.Exists(root))
            throw new DirectoryNotFoundException(File.Exists(root) ? "it is no directory" : "it does not exist");

        var parent = OwnedDirectory.OpenShared(root);
        try
        {
            int removed = clearsFormer ? StaleDirectories.Clear(parent) : 0;
            long capacity = Math.Min(capacityBytes, new DriveInfo(root).AvailableFreeSpace / 2);
            while (true)
            {
                string name = string.Create(
                    CultureInfo.InvariantCulture,
                    $"{StaleDirectories.Prefix}{Environment.ProcessId}-{RandomNumberGenerator.GetHexString(16, true)}"
                );
                if (TryLock(parent, name + StaleDirectories.LockSuffix) is not { } @lock)
                    continue;
                if (TryMake(parent, name, @lock))
                    return new RamDirectory(System.IO.Path.Combine(root, name), parent, @lock, capacity)
                    {
                        FallbackReason = fallbackReason,
                        StaleDirectoriesRemoved = removed,
                    };
            }
        }
        catch
        {
            parent.Dispose();
            throw;
        }
    }

    private static bool TryMake(OwnedDirectory parent, string name, SafeFileHandle @lock)
    {
        bool made = false;
        try
        {
            using OwnedDirectory? directory = parent.TryMake(name);
            return made = directory is not null;
        }
        finally
        {
            if (!made)
            {
                parent.Delete(name + StaleDirectories.LockSuffix);
                @lock.Dispose();
            }
        }
    }

    // Null if another process took the new lock file for a dead one's in the instant before it was locked.
    private static SafeFileHandle? TryLock(OwnedDirectory parent, string name)
    {
        SafeFileHandle? file = parent.TryCreateFile(name);
        if (file is null || (OwnedDirectory.TryLock(file) && parent.Leads(name, file)))
            return file;
        file.Dispose();
        return null;
    }
}
