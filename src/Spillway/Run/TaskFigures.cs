using Spillway.Async.Figures;
using Spillway.Figures;
using static Spillway.Figures.Samples;

namespace Spillway.Run;

/// <summary>The figures of T.async, by script.</summary>
internal static class TaskFigures
{
    /// <summary>The figures.</summary>
    public static IEnumerable<Figure> Of(AsyncStatistics[] pools) =>
        [
            Counter(
                "tasks_submitted_total",
                "Tasks of T.async that scripts have submitted.",
                pools.Select(pool => Samples.Of(pool.Submitted, Script(pool.Plugin)))
            ),
            Counter(
                "tasks_total",
                "Tasks of T.async that have ended, by how.",
                pools.SelectMany(pool =>
                    new[]
                    {
                        Samples.Of(pool.Succeeded, Script(pool.Plugin), ("outcome", "succeeded")),
                        Samples.Of(pool.Failed, Script(pool.Plugin), ("outcome", "failed")),
                        Samples.Of(pool.TimedOut, Script(pool.Plugin), ("outcome", "timed_out")),
                        Samples.Of(pool.Cancelled, Script(pool.Plugin), ("outcome", "cancelled")),
                        Samples.Of(pool.Dropped, Script(pool.Plugin), ("outcome", "dropped")),
                    }
                )
            ),
            Gauge(
                "tasks_waiting",
                "Tasks that wait for a worker.",
                pools.Select(pool => Samples.Of(Math.Max(0, pool.Queued - pool.Busy), Script(pool.Plugin)))
            ),
            Gauge(
                "tasks_oldest_wait_seconds",
                "How long the first of them has waited.",
                pools.Select(pool => Samples.Of(pool.OldestWaiting?.TotalSeconds ?? 0, Script(pool.Plugin)))
            ),
            Gauge("workers", "Workers of a script.", pools.Select(pool => Samples.Of(pool.Workers, Script(pool.Plugin)))),
            Gauge("workers_busy", "Workers that have a task.", pools.Select(pool => Samples.Of(pool.Busy, Script(pool.Plugin)))),
            Gauge(
                "task_wait_seconds",
                "How long tasks waited so far at most, by the share of them.",
                pools.SelectMany(pool => Quantiles(pool, pool.Wait))
            ),
            Gauge(
                "task_run_seconds",
                "How long tasks ran so far at most, by the share of them.",
                pools.SelectMany(pool => Quantiles(pool, pool.Run))
            ),
        ];

    private static IEnumerable<FigureSample> Quantiles(AsyncStatistics pool, LogHistogram times) =>
        [
            Samples.Of(times.Quantile(0.5) / 1e9, Script(pool.Plugin), ("share", "0.5")),
            Samples.Of(times.Quantile(0.99) / 1e9, Script(pool.Plugin), ("share", "0.99")),
            Samples.Of(times.Max / 1e9, Script(pool.Plugin), ("share", "1")),
        ];
}
