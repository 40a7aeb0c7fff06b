using Spillway.Async;
using Spillway.Async.Journal;
using Spillway.LuaJit;
using Spillway.Net.Files;
using Spillway.Scripting;
using Spillway.Scripting.Loading;

namespace Spillway.Run;

/// <summary>
/// The journal of a run (<c>--journal DIR</c>), and what depends on it: extracted files lie in <c>DIR/files</c>, since a task that outlives
/// the process needs its file to do so too.
/// </summary>
internal sealed class RunJournal : IDisposable
{
    private readonly TaskJournal _journal;
    private TaskRecovery? _recovery;

    private RunJournal(TaskJournal journal, string filesRoot)
    {
        _journal = journal;
        FilesRoot = filesRoot;
    }

    /// <summary>For the slow path.</summary>
    public TaskJournal Tasks => _journal;

    /// <summary>Parent of the directory for extracted files.</summary>
    public string FilesRoot { get; }

    /// <summary>Opens the journal that the run was asked to have; null if it was not.</summary>
    public static RunJournal? Open(RunOptions options)
    {
        if (options.Journal is not { } given)
            return null;
        TaskJournal journal = TaskJournal.Open(given with { RuntimeVersion = LuaVersion.Bytecode });
        try
        {
            return new RunJournal(journal, Directory.CreateDirectory(Path.Combine(given.Directory, "files")).FullName);
        }
        catch
        {
            journal.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Makes the recovery for the loader, and tells what the journal could not read. When the last task of earlier runs is over, their
    /// extracted files go.
    /// </summary>
    public TaskRecovery Begin(
        ScriptEnvironment environment,
        IScriptOutput output,
        AsyncRuntime async,
        Action<string> warn,
        RamDirectory ram
    )
    {
        // An unfinished last record is what a kill leaves in the middle of a submission: that task was never accepted.
        foreach (JournalDamage damage in _journal.Damages.Where(damage => !damage.IsTail))
            warn("journal " + damage.Message);
        _journal.Trouble = message => output.Problem("journal", message);
        return _recovery = new TaskRecovery(_journal, environment, output, async)
        {
            // Off the packet path: a directory may hold thousands of files.
            Done = () => ThreadPool.QueueUserWorkItem(_ => ClearFormer(ram, output)),
        };
    }

    /// <summary>What became of the tasks that earlier runs had left; null before <see cref="Begin"/>.</summary>
    public TaskRecovery? Recovery => _recovery;

    /// <summary>Tasks of earlier runs that have failed.</summary>
    public long Errors => _recovery?.Errors ?? 0;

    /// <summary>
    /// When the slow path is drained: removes files of earlier runs that no task names any more, and keeps this run's if one does.
    /// </summary>
    /// <param name="directory">Where this run's extracted files lie.</param>
    /// <param name="left">Tasks that were not done.</param>
    public void End(RamDirectory directory, long left)
    {
        directory.StaysBehind = left > 0;
        if (left > 0)
            return;
        if (_recovery is { Left: 0 } && !directory.Keeps)
            directory.ClearFormer();
    }

    /// <summary>The program ends without a word to its tasks: what they need stays if they do.</summary>
    public static void EndAtOnce(RunJournal? journal, RamDirectory directory)
    {
        directory.StaysBehind = journal is not null;
        directory.Dispose();
    }

    private static void ClearFormer(RamDirectory ram, IScriptOutput output)
    {
        try
        {
            if (!ram.Keeps)
                ram.ClearFormer();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ObjectDisposedException)
        {
            output.Problem("journal", $"files of earlier runs are left: {exception.Message}"); // the end of the run tries again
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _journal.Dispose();
}
