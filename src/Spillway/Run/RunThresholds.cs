using Spillway.Metrics;
using Spillway.Metrics.Groups;
using Spillway.Metrics.Thresholds;
using Spillway.Report;

namespace Spillway.Run;

/// <summary>The thresholds of a run: how they are read and what is told of them.</summary>
internal static class RunThresholds
{
    private const int MostTold = 10;

    /// <summary>Reads what was given.</summary>
    /// <param name="options">The options; with the thresholds when they are read.</param>
    /// <param name="console">Is told what is wrong with them, and later of changes.</param>
    /// <param name="source">The thresholds, the caller's to dispose of; null if none were given.</param>
    /// <returns>False if a file cannot be read, or has a flaw.</returns>
    public static bool TryOpen(ref RunOptions options, ScriptConsole console, out ThresholdSource? source)
    {
        source = null;
        if (options.ThresholdFiles.Count == 0)
            return true;
        if (options.Metrics.Traffic is null)
        {
            console.Error("--thresholds needs traffic to be counted: leave out --no-metrics");
            return false;
        }

        foreach (string path in options.ThresholdFiles)
        {
            if (File.Exists(path))
                continue;
            console.Error(
                $"--thresholds: {(Directory.Exists(path) ? $"'{path}' is a directory: name its files" : $"no such file '{path}'")}"
            );
            return false;
        }

        IReadOnlyList<string> flaws;
        try
        {
            source = new ThresholdSource(
                options.ThresholdFiles,
                (int)options.Metrics.Window.TotalSeconds,
                follows: !options.Deterministic,
                line => console.Warn("--thresholds: " + line),
                out flaws
            );
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            console.Error($"--thresholds: {exception.Message.TrimEnd('.')}");
            return false;
        }

        foreach (string flaw in flaws.Take(MostTold))
            console.Error("--thresholds: " + flaw);
        if (flaws.Count > MostTold)
            console.Error($"--thresholds: {Units.Count(flaws.Count - MostTold, "further line")} cannot be read either");
        if (flaws.Count > 0)
        {
            source.Dispose();
            source = null;
            return false;
        }

        options = options with { Thresholds = source };
        return true;
    }

    /// <summary>Has the writer compare windows with them; null if there are none.</summary>
    public static ThresholdWatch? Attach(RunOptions options, MetricsWriter writer, GroupRegistry groups)
    {
        if (options.Thresholds is not { } source)
            return null;
        var watch = new ThresholdWatch(source, groups, options.Home, (int)options.Metrics.Window.TotalSeconds);
        writer.Attach(watch);
        return watch;
    }

    /// <summary>Adds what came of them, when the writer has ended.</summary>
    public static RunSummary WithThresholds(this RunSummary summary, RunOptions options, ThresholdWatch? watch) =>
        watch is null
            ? summary
            : summary with
            {
                Details =
                [
                    .. summary.Details,
                    new("thresholds.rules", options.Thresholds!.Current.Count),
                    new("thresholds.raised", watch.RaisedCount),
                    new("thresholds.cleared", watch.ClearedCount),
                    new("thresholds.untracked_hosts", watch.Untracked),
                    new("thresholds.reloads", options.Thresholds.Reloads),
                ],
            };
}
