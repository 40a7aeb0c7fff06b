using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.Win32.SafeHandles;
using Spillway.Posix;

namespace Spillway.Async.Journal;

/// <summary>
/// Tasks on disk, from their submission until they are over, so that none is lost with the process. One process at a time has a journal's
/// directory. Thread-safe, except where it says otherwise.
/// </summary>
/// <remarks>
/// Lanes write through a mapping into files that a thread of the journal makes ahead of them; that thread also deletes files whose tasks
/// are all done, and brings records to the device under <see cref="JournalSync.Batch"/>.
/// </remarks>
public sealed class TaskJournal : IDisposable
{
    private static readonly TimeSpan Idle = TimeSpan.FromMilliseconds(500);

    private readonly JournalOptions _options;
    private readonly JournalRecovery _recovery;
    private readonly OwnedDirectory _directory;
    private readonly SafeFileHandle _lock;
    private readonly JournalRoom _room = new();
    private readonly Thread _thread;
    private readonly SemaphoreSlim _signal = new(0);
    private readonly ConcurrentQueue<JournalSegment> _retired = new();
    private readonly Lock _gate = new();
    private readonly HashSet<JournalSegment> _segments = [];
    private JournalSegment? _spare;
    private long _sequence;
    private long _bytes;
    private long _appendedBytes;
    private string? _lastError;
    private Action<string>? _trouble;
    private volatile bool _stopping;

    private TaskJournal(JournalOptions options, OwnedDirectory directory, SafeFileHandle @lock)
    {
        _options = options;
        _directory = directory;
        _lock = @lock;
        _recovery = new JournalRecovery(this, directory, options.RuntimeVersion);
        _thread = new Thread(Run) { IsBackground = true, Name = "async journal" };
    }

    /// <summary>Those whose tasks an earlier process did not finish.</summary>
    public IReadOnlyList<RecoveredClient> Recovered => _recovery.Clients.FindAll(client => client.Tasks > 0);

    /// <summary>What could not be read of the files that were there.</summary>
    public IReadOnlyList<JournalDamage> Damages => _recovery.Damages;

    /// <summary>What the journal takes on disk.</summary>
    public long Bytes => Volatile.Read(ref _bytes);

    /// <summary>Bytes of records written so far.</summary>
    public long AppendedBytes => Volatile.Read(ref _appendedBytes);

    /// <summary>Why something could last not be stored; null if everything could.</summary>
    public string? LastError => Volatile.Read(ref _lastError);

    /// <summary>
    /// Told of <see cref="LastError"/> when it changes, and at once if there is one already; on any thread. Must not throw.
    /// </summary>
    public Action<string>? Trouble
    {
        get => _trouble;
        set
        {
            lock (_gate)
            {
                _trouble = value;
                if (LastError is { } error)
                    value?.Invoke(error);
            }
        }
    }

    /// <summary>Tasks an earlier process had left that were given up; see <see cref="GiveUp"/>.</summary>
    public long GivenUp { get; private set; }

    /// <summary>Most bytes of disk, see <see cref="JournalOptions.DiskCap"/>.</summary>
    public long DiskCap => _options.DiskCap;

    /// <summary>See <see cref="JournalOptions.MaxRecoveries"/>.</summary>
    internal int MostRecoveries => _options.MaxRecoveries;

    /// <summary>Whether effects must be on the device before a task is over.</summary>
    internal bool SyncsAlways => _options.Sync == JournalSync.Always;

    /// <summary>Takes possession of a directory and finds what was left in it.</summary>
    /// <exception cref="IOException">Another process has it, it cannot be used, or others may write to it: the code in it would be
    /// run.</exception>
    /// <exception cref="UnauthorizedAccessException">The same, for want of rights.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public static TaskJournal Open(JournalOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        (OwnedDirectory directory, SafeFileHandle @lock) = TakeDirectory(options.Directory);
        var journal = new TaskJournal(options, directory, @lock);
        try
        {
            journal._recovery.Scan();
        }
        catch
        {
            foreach (JournalSegment segment in journal._recovery.Segments)
                segment.Dispose();
            @lock.Dispose();
            directory.Dispose();
            throw;
        }

        journal._sequence = journal._recovery.LastSequence;
        foreach (JournalSegment segment in journal._recovery.Segments)
            journal.Add(segment);
        journal.StartThread();
        return journal;
    }

    /// <summary>Shows the tasks that a client has left, oldest first. Once for each client, before or between its new tasks.</summary>
    /// <exception cref="IOException">A file cannot be read any more.</exception>
    public void Replay(RecoveredClient client, RecoveredTaskHandler handler)
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentNullException.ThrowIfNull(handler);
        if (client.IsReplayed)
            throw new InvalidOperationException("The client's tasks are submitted again already.");
        client.IsReplayed = true;
        _recovery.Replay(client, handler);
    }

    /// <summary>During <see cref="Replay"/>: strikes a task, so that no process will run it any more.</summary>
    public void GiveUp(in RecoveredTask task)
    {
        task.Entry.Strike();
        GivenUp++;
    }

    /// <summary>Gives the directory up. Tasks that are not over stay in it for the next process. After the runtime and its lanes.</summary>
    public void Dispose()
    {
        if (_stopping)
            return;
        _stopping = true;
        _signal.Release();
        _thread.Join();
        _spare?.Close();
        DeleteRetired();
        lock (_gate)
        {
            foreach (JournalSegment segment in _segments)
            {
                segment.TrySync();
                segment.Dispose();
            }
        }

        _lock.Dispose();
        _directory.Dispose();
        _signal.Dispose();
    }

    /// <summary>Since when there has been no room for another segment; null if there is. Any thread.</summary>
    internal TimeSpan? FullFor => _room.FullFor;

    internal void NoteError(string message)
    {
        lock (_gate)
        {
            if (Interlocked.Exchange(ref _lastError, message) != message)
                _trouble?.Invoke(message);
        }
    }

    /// <summary>A lane: an empty segment with room for so many bytes of records; null if the disk is full.</summary>
    internal JournalSegment? TakeSegment(int bytes)
    {
        JournalSegment? segment = bytes <= _options.SegmentBytes / 2 ? Interlocked.Exchange(ref _spare, null) : null;
        segment ??= TryCreate(bytes);
        _signal.Release();

        // Numbered now, for the segment that was made first need not be the one that is begun first.
        segment?.Begin(JournalFormat.Header(Interlocked.Increment(ref _sequence), segment.Length, _options.RuntimeVersion));
        return segment;
    }

    /// <summary>A lane: its record is in place. Returns when it is as safe as the options say.</summary>
    internal void NoteAppended(JournalSegment segment, int bytes)
    {
        Interlocked.Add(ref _appendedBytes, bytes);
        if (SyncsAlways)
            Sync(segment);
    }

    internal void Sync(JournalSegment segment)
    {
        if (!segment.TrySync())
            NoteError($"{segment.Path} cannot be brought to the device");
    }

    /// <summary>Any thread: nothing in the segment is needed any more.</summary>
    internal void Retire(JournalSegment segment)
    {
        _retired.Enqueue(segment);
        if (!_stopping)
            _signal.Release();
    }

    private static (OwnedDirectory Directory, SafeFileHandle Lock) TakeDirectory(string path)
    {
        if (OperatingSystem.IsWindows())
            throw new PlatformNotSupportedException("A journal needs a POSIX file system.");
        OwnedDirectory directory;
        try
        {
            directory = OwnedDirectory.OpenPrivate(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"journal {path}: {e.Message} (the code in a journal is run, so it must be its user's alone)", e);
        }

        SafeFileHandle? file = directory.TryOpenFile("lock", create: true, out string? reason);
        if (file is not null && OwnedDirectory.TryLock(file))
            return (directory, file);
        file?.Dispose();
        directory.Dispose();
        throw new IOException(
            file is null ? $"journal {path}: its file 'lock' cannot be used: {reason}" : $"journal {path}: another process uses it"
        );
    }

    private void StartThread()
    {
        try
        {
            _thread.Start();
        }
        catch (Exception e) when (e is OutOfMemoryException or ThreadStartException)
        {
            _stopping = true;
            _lock.Dispose();
            _directory.Dispose();
            throw new IOException(
                $"journal {_options.Directory}: the system refuses a thread; see 'ulimit -u', the control group's pids.max, and memory",
                e
            );
        }
    }

    private void Run()
    {
        TimeSpan pause = _options.Sync == JournalSync.Batch ? _options.BatchInterval : Idle;
        while (!_stopping)
        {
            DeleteRetired();
            if (
                Volatile.Read(ref _spare) is null
                && TryCreate(0) is { } made
                && Interlocked.CompareExchange(ref _spare, made, null) is not null
            )
                made.Close();
            if (_options.Sync == JournalSync.Batch)
                SyncDirty();
            _signal.Wait(pause);
        }
    }

    private JournalSegment? TryCreate(int bytes)
    {
        if (!_room.MayTry)
            return null;
        int length = Math.Max(_options.SegmentBytes, checked(bytes + JournalFormat.MaxHeader + 4096) & ~4095);
        if (Volatile.Read(ref _bytes) + length > _options.DiskCap)
        {
            _room.NoteFull(pause: false); // that costs nothing to find out
            NoteError(
                $"journal {_options.Directory}: it may take {_options.DiskCap} bytes, and they are used up: there are "
                    + "too many tasks that are not done"
            );
            return null;
        }

        try
        {
            string name = Interlocked.Increment(ref _sequence).ToString("x16", CultureInfo.InvariantCulture) + JournalRecovery.Extension;
            JournalSegment segment = JournalSegment.Create(this, _directory, name, length);
            Add(segment);
            _room.NoteRoom();
            if (SyncsAlways && !(segment.TrySync() && _directory.TrySync()))
                NoteError($"{segment.Path} cannot be brought to the device");
            return segment;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _room.NoteFull(pause: true);
            NoteError($"journal {_options.Directory}: {e.Message}: make room on its disk, or give the journal another one");
            return null;
        }
    }

    private void Add(JournalSegment segment)
    {
        Interlocked.Add(ref _bytes, segment.Length);
        lock (_gate)
            _segments.Add(segment);
    }

    private void DeleteRetired()
    {
        while (_retired.TryDequeue(out JournalSegment? segment))
        {
            lock (_gate)
                _segments.Remove(segment);
            try
            {
                segment.Delete();
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                NoteError($"{segment.Path}: {e.Message}"); // the next process finds it without tasks and tries again
            }

            Interlocked.Add(ref _bytes, -segment.Length);
            _room.TryAgain();
        }
    }

    private void SyncDirty()
    {
        JournalSegment[] dirty;
        lock (_gate)
            dirty = [.. _segments.Where(segment => segment.IsDirty)];
        foreach (JournalSegment segment in dirty)
            Sync(segment);
    }
}
