using System.Text;
using Spectre.Console;
using Spillway.Async.Figures;
using Spillway.Report;

namespace Spillway.Run;

/// <summary>The slow path at this moment as a table: what <c>--live</c> shows below the progress line.</summary>
internal static class LiveTable
{
    private const int OtherLines = 4; // progress, titles, what is left out, and the cursor's

    private const int NaturalWidth = 160;

    /// <summary>Renders it.</summary>
    /// <param name="pools">Figures of each script's workers; those without tasks are left out.</param>
    /// <param name="width">Columns to fit.</param>
    /// <param name="height">Lines to fit.</param>
    /// <returns>Lines, each with its end; empty if nobody has used T.async yet.</returns>
    public static string Render(IEnumerable<AsyncStatistics> pools, int width, int height)
    {
        // The scripts that most is waiting for are those one looks for.
        List<AsyncStatistics> used =
        [
            .. pools
                .Where(pool => pool.Submitted > 0)
                .OrderByDescending(pool => pool.Queued)
                .ThenBy(pool => pool.Plugin, StringComparer.Ordinal),
        ];
        if (used.Count == 0)
            return "";
        TextTable table = new TextTable()
            .Text("T.async", 12)
            .Fixed("Busy")
            .Fixed("Waiting", alignRight: true)
            .Fixed("Oldest", alignRight: true)
            .Fixed("Done", alignRight: true)
            .Fixed("Failed", alignRight: true)
            .Fixed("Timed out", alignRight: true)
            .Fixed("Wait p50/p99/max")
            .Fixed("Run p50/p99/max");
        var errors = new List<string>();
        int left = Math.Max(2, height - OtherLines);
        int shown = 0;
        foreach (AsyncStatistics pool in used)
        {
            int lines = pool.LastError is null ? 1 : 2;
            if (lines > left)
                break;
            left -= lines;
            shown++;
            table.Row(
                pool.Plugin,
                $"{pool.Busy}/{pool.Workers}",
                Units.Count(Math.Max(0, pool.Queued - pool.Busy)),
                pool.OldestWaiting is { } oldest ? Units.Duration(oldest) : "",
                Units.Count(pool.Succeeded),
                Units.Count(pool.Failed),
                Units.Count(pool.TimedOut),
                Latency(pool.Wait),
                Latency(pool.Run)
            );
            if (pool.LastError is { } error)
                errors.Add(CellText.Fit($"  {pool.Plugin}: last failure: {SafeText.FirstLine(error)}", width - 1));
        }

        using var text = new StringWriter();
        table.Write(ReportConsole.Create(text, Math.Max(width, NaturalWidth), hasColors: false), Style.Plain);
        foreach (string error in errors)
            text.Write(error + "\n");
        if (shown < used.Count)
            text.Write($"  ... and {Units.Count(used.Count - shown, "more script")}\n");

        // A line that wraps could not be erased; what is most telling stands on the left.
        var fitted = new StringBuilder();
        foreach (string line in text.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries))
            fitted.Append(line.AsSpan(0, Math.Min(line.Length, width - 1)).TrimEnd()).Append('\n');
        return fitted.ToString();
    }

    private static string Latency(LogHistogram times) => $"{At(times.Quantile(0.5))}/{At(times.Quantile(0.99))}/{At(times.Max)}";

    private static string At(long nanoseconds) => Units.Duration(TimeSpan.FromMicroseconds(nanoseconds / 1000.0));
}
