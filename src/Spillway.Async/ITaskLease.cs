namespace Spillway.Async;

/// <summary>
/// Keeps something a task works on in place, for example an extracted file in the ram directory. Each task submitted while the
/// lease is the client's <see cref="AsyncClient.CurrentLease"/> holds one reference until its result has been delivered.
/// </summary>
/// <remarks>
/// But for <see cref="MayTake"/> methods are only ever called on the thread of the lane that submitted the task, so a plain counter will
/// do.
/// </remarks>
public interface ITaskLease
{
    /// <summary>One more task needs the thing. Called in the submission.</summary>
    void AddReference();

    /// <summary>
    /// Whether nothing but the one task that asks needs the file at this path any more, and it is deleted after that: then the task may
    /// take it away. Asked on a worker's thread; once true it must stay so.
    /// </summary>
    bool MayTake(ReadOnlySpan<byte> path) => false;

    /// <summary>
    /// The task is going to be journalled against power cuts: what it needs must be on the device when this returns. Nothing to do for
    /// what is there anyway. Must not throw.
    /// </summary>
    void Persist() { }

    /// <summary>The task, its result function included, is over. Must not throw.</summary>
    void Release();
}
