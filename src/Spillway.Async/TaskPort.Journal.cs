using Spillway.Async.Files;

namespace Spillway.Async;

/// <content>Tasks into the journal, and what becomes of those that it has no room for.</content>
public sealed partial class TaskPort
{
    private long _reportUnjournalledAt = 1;

    /// <summary>Tasks that run without being in the journal, since it was full and waiting could not have helped.</summary>
    public long Unjournalled { get; private set; }

    /// <summary>
    /// Stores an admitted task in the journal, if there is one. False if that is full and the policy is to drop the task. Waiting ends
    /// when this lane has results to take, since only taking them could make room, and a submission cannot; when nothing is pending whose
    /// end could make room and the disk has been full for <see cref="AsyncOptions.JournalWait"/>; and when the run is to end.
    /// </summary>
    internal bool TryJournal(AsyncTask task, ITaskLease? lease)
    {
        if (_journal is null)
            return true;
        if (Runtime.Journal!.SyncsAlways)
            lease?.Persist();
        if (_journal.TryAppend(task))
            return true;
        if (Runtime.Options.LoadPolicy == AsyncLoadPolicy.Drop)
            return false;

        _accounts.Waits++;
        while (CanWaitForJournal && !task.Client.Pool.StopSignal.Wait(TimeSpan.FromMilliseconds(1)))
        {
            if (_journal.TryAppend(task))
                return true;
        }

        Unjournalled++;
        if (Unjournalled >= _reportUnjournalledAt)
            ReportUnjournalled(task);
        return true;
    }

    private bool CanWaitForJournal =>
        _results.IsEmpty && !Runtime.IsEnding && (Pending > 0 || !(Runtime.Journal!.FullFor > Runtime.Options.JournalWait));

    private void ReportUnjournalled(AsyncTask task)
    {
        _reportUnjournalledAt = Unjournalled * 10;
        string name =
            task.Kind != TaskKind.Schedule ? FileTaskText.Describe(task)
            : task.Name is { } given ? $"'{given}' ({task.Function!.Source})"
            : $"the task of {task.Function!.Source}";
        string what =
            Unjournalled == 1
                ? $"{name} runs without being in the journal"
                : $"{Unjournalled} tasks run without being in the journal, the last is {name}";
        Runtime.Options.OnTrouble?.Invoke(
            new AsyncTrouble(task.Client.Pool.Plugin, $"{what}: if the run is killed before it is done, it is lost")
        );
    }
}
