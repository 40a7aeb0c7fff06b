using Spillway.Async.Inspection;

namespace Spillway.Pipeline;

/// <summary>Counts of what was found out about files, of all lanes. Any thread.</summary>
internal sealed class InspectionFigures
{
    private long _typed;
    private long _untyped;
    private long _notInspected;
    private long _removed;
    private long _matches;
    private readonly long[] _scans = new long[Enum.GetValues<ScanEnd>().Length];

    /// <summary>Files whose type was told.</summary>
    public long Typed => Volatile.Read(ref _typed);

    /// <summary>Files whose type could not be told.</summary>
    public long Untyped => Volatile.Read(ref _untyped);

    /// <summary>Files that were not looked into: there was no room for the task, or it did not end in its time.</summary>
    public long NotInspected => Volatile.Read(ref _notInspected);

    /// <summary>Files that were stored and removed, since they are of none of the kinds that are kept.</summary>
    public long Removed => Volatile.Read(ref _removed);

    /// <summary>Rules of YARA that matched, in all files.</summary>
    public long Matches => Volatile.Read(ref _matches);

    /// <summary>Scans that have ended so.</summary>
    public long Scans(ScanEnd end) => Volatile.Read(ref _scans[(int)end]);

    /// <summary>Counts one.</summary>
    public void CountScan(ScanEnd end, int matches)
    {
        Interlocked.Increment(ref _scans[(int)end]);
        Interlocked.Add(ref _matches, matches);
    }

    /// <summary>Counts one.</summary>
    public void CountType(bool isKnown) => Interlocked.Increment(ref isKnown ? ref _typed : ref _untyped);

    /// <summary>Counts one.</summary>
    public void CountNotInspected() => Interlocked.Increment(ref _notInspected);

    /// <summary>Counts one.</summary>
    public void CountRemoved() => Interlocked.Increment(ref _removed);
}
