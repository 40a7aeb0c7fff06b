using Spillway.Logging;

namespace Spillway.Run;

/// <summary>What an entry for the terminal is.</summary>
internal enum ConsoleEntryKind
{
    /// <summary>What a script prints.</summary>
    Print,

    /// <summary>What a script writes to standard error.</summary>
    PrintError,

    /// <summary>A line of the program's own, or about a script.</summary>
    Line,
}

/// <summary>Something for the terminal: bytes of a script's, or a line.</summary>
internal readonly record struct ConsoleEntry(ConsoleEntryKind Kind, byte[] Bytes, LogEntry Line);

/// <summary>
/// What a live run has to say, on its way to a thread that writes it: a terminal that is held, or a pipe whose reader sleeps, holds up
/// nobody else. Any thread adds; what finds no room is dropped and counted.
/// </summary>
internal sealed class ConsoleQueue : IDisposable
{
    /// <summary>Most bytes that wait.</summary>
    public const long MaxBytes = 4 << 20;

    private const int EntryBytes = 64;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly object _gate = new();
    private readonly Queue<ConsoleEntry> _entries = new();
    private readonly Action<ConsoleEntry> _write;
    private readonly Action _flush;
    private readonly Thread _thread;
    private long _bytes;
    private long _taken;
    private long _givenUpAt = -1;
    private bool _isWriting;
    private bool _isEnding;

    /// <param name="write">Writes an entry; on the queue's thread.</param>
    /// <param name="flush">Called there when nothing waits.</param>
    public ConsoleQueue(Action<ConsoleEntry> write, Action flush)
    {
        (_write, _flush) = (write, flush);
        _thread = new Thread(Run) { Name = "console", IsBackground = true };
        _thread.Start();
    }

    /// <summary>Entries that found no room. Any thread.</summary>
    public long Lost { get; private set; }

    /// <summary>Adds an entry, if there is room.</summary>
    public void Add(ConsoleEntry entry)
    {
        lock (_gate)
        {
            if (_bytes >= MaxBytes)
            {
                Lost++;
                return;
            }

            _entries.Enqueue(entry);
            _bytes += SizeOf(entry);
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>Waits until all is written.</summary>
    /// <returns>False if it is not: nothing has been taken for some seconds.</returns>
    public bool Drain()
    {
        lock (_gate)
        {
            while (_entries.Count > 0 || _isWriting)
            {
                long before = _taken;
                if (before == _givenUpAt)
                    return false;
                if (!Monitor.Wait(_gate, Patience) && _taken == before)
                    _givenUpAt = before;
            }

            return true;
        }
    }

    /// <summary>Writes what waits, as <see cref="Drain"/> does, and ends the thread. One that is held up in a write ends with the
    /// process.</summary>
    public void Dispose()
    {
        bool isEmpty = Drain();
        lock (_gate)
        {
            _isEnding = true;
            Monitor.PulseAll(_gate);
        }

        if (isEmpty)
            _thread.Join();
    }

    private static long SizeOf(ConsoleEntry entry) => EntryBytes + entry.Bytes.Length + ((entry.Line.Text?.Length ?? 0) * sizeof(char));

    private void Run()
    {
        while (TryTake(out ConsoleEntry entry, out bool isLast))
        {
            _write(entry);
            if (isLast)
                _flush();
        }
    }

    private bool TryTake(out ConsoleEntry entry, out bool isLast)
    {
        lock (_gate)
        {
            _isWriting = false;
            Monitor.PulseAll(_gate);
            while (_entries.Count == 0 && !_isEnding)
                Monitor.Wait(_gate);
            isLast = _entries.Count <= 1;
            if (!_entries.TryDequeue(out entry))
                return false;
            _isWriting = true;
            _taken++;
            _bytes -= SizeOf(entry);
            return true;
        }
    }
}
