using System.Text;

namespace Spillway.Async.Dispatch;

/// <summary>
/// For a pool of several workers: a task starts when every earlier task with one of its keys is over. Keys are the normalised paths
/// of file operations and the keys of scheduled tasks. Of the tasks that may start the oldest does.
/// </summary>
/// <remarks>
/// Workers share this under a lock; lanes never take it. A task counts its blockers, and sits in the line of each key it waits for.
/// Both its lines were joined in one step under the lock, so two tasks never wait for each other.
/// </remarks>
internal sealed class KeyedDispatcher : TaskDispatcher
{
    private readonly Lock _lock = new();
    private readonly Dictionary<byte[], KeyLine> _lines;
    private readonly Dictionary<byte[], KeyLine>.AlternateLookup<ReadOnlySpan<byte>> _linesBySpan;
    private readonly Queue<AsyncTask> _ready = new();
    private readonly PriorityQueue<AsyncTask, long> _unblocked = new();
    private readonly PathKey _pathKey = new(Encoding.UTF8.GetBytes(Environment.CurrentDirectory));
    private long _sequence;
    private int _readyCount;

    public KeyedDispatcher()
    {
        _lines = new Dictionary<byte[], KeyLine>(ByteKeyComparer.Instance);
        _linesBySpan = _lines.GetAlternateLookup<ReadOnlySpan<byte>>();
    }

    public override bool HasWork => Volatile.Read(ref _readyCount) > 0 || !Intake.IsEmpty;

    public override long? OldestSubmittedAt
    {
        get
        {
            lock (_lock)
            {
                AsyncTask? unblocked = _unblocked.TryPeek(out AsyncTask? first, out _) ? first : null;
                AsyncTask? ready = _ready.TryPeek(out AsyncTask? next) ? next : Intake.PeekOldest();
                return (unblocked, ready) switch
                {
                    ({ } a, { } b) => Math.Min(a.SubmittedAt, b.SubmittedAt),
                    var (a, b) => (a ?? b)?.SubmittedAt,
                };
            }
        }
    }

    public override AsyncTask? PeekNext() => null;

    public override AsyncTask? TryTake()
    {
        lock (_lock)
        {
            while (Intake.TryDequeue() is { } task)
                Admit(task);
            AsyncTask? next = TakeOldest();
            Volatile.Write(ref _readyCount, _ready.Count + _unblocked.Count);
            return next;
        }
    }

    public override int Finished(KeyLines? lines)
    {
        if (lines is null)
            return 0;

        lock (_lock)
        {
            int released = Leave(lines.First) + (lines.Second is { } second ? Leave(second) : 0);
            Volatile.Write(ref _readyCount, _ready.Count + _unblocked.Count);
            return released;
        }
    }

    public override void RemoveAll(Action<AsyncTask> receiver)
    {
        var removed = new List<AsyncTask>();
        lock (_lock)
        {
            while (!Intake.IsEmpty)
            {
                if (Intake.TryDequeue() is { } task)
                    Admit(task);
            }

            while (TakeOldest() is { } ready)
                removed.Add(ready);
            foreach (KeyLine line in _lines.Values)
            {
                while (line.Waiting.TryDequeue(out AsyncTask? waiting))
                {
                    if (--waiting.Blockers == 0)
                        removed.Add(waiting);
                }
            }

            _lines.Clear();
            _readyCount = 0;
        }

        removed.Sort(static (a, b) => a.Sequence.CompareTo(b.Sequence));
        removed.ForEach(receiver);
    }

    private AsyncTask? TakeOldest()
    {
        if (_unblocked.TryPeek(out _, out long unblocked) && (!_ready.TryPeek(out AsyncTask? ready) || unblocked < ready.Sequence))
            return _unblocked.Dequeue();
        return _ready.TryDequeue(out AsyncTask? task) ? task : null;
    }

    private void Admit(AsyncTask task)
    {
        task.Sequence = ++_sequence;
        KeyLine? first = null;
        KeyLine? second = null;
        if (task.Kind == TaskKind.Schedule)
        {
            if (task.Key.Length > 0)
                first = Join(task, task.Key);
        }
        else
        {
            bool hasTarget = task.TargetPath.Length > 0;
            first = Join(task, hasTarget ? task.TargetPath : task.SourcePath);
            if (hasTarget && task.SourcePath.Length > 0 && LineOf(task.SourcePath) is var source && source != first)
                second = Join(task, source);
        }

        if (first is not null)
            task.Lines = new KeyLines(first, second);
        if (task.Blockers == 0)
            _ready.Enqueue(task);
    }

    private KeyLine LineOf(ReadOnlySpan<byte> path)
    {
        ReadOnlySpan<byte> key = _pathKey.Normalize(path);
        if (_linesBySpan.TryGetValue(key, out KeyLine? line))
            return line;
        byte[] name = key.ToArray();
        line = new KeyLine(name);
        _lines.Add(name, line);
        return line;
    }

    private KeyLine Join(AsyncTask task, ReadOnlySpan<byte> path) => Join(task, LineOf(path));

    private static KeyLine Join(AsyncTask task, KeyLine line)
    {
        if (line.Taken)
        {
            line.Waiting.Enqueue(task);
            task.Blockers++;
        }

        line.Taken = true;
        return line;
    }

    private int Leave(KeyLine line)
    {
        if (!line.Waiting.TryDequeue(out AsyncTask? next))
        {
            _lines.Remove(line.Key);
            return 0;
        }

        if (--next.Blockers > 0)
            return 0;
        _unblocked.Enqueue(next, next.Sequence);
        return 1;
    }
}

/// <summary>The tasks of one key: one that holds it, and those that wait.</summary>
internal sealed class KeyLine(byte[] key)
{
    public byte[] Key { get; } = key;

    public bool Taken { get; set; }

    public Queue<AsyncTask> Waiting { get; } = new();
}

/// <summary>The one or two lines a task stands in.</summary>
internal sealed record KeyLines(KeyLine First, KeyLine? Second);
