namespace Spillway.Async;

/// <summary>What a task does.</summary>
public enum TaskKind : byte
{
    /// <summary>No work; never queued.</summary>
    None,

    /// <summary>Appends the source file to the target file.</summary>
    Cat,

    /// <summary>Replaces the target file by the content of the source file, atomically for readers.</summary>
    Copy,

    /// <summary>Deletes the target file; a file that is not there is no error.</summary>
    Remove,

    /// <summary>Writes the task's data to the target file, at its end or at a position.</summary>
    CopyBuffer,

    /// <summary>Runs a function in the worker's executor.</summary>
    Schedule,

    /// <summary>Gives the source file the target's name, which is replaced; between file systems by a copy and a removal.</summary>
    Move,

    /// <summary>Computes the hash of the source file; the result is its digits. The task's data is the algorithm's name.</summary>
    Hash,

    /// <summary>Scans the source file with rules of YARA, which are the task's data; the result is those that match.</summary>
    Scan,
}

/// <summary>How a task ended.</summary>
public enum TaskOutcome : byte
{
    /// <summary>Not ended yet.</summary>
    None,

    /// <summary>The work was done.</summary>
    Succeeded,

    /// <summary>The work failed; <see cref="AsyncTask.Error"/> says why.</summary>
    Failed,

    /// <summary>The work was stopped, or its worker abandoned, because it took longer than it may.</summary>
    TimedOut,

    /// <summary>The work was never begun, since the pool was stopped first.</summary>
    Cancelled,
}
