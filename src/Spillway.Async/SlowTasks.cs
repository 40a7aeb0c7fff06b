using System.Diagnostics;
using Spillway.Async.Figures;
using Spillway.Async.Files;

namespace Spillway.Async;

/// <summary>A task that took much longer than usual.</summary>
/// <param name="Plugin">Whose task it was.</param>
/// <param name="Task">What it did: the submitter's name for it, the function's place, or the file operation.</param>
/// <param name="Run">How long it took.</param>
/// <param name="Usual">What half of the plugin's tasks on this worker took at most.</param>
/// <param name="Untold">How many more there were since the last that was told.</param>
public sealed record SlowTask(string Plugin, string Task, TimeSpan Run, TimeSpan Usual, long Untold);

/// <summary>Finds a pool's slow tasks, and tells of one in a while. Workers only come here with tasks of a second or more.</summary>
internal sealed class SlowTasks(AsyncPool pool)
{
    /// <summary>No shorter task is slow.</summary>
    public const long LeastNanoseconds = 1_000_000_000;

    private const int TimesTheMedian = 20;
    private const int LeastTasks = 5;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    private readonly Lock _lock = new();
    private long _toldAt;
    private long _untold;

    /// <summary>A worker: a task is over, its time not yet in the worker's figures.</summary>
    public void Look(AsyncTask task, long nanoseconds, LogHistogram usual)
    {
        if (pool.Runtime.Options.OnSlowTask is not null)
            Look(Describe(task), nanoseconds, usual);
    }

    /// <summary>Likewise, of a task of which nothing is left but its function.</summary>
    public void Look(TaskFunction function, long nanoseconds, LogHistogram usual) => Look(Describe(function), nanoseconds, usual);

    private void Look(string task, long nanoseconds, LogHistogram usual)
    {
        if (pool.Runtime.Options.OnSlowTask is not { } tell || usual.Count < LeastTasks)
            return;
        long median = usual.Quantile(0.5);
        if (nanoseconds < TimesTheMedian * median)
            return;

        long untold;
        lock (_lock)
        {
            if (_toldAt != 0 && Stopwatch.GetElapsedTime(_toldAt) < Interval)
            {
                _untold++;
                return;
            }

            _toldAt = Stopwatch.GetTimestamp();
            untold = _untold;
            _untold = 0;
        }

        tell(
            new SlowTask(pool.Plugin, task, TimeSpan.FromMicroseconds(nanoseconds / 1e3), TimeSpan.FromMicroseconds(median / 1e3), untold)
        );
    }

    private static string Describe(AsyncTask task) =>
        task.Kind != TaskKind.Schedule ? FileTaskText.Describe(task)
        : task.Name is { } name ? $"'{name}' ({task.Function!.Source})"
        : Describe(task.Function!);

    private static string Describe(TaskFunction function) => $"schedule at {function.Source}";
}
