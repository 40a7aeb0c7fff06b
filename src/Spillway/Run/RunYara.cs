using Spillway.Async.Inspection;
using Spillway.Pipeline;
using Spillway.Report;

namespace Spillway.Run;

/// <summary>The rules of YARA of a run: how they are compiled and what is told of scans.</summary>
internal static class RunYara
{
    /// <summary>Compiles what was given.</summary>
    /// <param name="options">The options.</param>
    /// <param name="console">Is told errors and warnings, one line each.</param>
    /// <param name="rules">The rules; null if none were given.</param>
    /// <returns>False if there are errors, or no YARA.</returns>
    public static bool TryCompile(RunOptions options, ScriptConsole console, out YaraRules? rules)
    {
        rules = null;
        if (options.YaraFiles.Count == 0)
            return true;
        if (YaraRules.FindFlaw() is { } flaw)
        {
            console.Error($"--yara: {flaw}");
            return false;
        }

        try
        {
            bool areThere = TryFind(options.YaraFiles, console, out List<YaraSource> sources);
            rules = YaraRules.Compile(sources, out IReadOnlyList<YaraMessage> messages);
            foreach (YaraMessage message in messages)
                console.Tell(message.IsError, $"--yara: {message}");
            return areThere && rules is not null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            console.Error($"--yara: {exception.Message.TrimEnd('.')}");
            return false;
        }
    }

    /// <summary>Counts of scans; none without rules.</summary>
    public static IEnumerable<NamedCount> DetailsOf(InspectionPool pool) =>
        pool.Options.Rules is null
            ? []
            :
            [
                new("yara.scanned", pool.Figures.Scans(ScanEnd.Complete)),
                new("yara.matches", pool.Figures.Matches),
                new("yara.timed_out", pool.Figures.Scans(ScanEnd.TimedOut)),
                new("yara.too_large", pool.Figures.Scans(ScanEnd.TooLarge)),
                new("yara.unreadable", pool.Figures.Scans(ScanEnd.Unreadable)),
                new("yara.failed", pool.Figures.Scans(ScanEnd.Failed)),
            ];

    /// <summary>What the user should know at the end; null if all files were scanned to their end.</summary>
    public static string? Complaint(InspectionPool? pool)
    {
        if (pool is not { Options.Rules: not null })
            return null;
        ScanLimits limits = pool.Options.Scan;
        var reasons = new List<string>();
        Add(ScanEnd.TimedOut, $"took longer than {limits.Timeout.TotalSeconds:0} s (--yara-timeout)");
        Add(ScanEnd.TooLarge, $"larger than {limits.MaxBytes} bytes (--yara-max-size)");
        Add(ScanEnd.Unreadable, "gone before its scan");
        Add(ScanEnd.Failed, "at which libyara gave up, or for which there was no room");
        return reasons.Count == 0 ? null : $"YARA: files not scanned to their end: {string.Join(", ", reasons)}";

        void Add(ScanEnd end, string reason)
        {
            if (pool.Figures.Scans(end) is > 0 and var count)
                reasons.Add($"{Units.Count(count)} {reason}");
        }
    }

    private static bool TryFind(IReadOnlyList<string> paths, ScriptConsole console, out List<YaraSource> sources)
    {
        bool areThere = true;
        sources = [];
        foreach (string path in paths)
        {
            IReadOnlyList<YaraSource> found = YaraFiles.Find(path);
            sources.AddRange(found);
            if (found.Count > 0)
                continue;
            console.Error($"--yara: {(Directory.Exists(path) ? $"no .yar or .yara file in '{path}'" : $"no such file '{path}'")}");
            areThere = false;
        }

        return areThere;
    }
}
