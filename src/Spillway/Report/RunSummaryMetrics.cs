using Spillway.Metrics.Shards;

namespace Spillway.Report;

/// <summary>Adds what the metrics did not take of what they were given.</summary>
internal static class RunSummaryMetrics
{
    /// <summary>
    /// The summary with the counters of the lane and of the scripts behind it; <see langword="null"/> where there is none.
    /// </summary>
    public static RunSummary WithMetrics(this RunSummary summary, params ReadOnlySpan<ShardCounters?> shards)
    {
        var sum = new ShardCounters();
        foreach (ShardCounters? shard in shards)
        {
            if (shard is not null)
                sum.Add(shard);
        }

        return summary with
        {
            Details =
            [
                .. summary.Details,
                new("metrics.unknown_group", sum.UnknownGroup),
                new("metrics.unknown_meter", sum.UnknownMeter),
                new("metrics.ignored_values", sum.IgnoredValues),
                new("metrics.empty_keys", sum.EmptyKeys),
                new("metrics.cut_keys", sum.TruncatedKeys),
                new("metrics.cut_texts", sum.TruncatedTexts),
                new("metrics.dropped_tags", sum.DroppedTags),
                new("metrics.refused_tags", sum.RefusedTags),
                new("metrics.late_tags", sum.LateTags),
                new("metrics.time_went_back", sum.BackwardSteps),
                new("metrics.transactions_left_out", sum.TransactionsLeftOut),
            ],
        };
    }
}
