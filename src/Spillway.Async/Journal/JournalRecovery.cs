using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Spillway.Posix;

namespace Spillway.Async.Journal;

/// <summary>
/// Finds what earlier processes have left. The files are read once to count, and once more for each client when its tasks are wanted, so
/// that a journal of millions of tasks never lies in memory.
/// </summary>
internal sealed class JournalRecovery(TaskJournal journal, OwnedDirectory directory, string runtime)
{
    public const string Extension = ".journal";

    private readonly List<(JournalSegment Segment, SegmentHeader Header)> _segments = [];

    public List<RecoveredClient> Clients { get; } = [];

    public List<JournalDamage> Damages { get; } = [];

    /// <summary>The highest number of a segment that is or was there.</summary>
    public long LastSequence { get; private set; }

    public IEnumerable<JournalSegment> Segments => _segments.Select(entry => entry.Segment);

    /// <summary>Looks through all files; those without tasks to do are deleted.</summary>
    public void Scan()
    {
        foreach (string name in directory.Names().Order(StringComparer.Ordinal))
        {
            if (JournalSegment.IsUnmade(name))
                directory.Delete(name);
            if (
                !name.EndsWith(Extension, StringComparison.Ordinal)
                || !long.TryParse(
                    name.AsSpan(0, name.Length - Extension.Length),
                    NumberStyles.HexNumber,
                    CultureInfo.InvariantCulture,
                    out long sequence
                )
            )
            {
                continue;
            }

            LastSequence = Math.Max(LastSequence, sequence);
            Scan(name);
        }

        _segments.Sort((a, b) => a.Header.Sequence.CompareTo(b.Header.Sequence));
    }

    /// <summary>Shows a client's tasks, in the order in which they were submitted.</summary>
    public void Replay(RecoveredClient client, RecoveredTaskHandler handler)
    {
        foreach ((JournalSegment segment, SegmentHeader header) in _segments)
        {
            var reader = new SegmentReader(segment.Path, segment.ReadAll(), header.End);
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
                handler(
                    new RecoveredTask(in record, reader.Payload, new JournalEntry(segment, reader.Position), reader.State)
                    {
                        FunctionCode = code,
                        FunctionSource = source,
                        IsOfThisRuntime = header.Runtime == runtime,
                        Run = header.Run,
                        Recoveries = reader.Recoveries,
                        IsExhausted = reader.Recoveries >= journal.MostRecoveries,
                    }
                );
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

    private void Scan(string name)
    {
        string path = Path.Combine(directory.Path, name);
        if (directory.TryOpenFile(name, create: false, out string? reason) is not { } file)
        {
            Damages.Add(new JournalDamage(path, 0, 0, false, $"{path} is not used, and is left as it is: {reason}"));
            return;
        }

        if (!TryAdopt(name, path, file))
            file.Dispose();
    }

    /// <summary>Whether the file has tasks to do, and so is the journal's now.</summary>
    private bool TryAdopt(string name, string path, SafeFileHandle file)
    {
        byte[] bytes = JournalSegment.ReadAll(file);
        if (bytes.Length > 0 && bytes.AsSpan().IndexOfAnyExcept((byte)0) < 0)
        {
            directory.Delete(name); // made, but never begun
            return false;
        }

        if (JournalFormat.ReadHeader(bytes, out SegmentHeader header) is { } trouble)
        {
            Damages.Add(new JournalDamage(path, 0, bytes.Length, false, $"{path} {trouble}: it is left as it is"));
            return false;
        }

        LastSequence = Math.Max(LastSequence, header.Sequence);
        int tasks = 0;
        var clients = new Dictionary<int, RecoveredClient>();
        var reader = new SegmentReader(path, bytes, header.End);
        while (reader.TryNext())
        {
            if (reader.Kind == RecordKind.Client)
            {
                AddClient(reader.Payload, clients);
            }
            else if (
                reader.Kind == RecordKind.Task
                && TryReadTask(reader, out TaskRecord record)
                && clients.TryGetValue(record.Client, out RecoveredClient? client)
            )
            {
                client.Tasks++;
                tasks++;
            }
        }

        Damages.AddRange(reader.Damages);
        if (bytes.Length < header.SegmentLength)
        {
            string message =
                $"{path} was cut: {bytes.Length} bytes of {header.SegmentLength} are there, and tasks that lay behind them are lost";
            Damages.Add(new JournalDamage(path, bytes.Length, header.SegmentLength - bytes.Length, false, message));
        }

        if (tasks > 0)
            _segments.Add((JournalSegment.Adopt(journal, directory, name, file, tasks), header));
        else
            directory.Delete(name);
        return tasks > 0;
    }
}
