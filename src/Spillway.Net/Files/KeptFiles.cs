using System.Diagnostics;

namespace Spillway.Net.Files;

/// <summary>
/// The account of a directory whose files stay, and their most: the oldest make room for new ones, on a thread of its own. Nothing is
/// remembered of single files: when there is too much, the directory is read, and a good part of it removed at once. Thread-safe.
/// </summary>
public sealed class KeptFiles : IDisposable
{
    // Removing begins well before the limit, so that lanes need not wait for it, and goes on for a while, so that it is seldom.
    private const double HighWater = 0.9;
    private const double LowWater = 0.8;

    // What a full disk gives back at a time, at least.
    private const long LeastRoom = 16L << 20;

    private readonly string _directory;
    private readonly long? _most;
    private readonly Func<long> _beside;
    private readonly DateTime _since = DateTime.UtcNow;
    private readonly AutoResetEvent _wake = new(false);
    private readonly Thread _thread;
    private long _bytes;
    private long _capacity;
    private long _removedFiles;
    private long _removedBytes;
    private long _fullAt;
    private long _wanted;
    private readonly Lock _removal = new();
    private bool _hasTold;
    private volatile bool _isEnding;

    /// <summary>Begins to watch a directory.</summary>
    /// <param name="directory">The directory; only files directly in it count, hidden ones left out.</param>
    /// <param name="most">
    /// Most bytes of it and of what lies beside it; null for no limit. Then only a full disk has files removed, of those that were written
    /// since now.
    /// </param>
    /// <param name="beside">Bytes of what lies beside it, at the moment. On the thread of this object.</param>
    public KeptFiles(string directory, long? most, Func<long> beside)
    {
        (_directory, _most, _beside) = (directory, most, beside);
        _bytes = most is null ? 0 : Files().Sum(file => RamDirectory.PagesOf(file.Length));
        _capacity = most is null ? long.MaxValue : Math.Max(0, most.Value - beside());
        _thread = new Thread(Run) { Name = "kept files", IsBackground = true };
        _thread.Start();
    }

    /// <summary>Told the first time that files make room, and the first time that the disk is full: a line for the user.</summary>
    public Action<string>? Tell { get; set; }

    /// <summary>Bytes of the files, those that are being written among them.</summary>
    public long Bytes => Volatile.Read(ref _bytes);

    /// <summary>Bytes that they may have now.</summary>
    public long CapacityBytes => Volatile.Read(ref _capacity);

    /// <summary>Files removed.</summary>
    public long RemovedFiles => Volatile.Read(ref _removedFiles);

    /// <summary>Bytes of those.</summary>
    public long RemovedBytes => Volatile.Read(ref _removedBytes);

    /// <summary>When the disk was full last, by <see cref="Stopwatch"/>; 0 if it never was.</summary>
    public long FullAt => Volatile.Read(ref _fullAt);

    /// <summary>Has the oldest files go now, if there are too many: for who can wait, and would else be faster.</summary>
    public void MakeRoom()
    {
        if (Bytes > CapacityBytes * HighWater)
            KeepWithin();
    }

    /// <summary>Takes room for a file that is written; false if there is none.</summary>
    internal bool TryTake(long bytes)
    {
        long all = Interlocked.Add(ref _bytes, bytes);
        if (all > CapacityBytes * HighWater)
            _wake.Set();
        if (all <= CapacityBytes)
            return true;
        GiveBack(bytes);
        return false;
    }

    /// <summary>A file does not stay.</summary>
    internal void GiveBack(long bytes) => Interlocked.Add(ref _bytes, -bytes);

    /// <summary>The disk is full: room for so many bytes is wanted.</summary>
    internal void WantRoom(long bytes)
    {
        Volatile.Write(ref _fullAt, Stopwatch.GetTimestamp());
        Volatile.Write(ref _wanted, Math.Max(bytes * 2, LeastRoom));
        _wake.Set();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _isEnding = true;
        _wake.Set();
        _thread.Join();
        _wake.Dispose();
    }

    private void Run()
    {
        bool hasToldFull = false;
        while (!_isEnding)
        {
            _wake.WaitOne(_most is null ? Timeout.InfiniteTimeSpan : TimeSpan.FromSeconds(2));
            if (_most is { } most)
                Volatile.Write(ref _capacity, Math.Max(0, most - _beside()));
            long wanted = Interlocked.Exchange(ref _wanted, 0);
            if (wanted > 0)
            {
                long removed = Remove(wanted, _most is null ? _since : DateTime.MinValue);
                if (!hasToldFull)
                    Tell?.Invoke(
                        $"no space left for {_directory}: "
                            + (
                                removed > 0
                                    ? "the oldest files there are removed for new ones"
                                    : "there is no file there that could make room"
                            )
                    );
                hasToldFull = true;
            }
            else
            {
                KeepWithin();
            }
        }
    }

    private void KeepWithin()
    {
        lock (_removal)
        {
            if (
                Bytes <= CapacityBytes * HighWater
                || Remove((long)(Bytes - (CapacityBytes * LowWater)), DateTime.MinValue) == 0
                || _hasTold
            )
                return;
            _hasTold = true;
        }

        Tell?.Invoke($"results have reached --output-size: the oldest files in {_directory} are removed for new ones");
    }

    private long Remove(long bytes, DateTime since)
    {
        long removed = 0;
        foreach (FileInfo file in Files().Where(file => file.LastWriteTimeUtc >= since).OrderBy(file => file.LastWriteTimeUtc).ToArray())
        {
            if (removed >= bytes || _isEnding)
                break;
            long size = RamDirectory.PagesOf(file.Length);
            try
            {
                file.Delete();
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                continue;
            }

            removed += size;
            Interlocked.Add(ref _bytes, -size);
            Interlocked.Increment(ref _removedFiles);
            Interlocked.Add(ref _removedBytes, size);
        }

        return removed;
    }

    private IEnumerable<FileInfo> Files()
    {
        var usual = new EnumerationOptions
        {
            AttributesToSkip = FileAttributes.Hidden | FileAttributes.ReparsePoint | FileAttributes.Device,
        };
        return new DirectoryInfo(_directory).EnumerateFiles("*", usual);
    }
}
