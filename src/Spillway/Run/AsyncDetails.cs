using Spillway.Async;
using Spillway.Async.Figures;
using Spillway.Report;

namespace Spillway.Run;

/// <summary>What the slow path and its journal count beside the figures of each script, for the summary's details.</summary>
internal static class AsyncDetails
{
    /// <summary>Adds them.</summary>
    public static RunSummary WithAsync(this RunSummary summary, IReadOnlyList<TaskPort> lanes, RunJournal? journal)
    {
        List<NamedCount> details =
        [
            .. summary.Details,
            new("async.submissions_held_up", lanes.Sum(lane => lane.Waits)),
            new("async.workers_held_up_by_results", lanes[0].Runtime.ResultWaits),
        ];
        AsyncStatistics[] pools = lanes[0].Runtime.GetStatistics();
        details.AddRange([
            new("async.workers_stuck", pools.Sum(pool => pool.StuckWorkers)),
            new("async.workers_missing", pools.Sum(pool => pool.MissingWorkers)),
            new("async.threads_refused", pools.Sum(pool => pool.StartFailures)),
            new("async.full_disks", lanes[0].Runtime.FullDisks),
            new("async.refused_by_full_disks", lanes[0].Runtime.RefusedByFullDisks),
        ]);
        if (journal is not null)
        {
            details.AddRange([
                new("journal.bytes_written", journal.Tasks.AppendedBytes),
                new("journal.bytes_on_disk", journal.Tasks.Bytes),
                new("journal.recovered", journal.Recovery?.Submitted ?? 0),
                new("journal.given_up", journal.Tasks.GivenUp),
                new("journal.results_dropped", journal.Recovery?.ResultsDropped ?? 0),
                new("journal.tasks_left", lanes.Sum(lane => lane.LeftInJournal) + (journal.Recovery?.Left ?? 0)),
                new("journal.tasks_not_stored", lanes.Sum(lane => lane.Unjournalled)),
                new("journal.damages", journal.Tasks.Damages.Count),
            ]);
        }

        return summary with
        {
            Details = details,
        };
    }
}
