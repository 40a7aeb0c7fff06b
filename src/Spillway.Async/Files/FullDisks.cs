using System.Diagnostics;
using Spillway.Async.Native;

namespace Spillway.Async.Files;

/// <summary>
/// File systems that take no more, or have errors, known to all workers: a disk that stays full makes the operations on it wait once in
/// all, and not each for itself. While an episode lasts, operations are tried and fail at once; it is over when nothing has failed for a
/// while.
/// Running out of file descriptors is the same for the whole process. Thread-safe; only failures come here.
/// </summary>
internal sealed class FullDisks(AsyncOptions options)
{
    /// <summary>What stands for the process in place of a file system.</summary>
    public const ulong Process = 0;

    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(10);

    private readonly Lock _gate = new();
    private readonly Dictionary<ulong, Episode> _episodes = [];
    private long _count;
    private long _refused;

    /// <summary>Episodes whose end was not waited for, so far.</summary>
    public long Count => Volatile.Read(ref _count);

    /// <summary>Operations that failed in them without waiting.</summary>
    public long Refused => Volatile.Read(ref _refused);

    /// <summary>An operation failed.</summary>
    /// <param name="device">The file system, or <see cref="Process"/>.</param>
    /// <param name="errno">Why.</param>
    /// <param name="retries">How many repeats the operation may have.</param>
    /// <param name="isFirst">Whether it had none yet.</param>
    /// <param name="path">For the report.</param>
    /// <returns>Whether a repeat is worth waiting for.</returns>
    public bool IsWorthWaiting(ulong device, int errno, int retries, bool isFirst, Func<string> path)
    {
        long now = Stopwatch.GetTimestamp();
        string? report = null;
        lock (_gate)
        {
            if (!_episodes.TryGetValue(device, out Episode? episode) || Stopwatch.GetElapsedTime(episode.LastFailure, now) > Quiet)
                _episodes[device] = episode = new Episode { Since = now };
            episode.LastFailure = now;
            if (Stopwatch.GetElapsedTime(episode.Since, now) < RetrySchedule.Total(options, retries))
                return true;
            if (isFirst)
                Interlocked.Increment(ref _refused);
            if (!episode.IsReported)
            {
                episode.IsReported = true;
                Interlocked.Increment(ref _count);
                report = Describe(errno, path());
            }
        }

        if (report is not null)
            options.OnTrouble?.Invoke(new AsyncTrouble(null, report));
        return false;
    }

    private static string Describe(int errno, string path) =>
        errno switch
        {
            Errno.NoSpace => $"the disk of {path} is full: file operations on it are tried once and fail until there is room; make "
                + "room, or name another target",
            Errno.QuotaExceeded =>
                $"the quota on the disk of {path} is used up: file operations on it are tried once and fail until there is room",
            Errno.TooManyFiles =>
                "no more files can be opened: file operations are tried once and fail until some are closed; raise 'ulimit -n'",
            Errno.TooManyFilesInSystem =>
                "the system can open no more files: file operations are tried once and fail until some are closed",
            _ => $"the disk of {path} has errors ({Errno.Describe(errno)}): file operations on it are tried once and "
                + "fail until it works again; look at it",
        };

    private sealed class Episode
    {
        public long Since { get; init; }

        public long LastFailure { get; set; }

        public bool IsReported { get; set; }
    }
}
