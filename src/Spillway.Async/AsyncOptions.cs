using Spillway.Async.Inspection;

namespace Spillway.Async;

/// <summary>The limits of the slow path. Immutable after the runtime was made from it.</summary>
public sealed record AsyncOptions
{
    /// <summary>Most workers a plugin may ask for.</summary>
    public const int MaxWorkers = 64;

    /// <summary>Least <see cref="MemoryCap"/> for rings: of less, their segments would be too large a part.</summary>
    internal const long LeastMemoryForRings = 16L << 20;

    /// <summary>Most repeats a task may ask for.</summary>
    public const int MaxRetries = 100;

    /// <summary>
    /// Bytes that tasks of all plugins may hold in memory, their records included: queued ones this much, and results that wait for their
    /// lanes as much again. Tasks are brought back from disk only while both together hold less than half of it. Default 64 MiB, enough
    /// for some 130,000 small tasks; 64 KiB to 1 TiB.
    /// </summary>
    public long MemoryCap { get; init; } = 64L << 20;

    /// <summary>Bytes of disk that each plugin's tasks may take when memory is used up. Default 4 GiB; 0 (none) to 1 PiB.</summary>
    public long DiskCap { get; init; } = 4L << 30;

    /// <summary>
    /// Where tasks are put when memory is used up. Default <c>/var/tmp</c>, which is on disk even where <c>/tmp</c> is not. Made if
    /// missing. The files have no names and vanish with the process.
    /// </summary>
    public string SpillDirectory { get; init; } = "/var/tmp";

    /// <summary>What to do when the disk has no room either. Default <see cref="AsyncLoadPolicy.Wait"/>.</summary>
    public AsyncLoadPolicy LoadPolicy { get; init; } = AsyncLoadPolicy.Wait;

    /// <summary>
    /// How long lanes wait for a full journal when no task is pending whose end could make room. Afterwards tasks run without being in the
    /// journal, until there is room in it again. Default 5 s; 0 to 1 hour.
    /// </summary>
    public TimeSpan JournalWait { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Asked, every millisecond, by lanes that wait for room: true ends their waiting, and what they were about to submit is accepted all
    /// the same, in memory and outside of the journal. Null for never. Any thread; must not throw.
    /// </summary>
    public Func<bool>? IsEnding { get; init; }

    /// <summary>
    /// How much lower than a lane workers are scheduled, as a nice value: 0 (not at all) to 19. Default 10: under full load a worker
    /// gets about a tenth of what a lane gets.
    /// </summary>
    public int WorkerNice { get; init; } = 10;

    /// <summary>
    /// How often a file operation is repeated after a transient error (no space, I/O error, too many files). Default 3; 0 to 100.
    /// </summary>
    public int FileRetries { get; init; } = 3;

    /// <summary>Pause before the first repeat; each further one is four times as long. Default 100 ms; 1 ms to 1 minute.</summary>
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Longest run of a scheduled task that names no limit. Default 60 s, zero is without limit; at most 7 days.</summary>
    public TimeSpan TaskTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>
    /// How long a task that was asked to stop may take to do so before its worker is abandoned. Default 2 s; 10 ms to 10 minutes.
    /// </summary>
    public TimeSpan StopGrace { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// Abandoned workers that a pool replaces at once; further ones wait for <see cref="ReplacementInterval"/>, since each is a thread that
    /// may never end. Default 16; 1 to 1024.
    /// </summary>
    public int ReplacementBurst { get; init; } = 16;

    /// <summary>
    /// How long it takes until a pool may replace one more worker, up to <see cref="ReplacementBurst"/> of them: a pool is short of workers
    /// for a while, but never for good. Also the pause before a thread that the system refused is asked for again. Default 10 s; 1 ms to 1
    /// hour.
    /// </summary>
    public TimeSpan ReplacementInterval { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How long a worker without work watches the queue before it sleeps. Default 20 microseconds, about what waking it costs;
    /// 0 to 10 ms. Ignored on a machine with one processor.
    /// </summary>
    public TimeSpan SpinTime { get; init; } = TimeSpan.FromMicroseconds(20);

    /// <summary>
    /// Whether small tasks may go by <see cref="Rings.TaskRing"/> where that is possible: with one worker, without a journal, and from
    /// <see cref="LeastMemoryForRings"/> on. False is for comparisons. Default true.
    /// </summary>
    public bool UsesRings { get; init; } = true;

    /// <summary>
    /// Told of what is wrong with the slow path itself, once for each occasion, on any of its threads. Null for nobody. Must not throw.
    /// </summary>
    public Action<AsyncTrouble>? OnTrouble { get; init; }

    /// <summary>Told of tasks that took much longer than their plugin's usually do, on a worker's thread. Null for nobody.</summary>
    public Action<SlowTask>? OnSlowTask { get; init; }

    /// <summary>
    /// Called on the lane's thread for each task that is over, its delivery included, before its record is used again; null for nothing.
    /// Then no task goes by a ring, whose tasks have no times of their own.
    /// </summary>
    public Action<AsyncTask>? OnTaskOver { get; init; }

    /// <summary>
    /// Each plugin has one worker, whatever it asks for, and a lane gets results in the order of submission, once all that are pending have
    /// come. So the same tasks give the same results in the same order in each run, slowly. Default false.
    /// </summary>
    public bool InOrder { get; init; }

    /// <summary>Time and size of scans with rules of YARA.</summary>
    public ScanLimits Scan { get; init; } = new();

    /// <summary>How a worker's thread is started; a test makes it fail.</summary>
    internal Action<Thread> StartThread { get; init; } = static thread => thread.Start();

    /// <summary>The directory that no target of a file operation may leave; null for no confinement.</summary>
    public string? FilesRoot { get; init; }

    /// <summary>Checks every value against its range.</summary>
    /// <exception cref="ArgumentOutOfRangeException">One is outside; the message names it and the range.</exception>
    public void Validate()
    {
        Check(nameof(MemoryCap), MemoryCap, 64L << 10, 1L << 40, "bytes");
        Check(nameof(DiskCap), DiskCap, 0, 1L << 50, "bytes");
        ArgumentException.ThrowIfNullOrEmpty(SpillDirectory);
        Check(nameof(JournalWait), JournalWait, TimeSpan.Zero, TimeSpan.FromHours(1));
        Check(nameof(WorkerNice), WorkerNice, 0, 19, "");
        Check(nameof(FileRetries), FileRetries, 0, MaxRetries, "");
        Check(nameof(RetryDelay), RetryDelay, TimeSpan.FromMilliseconds(1), TimeSpan.FromMinutes(1));
        Check(nameof(TaskTimeout), TaskTimeout, TimeSpan.Zero, TimeSpan.FromDays(7));
        Check(nameof(StopGrace), StopGrace, TimeSpan.FromMilliseconds(10), TimeSpan.FromMinutes(10));
        Check(nameof(ReplacementBurst), ReplacementBurst, 1, 1024, "");
        Check(nameof(ReplacementInterval), ReplacementInterval, TimeSpan.FromMilliseconds(1), TimeSpan.FromHours(1));
        Check(nameof(SpinTime), SpinTime, TimeSpan.Zero, TimeSpan.FromMilliseconds(10));
    }

    private static void Check(string name, long value, long least, long most, string unit)
    {
        if (value < least || value > most)
            throw new ArgumentOutOfRangeException(name, value, $"{name} is {value}, but must be {least} to {most} {unit}".TrimEnd());
    }

    private static void Check(string name, TimeSpan value, TimeSpan least, TimeSpan most)
    {
        if (value < least || value > most)
        {
            throw new ArgumentOutOfRangeException(
                name,
                value,
                $"{name} is {value.TotalSeconds} s, but must be {least.TotalSeconds} to {most.TotalSeconds} s"
            );
        }
    }
}
