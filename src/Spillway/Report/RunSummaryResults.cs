using Spillway.Metrics.Groups;
using Spillway.Metrics.Records;
using Spillway.Metrics.Results;

namespace Spillway.Report;

/// <summary>Fills a summary from what the metrics side gathered.</summary>
public static class RunSummaryResults
{
    /// <summary>
    /// Adds files, alerts, resources, counters and the store's place, and warns of what the store or the tables could not keep.
    /// </summary>
    public static RunSummary WithResults(this RunSummary summary, RunResults results, GroupRegistry registry)
    {
        ArgumentNullException.ThrowIfNull(summary);
        ArgumentNullException.ThrowIfNull(results);
        ArgumentNullException.ThrowIfNull(registry);
        return summary with
        {
            StorePath = results.StoreLocation,
            RunId = results.RunId,
            Files = summary.Files with
            {
                Count = results.FileCount,
                Bytes = results.FileBytes,
                Shown = results.Files,
                All = results.AllFiles,
            },
            Alerts = new AlertSummary { Count = results.AlertCount, Shown = new AlertsWithNames(results.Alerts, registry) },
            ResourceCount = results.ResourceCount,
            Toppers = results.Toppers,
            GroupsWithoutValues = [.. WithoutValues(results, registry).Order(StringComparer.Ordinal)],
            Warnings = [.. summary.Warnings, .. Warnings(results)],
        };
    }

    private static IEnumerable<string> WithoutValues(RunResults results, GroupRegistry registry)
    {
        var counted = results.Toppers.Select(toppers => toppers.GroupGuid).ToHashSet(StringComparer.OrdinalIgnoreCase);
        return registry.CounterGroups.Where(group => group.IsScriptDefined && !counted.Contains(group.Guid)).Select(group => group.Name);
    }

    private static IEnumerable<string> Warnings(RunResults results)
    {
        if (results.StoreFault is { } fault)
            yield return fault;
        if (results.StoreNotice is { } notice)
            yield return notice;
        if (results.RemovedRows > 0)
            yield return $"{Units.Count(results.RemovedRows, "row")} of older results made room in the store (--keep-days, --store-size).";
        if (results.LostRows > 0)
            yield return $"{Units.Count(results.LostRows, "row")} could not be written to the store.";
        if (results.DroppedBatches > 0)
            yield return $"{Units.Count(results.DroppedBatches, "batch", "batches")} of results dropped: the store was slower than "
                + "the packets.";
        if (results.KeysEvicted > 0)
            yield return $"{Units.Count(results.KeysEvicted, "counter key")} made room for others in a full group of a window: "
                + "totals are exact, small keys are missing; keep more with --max-keys.";
        if (results.KeysLeftOut > 0)
            yield return "There were more counter keys than the summary keeps: the top counters may be short of small keys. The "
                + "store has all.";
    }

    /// <summary>Looks up the titles of alert groups when they are asked for.</summary>
    private sealed class AlertsWithNames(IReadOnlyList<AlertRecord> alerts, GroupRegistry registry) : IReadOnlyList<AlertEntry>
    {
        public int Count => alerts.Count;

        public AlertEntry this[int index] =>
            new(registry.FindNamedGroup(GroupKind.Alert, alerts[index].GroupGuid)?.Name ?? alerts[index].GroupGuid, alerts[index]);

        public IEnumerator<AlertEntry> GetEnumerator()
        {
            for (int i = 0; i < Count; i++)
                yield return this[i];
        }

        System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
