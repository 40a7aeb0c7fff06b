using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace Spillway.Async.Journal;

/// <summary>A lane's way into the journal: a segment of its own at a time, so that lanes share nothing. On the lane's thread.</summary>
internal sealed class JournalWriter(TaskJournal journal) : IDisposable
{
    private readonly Dictionary<object, int> _numbers = new(ReferenceEqualityComparer.Instance);
    private JournalSegment? _segment;

    /// <summary>Stores a task. False if there is no room on disk; then nothing was stored.</summary>
    public bool TryAppend(AsyncTask task)
    {
        int name = task.Name is null ? 0 : Encoding.UTF8.GetByteCount(task.Name);
        int size = Unsafe.SizeOf<TaskRecord>() + task.Body.Length + name;
        if (!TryMakeRoom(task, size))
            return false;

        JournalSegment segment = _segment!;
        TaskRecord record = task.ToRecord();
        record.Client = NumberOf(task.Client);
        record.Function = task.Function is { } function ? NumberOf(function) : 0;
        int position = segment.End;
        Span<byte> payload = segment.Reserve(size)[JournalFormat.Prefix..];
        MemoryMarshal.Write(payload, in record);
        task.Body.CopyTo(payload[Unsafe.SizeOf<TaskRecord>()..]);
        if (name > 0)
            Encoding.UTF8.GetBytes(task.Name, payload[(size - name)..]);
        segment.AddTask();
        segment.Publish(RecordKind.Task, size);
        task.Entry = new JournalEntry(segment, position);
        journal.NoteAppended(segment, JournalFormat.SizeOf(size));
        return true;
    }

    public void Dispose()
    {
        _segment?.Close();
        _segment = null;
    }

    private static int SizeOf(AsyncClient client) =>
        JournalFormat.SizeOf(4 + Text(client.Pool.Plugin) + Text(client.Name) + 4 + client.Identity.Length);

    private static int SizeOf(TaskFunction function) => JournalFormat.SizeOf(4 + Text(function.Source) + 4 + function.Code.Length);

    private static int Text(string text) => 4 + Encoding.UTF8.GetByteCount(text);

    private bool TryMakeRoom(AsyncTask task, int size)
    {
        int needed = JournalFormat.SizeOf(size);
        if (_segment is not null && _segment.Length - _segment.End >= needed + SizeOfNew(task))
            return true;

        int whole = needed + SizeOf(task.Client) + (task.Function is { } function ? SizeOf(function) : 0);
        if (journal.TakeSegment(whole) is not { } next)
            return false;
        _segment?.Close();
        _segment = next;
        _numbers.Clear();
        return true;
    }

    private int SizeOfNew(AsyncTask task) =>
        (_numbers.ContainsKey(task.Client) ? 0 : SizeOf(task.Client))
        + (task.Function is { } function && !_numbers.ContainsKey(function) ? SizeOf(function) : 0);

    /// <summary>The number of an object in this segment; stored first if it is not there yet.</summary>
    private int NumberOf(AsyncClient client)
    {
        if (_numbers.TryGetValue(client, out int number))
            return number;
        number = _numbers.Count + 1;
        int size = SizeOf(client) - JournalFormat.Prefix;
        var writer = new RecordWriter(_segment!.Reserve(size)[JournalFormat.Prefix..]);
        writer.Put(number);
        writer.Put(client.Pool.Plugin);
        writer.Put(client.Name);
        writer.Put(client.Identity.Span);
        _segment.Publish(RecordKind.Client, writer.Length);
        _numbers.Add(client, number);
        return number;
    }

    private int NumberOf(TaskFunction function)
    {
        if (_numbers.TryGetValue(function, out int number))
            return number;
        number = _numbers.Count + 1;
        var writer = new RecordWriter(_segment!.Reserve(SizeOf(function) - JournalFormat.Prefix)[JournalFormat.Prefix..]);
        writer.Put(number);
        writer.Put(function.Source);
        writer.Put(function.Code.Span);
        _segment.Publish(RecordKind.Function, writer.Length);
        _numbers.Add(function, number);
        return number;
    }

    private ref struct RecordWriter(Span<byte> target)
    {
        private readonly Span<byte> _target = target;

        public int Length { get; private set; }

        public void Put(int value)
        {
            MemoryMarshal.Write(_target[Length..], value);
            Length += sizeof(int);
        }

        public void Put(string text)
        {
            int length = Encoding.UTF8.GetBytes(text, _target[(Length + sizeof(int))..]);
            Put(length);
            Length += length;
        }

        public void Put(ReadOnlySpan<byte> bytes)
        {
            Put(bytes.Length);
            bytes.CopyTo(_target[Length..]);
            Length += bytes.Length;
        }
    }
}
