using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Spillway.Async.Journal;

/// <summary>
/// Finds what earlier processes have left. The files are read once to count, and once more for each client when its tasks are wanted, so
/// that a journal of millions of tasks never lies in memory.
/// </summary>
internal sealed class JournalRecovery(TaskJournal journal, string directory, string runtime)
{
    public const string Extension = ".journal";

    private readonly List<(JournalSegment Segment, long Sequence, int Start, ulong Run, bool SameRuntime)> _segments = [];

    public List<RecoveredClient> Clients { get; } = [];

    public List<JournalDamage> Damages { get; } = [];

    /// <summary>The highest number of a segment that is or was there.</summary>
    public long LastSequence { get; private set; }

    public IEnumerable<JournalSegment> Segments => _segments.Select(entry => entry.Segment);

    /// <summary>Looks through all files; those without tasks to do are deleted.</summary>
    public void Scan()
    {
        foreach (string path in Directory.EnumerateFiles(directory, "*" + Extension).Order(StringComparer.Ordinal))
        {
            if (!long.TryParse(Path.GetFileNameWithoutExtension(path), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out long sequence))
                continue;
            LastSequence = Math.Max(LastSequence, sequence);
            Scan(path);
        }

        _segments.Sort((a, b) => a.Sequence.CompareTo(b.Sequence));
    }

    /// <summary>Shows a client's tasks, in the order in which they were submitted.</summary>
    public void Replay(RecoveredClient client, RecoveredTaskHandler handler)
    {
        foreach ((JournalSegment segment, _, int start, ulong run, bool sameRuntime) in _segments)
        {
            var reader = new SegmentReader(segment.Path, File.ReadAllBytes(segment.Path), start);
            var functions = new Dictionary<int, (string Source, byte[] Code)>();
            var clients = new Dictionary<int, RecoveredClient>();
            while (reader.TryNext())
            {
                if (reader.Kind == RecordKind.Client)
                    AddClient(reader.Payload, clients);
                else if (reader.Kind == RecordKind.Function)
                    AddFunction(reader.Payload, functions);
                else if (TryReadTask(reader, out TaskRecord record) && clients.GetValueOrDefault(record.Client) == client)
                    Show(in record);
            }

            void Show(in TaskRecord record)
            {
                (string source, byte[] code) = functions.GetValueOrDefault(record.Function, ("", []));
                handler(new RecoveredTask(in record, reader.Payload, new JournalEntry(segment, reader.Position), reader.State)
                {
                    FunctionCode = code,
                    FunctionSource = source,
                    IsOfThisRuntime = sameRuntime,
                    Run = run,
                    Recoveries = reader.Recoveries,
                    IsExhausted = reader.Recoveries >= journal.MostRecoveries,
                });
            }
        }
    }

    private static bool TryReadTask(SegmentReader reader, out TaskRecord record)
    {
        record = default;
        return reader.State != JournalFormat.Struck
            && MemoryMarshal.TryRead(reader.Payload, out record)
            && record.IsSound(reader.Payload.Length - Unsafe.SizeOf<TaskRecord>());
    }

    private static void AddFunction(ReadOnlySpan<byte> payload, Dictionary<int, (string Source, byte[] Code)> functions)
    {
        var reader = new PayloadReader(payload);
        int number = reader.TakeNumber();
        string source = reader.TakeText();
        byte[] code = reader.TakeBytes().ToArray();
        if (reader.IsSound)
            functions[number] = (source, code);
    }

    private void AddClient(ReadOnlySpan<byte> payload, Dictionary<int, RecoveredClient> clients)
    {
        var reader = new PayloadReader(payload);
        int number = reader.TakeNumber();
        string pool = reader.TakeText();
        string name = reader.TakeText();
        ReadOnlySpan<byte> identity = reader.TakeBytes();
        if (!reader.IsSound)
            return;
        foreach (RecoveredClient known in Clients)
        {
            if (!known.Is(pool, name, identity))
                continue;
            clients[number] = known;
            return;
        }

        var client = new RecoveredClient(pool, name, identity);
        Clients.Add(client);
        clients[number] = client;
    }

    private void Scan(string path)
    {
        byte[] bytes = File.ReadAllBytes(path);
        if (bytes.AsSpan().IndexOfAnyExcept((byte)0) < 0)
        {
            File.Delete(path);   // made, but never begun
            return;
        }

        if (JournalFormat.ReadHeader(bytes, out int start, out long sequence, out ulong run, out string madeBy) is { } trouble)
        {
            Damages.Add(new JournalDamage(path, 0, bytes.Length, false, $"{path} {trouble}: it is left as it is"));
            return;
        }

        LastSequence = Math.Max(LastSequence, sequence);
        int tasks = 0;
        var clients = new Dictionary<int, RecoveredClient>();
        var reader = new SegmentReader(path, bytes, start);
        while (reader.TryNext())
        {
            if (reader.Kind == RecordKind.Client)
            {
                AddClient(reader.Payload, clients);
            }
            else if (reader.Kind == RecordKind.Task && TryReadTask(reader, out TaskRecord record) && clients.TryGetValue(record.Client, out RecoveredClient? client))
            {
                client.Tasks++;
                tasks++;
            }
        }

        Damages.AddRange(reader.Damages);
        if (tasks > 0)
            _segments.Add((JournalSegment.Adopt(journal, path, tasks), sequence, start, run, madeBy == runtime));
        else
            File.Delete(path);
    }
}
