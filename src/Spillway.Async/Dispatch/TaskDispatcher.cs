using Spillway.Async.Queues;

namespace Spillway.Async.Dispatch;

/// <summary>Decides which of a pool's tasks may start now. Lanes only ever touch the intake.</summary>
internal abstract class TaskDispatcher
{
    /// <summary>Where lanes put tasks; its order is the submission order.</summary>
    public TaskQueue Intake { get; } = new();

    /// <summary>Whether <see cref="TryTake"/> may find something. A worker that has announced its sleep relies on it.</summary>
    public abstract bool HasWork { get; }

    /// <summary>When the task was submitted that waits for a worker since longest; null for none. Any thread; approximate.</summary>
    public abstract long? OldestSubmittedAt { get; }

    /// <summary>
    /// Worker: what <see cref="TryTake"/> gives next, where that is known beforehand; null where it is not, or if there is none.
    /// </summary>
    public abstract AsyncTask? PeekNext();

    /// <summary>Worker: the next task that may start, or null.</summary>
    public abstract AsyncTask? TryTake();

    /// <summary>
    /// The work of the task that stood in these lines is over and its record on the way to its lane, so what waits for it may start: not
    /// earlier, or results of equal keys would overtake each other.
    /// </summary>
    /// <returns>How many tasks may start that could not before.</returns>
    public abstract int Finished(KeyLines? lines);

    /// <summary>When the pool has no worker any more: hands over every task, whatever it waits for.</summary>
    public abstract void RemoveAll(Action<AsyncTask> receiver);
}
