namespace Spillway.Async.Journal;

/// <summary>
/// What a journal does against power cuts. Against the end of the process, kill -9 included, both do the same: everything.
/// </summary>
public enum JournalSync
{
    /// <summary>
    /// A submission returns when its record is on the device, and a file operation is over when its effect is there: after a power cut
    /// nothing is lost or doubled. Each submission waits for the device.
    /// </summary>
    Always,

    /// <summary>
    /// Records go to the device in groups, off the lane: a power cut takes the tasks of the last
    /// <see cref="JournalOptions.BatchInterval"/>,
    /// and what the file system had not written of files that were done.
    /// </summary>
    Batch,
}

/// <summary>How tasks are kept safe. Immutable.</summary>
public sealed record JournalOptions
{
    /// <summary>Where the journal lies; made if missing, for this user alone.</summary>
    public required string Directory { get; init; }

    /// <summary>Default <see cref="JournalSync.Always"/>.</summary>
    public JournalSync Sync { get; init; }

    /// <summary>
    /// Longest time until records reach the device under <see cref="JournalSync.Batch"/>. Default 10 ms; 1 ms to 1 minute.
    /// </summary>
    public TimeSpan BatchInterval { get; init; } = TimeSpan.FromMilliseconds(10);

    /// <summary>
    /// Size of the files that make up the journal; each goes when all its tasks are done. Default 16 MiB; 64 KiB to 1 GiB.
    /// </summary>
    public int SegmentBytes { get; init; } = 16 << 20;

    /// <summary>
    /// Most bytes of disk. Default 4 GiB; at least two segments. Beyond it <see cref="AsyncOptions.LoadPolicy"/> applies.
    /// </summary>
    public long DiskCap { get; init; } = 4L << 30;

    /// <summary>
    /// How often a task that a process left behind is begun by later ones. A task during which that many of them ended without a word is
    /// given up, lest it end them all. Default 3; 1 to 1000.
    /// </summary>
    public int MaxRecoveries { get; init; } = 3;

    /// <summary>
    /// What the executors' code needs to be the same to run again, for example the version of LuaJIT: stored with each task, and compared
    /// by <see cref="RecoveredTask.IsOfThisRuntime"/>.
    /// </summary>
    public string RuntimeVersion { get; init; } = "";

    internal void Validate()
    {
        ArgumentException.ThrowIfNullOrEmpty(Directory);
        if (BatchInterval < TimeSpan.FromMilliseconds(1) || BatchInterval > TimeSpan.FromMinutes(1))
            throw new ArgumentOutOfRangeException(nameof(BatchInterval), BatchInterval, "BatchInterval must be 1 ms to 1 minute");
        if (SegmentBytes is < 64 << 10 or > 1 << 30)
            throw new ArgumentOutOfRangeException(nameof(SegmentBytes), SegmentBytes, "SegmentBytes must be 64 KiB to 1 GiB");
        if (MaxRecoveries is < 1 or > 1000)
            throw new ArgumentOutOfRangeException(nameof(MaxRecoveries), MaxRecoveries, "MaxRecoveries must be 1 to 1000");
        if (DiskCap < 2L * SegmentBytes)
            throw new ArgumentOutOfRangeException(nameof(DiskCap), DiskCap, "DiskCap must be at least two segments");
    }
}
