namespace Spillway.Async.Journal;

/// <summary>
/// Where a task stands in the journal; the default value stands for a task that is in none. Used by the task's holder only.
/// </summary>
internal readonly record struct JournalEntry(JournalSegment? Segment, int Position)
{
    public bool IsNone => Segment is null;

    /// <summary>The task is about to append at an offset: what repeats it begins there again.</summary>
    public void NoteBegun(long offset) => Segment?.Mark(Position, JournalFormat.BegunAt(offset));

    /// <summary>The task is begun by a process that did not submit it, for the n-th time.</summary>
    public void NoteRecoveries(int count) => Segment?.MarkRecoveries(Position, count);

    /// <summary>The task is over, and must not run again.</summary>
    public void Strike()
    {
        if (Segment is null)
            return;
        Segment.Mark(Position, JournalFormat.Struck);
        Segment.ReleaseTask();
    }
}
