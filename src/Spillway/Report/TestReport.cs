using System.Globalization;
using Spillway.Metrics.Results;
using Spillway.Metrics.Stores;

namespace Spillway.Report;

/// <summary>
/// What scripts did with a capture, for their authors: calls, errors, and what they have added. Holds nothing that differs from run to run:
/// no wall time, no path, no identifier.
/// </summary>
internal static class TestReport
{
    private const int ShownKeys = 5;
    private const int ShownRecords = 20;

    /// <summary>Writes the report; records are read from the run's store.</summary>
    /// <param name="countsTraffic">Whether traffic fed its groups: those and the labels that come with them are not the scripts' doing and
    /// left out.</param>
    public static void Write(TextWriter output, RunSummary summary, bool countsTraffic)
    {
        output.WriteLine();
        output.WriteLine(
            $"read        {Units.Count(summary.Traffic.Packets, "packet")}, {Units.Count(summary.Traffic.Flows, "flow")}, "
                + $"{Units.Count(summary.Http.Requests, "HTTP request")}, {Units.Count(summary.Files.Count, "file")}"
        );
        foreach (ScriptSummary script in summary.Scripts)
            WriteScript(output, script);
        WriteCounters(output, summary.Toppers.Where(meter => !countsTraffic || !meter.IsFedByTraffic));
        foreach (string group in summary.GroupsWithoutValues)
            output.WriteLine($"counter     {SafeText.Clean(group)}: no values");
        if (summary.StorePath is { } path)
            WriteRecords(output, path, summary.RunId, countsTraffic);
        foreach (string warning in summary.Warnings)
            output.WriteLine("warning     " + SafeText.Clean(warning));
    }

    private static void WriteScript(TextWriter output, ScriptSummary script)
    {
        output.WriteLine($"script      {SafeText.Clean(script.Name)}: {SafeText.Clean(script.Title)}");
        output.WriteLine(
            "  calls     "
                + (
                    script.Callbacks.Count == 0
                        ? "none"
                        : string.Join(", ", script.Callbacks.Select(callback => $"{callback.Name} {callback.Count}"))
                )
        );
        if (script.WhatDeclined is { } declined)
            output.WriteLine("  declined  " + SafeText.Clean(declined));
        if (script.Async is { } tasks)
            output.WriteLine(
                FormattableString.Invariant(
                    $"  tasks     {tasks.Submitted} submitted, {tasks.Completed} done, {tasks.Failed} failed, {tasks.TimedOut} timed out"
                )
            );
        if (script.Errors > 0)
            output.WriteLine($"  errors    {script.Errors}, the first in {SafeText.Clean(script.FirstError ?? "a task")}");
    }

    private static void WriteCounters(TextWriter output, IEnumerable<CounterToppers> counters)
    {
        foreach (CounterToppers meter in counters)
        {
            output.WriteLine(
                $"counter     {SafeText.Clean(meter.GroupName)} / {meter.MeterId} {SafeText.Clean(meter.MeterName)}: "
                    + $"{Units.Count(meter.KeyCount, "key")}"
            );
            foreach (CounterTopper key in meter.Keys.Take(ShownKeys))
            {
                string label = key.Label.Length > 0 ? $"  ({SafeText.Clean(key.Label)})" : "";
                output.WriteLine(
                    $"  {SafeText.Clean(key.Key)} = {key.Value.ToString("0.###", CultureInfo.InvariantCulture)} {meter.Units}".TrimEnd()
                        + label
                );
            }
        }
    }

    private static void WriteRecords(TextWriter output, string path, long run, bool countsTraffic)
    {
        using RunRecords records = RunRecords.Open(path, run);
        foreach ((string kind, string what) in RunRecords.Kinds)
        {
            if (countsTraffic && kind == "labels")
                continue;
            long count = records.Count(kind);
            if (count == 0)
                continue;
            output.WriteLine($"{what, -12}{Units.Count(count)}");
            foreach (string record in records.Read(kind, ShownRecords))
                output.WriteLine("  " + SafeText.Clean(record));
            if (count > ShownRecords)
                output.WriteLine($"  and {Units.Count(count - ShownRecords)} more");
        }
    }
}
