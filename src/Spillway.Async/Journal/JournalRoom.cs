using System.Diagnostics;

namespace Spillway.Async.Journal;

/// <summary>
/// What is known of the room on a journal's disk. To find out costs the attempt to make a file of many megabytes, so it is tried again
/// after a pause that grows, whoever asks. Thread-safe.
/// </summary>
internal sealed class JournalRoom
{
    private static readonly long FirstPause = Stopwatch.Frequency / 20,
        LongestPause = Stopwatch.Frequency;

    private readonly Lock _gate = new();
    private long _fullSince;
    private long _tryAt;
    private long _pause = FirstPause;

    /// <summary>How long there has been no room; null if there is.</summary>
    public TimeSpan? FullFor => Volatile.Read(ref _fullSince) is not 0 and var since ? Stopwatch.GetElapsedTime(since) : null;

    /// <summary>Whether to try to make a file now.</summary>
    public bool MayTry => Stopwatch.GetTimestamp() >= Volatile.Read(ref _tryAt);

    /// <summary>There was no room.</summary>
    public void NoteFull(bool pause)
    {
        lock (_gate)
        {
            long now = Stopwatch.GetTimestamp();
            if (_fullSince == 0)
                Volatile.Write(ref _fullSince, now);
            if (!pause)
                return;
            Volatile.Write(ref _tryAt, now + _pause);
            _pause = Math.Min(2 * _pause, LongestPause);
        }
    }

    /// <summary>There was room.</summary>
    public void NoteRoom()
    {
        lock (_gate)
        {
            Volatile.Write(ref _fullSince, 0);
            Volatile.Write(ref _tryAt, 0);
            _pause = FirstPause;
        }
    }

    /// <summary>A file has gone: there may be room now.</summary>
    public void TryAgain() => Volatile.Write(ref _tryAt, 0);
}
