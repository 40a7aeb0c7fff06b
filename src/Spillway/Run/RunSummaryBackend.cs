using Spillway.Report;
using Spillway.Scripting.Backend;

namespace Spillway.Run;

/// <summary>Adds what the scripts behind the lane did to a summary.</summary>
internal static class RunSummaryBackend
{
    /// <summary>The summary with them; itself if there are none.</summary>
    public static RunSummary WithBackend(this RunSummary summary, BackendHost? backend)
    {
        if (backend is null)
            return summary;
        BackendCounters counters = backend.Counters;
        return summary with
        {
            Scripts = [.. summary.Scripts, .. backend.GetFigures().Select(SummaryBuilder.ScriptOf)],
            Details =
            [
                .. summary.Details,
                new("backend.windows", counters.Windows),
                new("backend.dropped_keys", counters.DroppedKeys),
                new("backend.dropped_records", counters.DroppedRecords),
                new("backend.early_flushes", counters.EarlyFlushes),
                new("backend.windows_behind", counters.WindowsBehind),
                new("backend.reloads", counters.Reloads),
                new("backend.reload_failures", counters.ReloadFailures),
                new("backend.results_dropped", counters.ResultsDropped),
            ],
        };
    }
}
