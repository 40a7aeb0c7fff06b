using System.Text;

namespace Spillway.Async.Journal;

/// <summary>Someone who has tasks in the journal that an earlier process did not finish.</summary>
public sealed class RecoveredClient
{
    private readonly byte[] _identity;

    internal RecoveredClient(string pool, string name, ReadOnlySpan<byte> identity)
    {
        Pool = pool;
        Name = name;
        _identity = identity.ToArray();
    }

    /// <summary>The plugin's name.</summary>
    public string Pool { get; }

    /// <summary>The script's name.</summary>
    public string Name { get; }

    /// <summary>What the host gave to find the client again; see <see cref="AsyncClient.Identity"/>.</summary>
    public ReadOnlySpan<byte> Identity => _identity;

    /// <summary>Tasks that were left.</summary>
    public long Tasks { get; internal set; }

    internal bool IsReplayed { get; set; }

    internal bool Is(string pool, string name, ReadOnlySpan<byte> identity) =>
        Pool == pool && Name == name && identity.SequenceEqual(_identity);
}

/// <summary>
/// A task that an earlier process did not finish, as the journal has it; valid during the call that shows it. The host submits it again
/// with <see cref="AsyncClient.Resubmit"/>; a task that is not submitted stays in the journal.
/// </summary>
public readonly ref struct RecoveredTask
{
    internal RecoveredTask(in TaskRecord record, ReadOnlySpan<byte> payload, JournalEntry entry, long state)
    {
        Record = record;
        Entry = entry;
        AppendedAt = state > JournalFormat.Waiting ? JournalFormat.OffsetOf(state) : -1;
        int fixedPart = System.Runtime.CompilerServices.Unsafe.SizeOf<TaskRecord>();
        Body = payload.Slice(fixedPart, record.BodyLength);
        Name = record.HasName != 0 ? Encoding.UTF8.GetString(payload[(fixedPart + record.BodyLength)..]) : null;
    }

    /// <summary>What to do.</summary>
    public TaskKind Kind => Record.Kind;

    /// <summary>The submitter's name for it, or null.</summary>
    public string? Name { get; }

    /// <summary>The code of a scheduled function; empty if it travels with the task.</summary>
    public ReadOnlySpan<byte> FunctionCode { get; internal init; }

    /// <summary>Where the function was written.</summary>
    public string FunctionSource { get; internal init; } = "";

    /// <summary>Whether <see cref="JournalOptions.RuntimeVersion"/> is what it was: else a scheduled function must not be run.</summary>
    public bool IsOfThisRuntime { get; internal init; }

    /// <summary>How often a process that had not submitted the task has begun it, and ended before it was over.</summary>
    public int Recoveries { get; internal init; }

    /// <summary>
    /// Whether that was as often as <see cref="JournalOptions.MaxRecoveries"/> allows: then <see cref="TaskJournal.GiveUp"/>.
    /// </summary>
    public bool IsExhausted { get; internal init; }

    /// <summary>One line that names the task.</summary>
    public string Description =>
        Kind == TaskKind.Schedule
            ? (Name is null ? $"the task of {FunctionSource}" : $"'{Name}' ({FunctionSource})")
            : Files.FileTaskText.Describe(Kind, PathOf(Record.Source), PathOf(Record.Target));

    internal TaskRecord Record { get; }

    internal ReadOnlySpan<byte> Body { get; }

    internal JournalEntry Entry { get; }

    internal long AppendedAt { get; }

    /// <summary><see cref="ProcessRun.Id"/> of the process that had the task last.</summary>
    internal ulong Run { get; init; }

    private ReadOnlySpan<byte> PathOf(Segment part) => Body.Slice(part.Start, part.Length);
}

/// <summary>Is shown a task that was left.</summary>
public delegate void RecoveredTaskHandler(in RecoveredTask task);
