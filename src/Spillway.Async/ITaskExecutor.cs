using Spillway.Async.Rings;

namespace Spillway.Async;

/// <summary>
/// Runs <see cref="TaskKind.Schedule"/> tasks on one worker. It is created by the pool's factory on the worker's own thread,
/// used and disposed there, and no other thread ever calls anything but <see cref="RequestStop"/>: a Lua state can live in it.
/// </summary>
public interface ITaskExecutor : IDisposable
{
    /// <summary>
    /// Does the work of one task: reads <see cref="AsyncTask.Data"/> and the rest, then calls <see cref="AsyncTask.SetResult"/>
    /// (or nothing, if there is no result) or <see cref="AsyncTask.Fail"/>. An exception fails the task with its message; the
    /// worker goes on. The task must not be kept after the return.
    /// </summary>
    void Execute(AsyncTask task);

    /// <summary>
    /// Asks for an early end of the task with this id, since its time is over or the pool stops. Called on another thread, at any
    /// time, also when that task is no longer running or the executor is disposed: then it must do nothing. Called again every 50 ms
    /// until the task has ended. Must return at once and must not throw. After a task that failed so, the executor is disposed.
    /// </summary>
    void RequestStop(long taskId);
}

/// <summary>An executor that also runs tasks that lie in a ring, many at each call.</summary>
public interface IRingExecutor : ITaskExecutor
{
    /// <summary>
    /// Runs tasks until there are none, others may wait, or one has not ended well. The ring's words say which, see
    /// <see cref="RingOutcome"/>: all before that one have been published.
    /// </summary>
    /// <param name="error">Why the task at work failed.</param>
    /// <param name="slow">The function of a task that took long.</param>
    RingOutcome Execute(TaskRing ring, RingRun run, out string? error, out TaskFunction? slow);

    /// <summary>As <see cref="ITaskExecutor.RequestStop"/>, for the task at this place of the ring.</summary>
    void RequestStop(RingRun run, int number);
}

/// <summary>Makes the executor of one worker, on that worker's thread. <paramref name="worker"/> counts from 1.</summary>
/// <remarks>If it throws, the task at hand fails with the exception's message and the next one tries again.</remarks>
public delegate ITaskExecutor TaskExecutorFactory(AsyncPool pool, int worker);
