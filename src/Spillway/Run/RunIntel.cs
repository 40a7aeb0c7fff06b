using Spillway.Metrics.Intel;
using Spillway.Report;

namespace Spillway.Run;

/// <summary>The lists of known-bad things of a run: how they are opened and what is told of them.</summary>
internal static class RunIntel
{
    /// <summary>Reads what was given.</summary>
    /// <param name="options">The options; with the lists when they are read.</param>
    /// <param name="console">Is told of bad lines, and later of changes.</param>
    /// <param name="source">The lists, the caller's to dispose of; null if none were given.</param>
    /// <returns>False if a file cannot be read.</returns>
    public static bool TryOpen(ref RunOptions options, ScriptConsole console, out IntelSource? source)
    {
        source = null;
        if (options.IntelFiles.Count == 0)
            return true;
        foreach (string path in options.IntelFiles)
        {
            if (File.Exists(path))
                continue;
            console.Error($"--intel: {(Directory.Exists(path) ? $"'{path}' is a directory: name its files" : $"no such file '{path}'")}");
            return false;
        }

        try
        {
            source = new IntelSource(options.IntelFiles, follows: !options.Deterministic, line => console.Warn(line));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            console.Error($"--intel: {exception.Message.TrimEnd('.')}");
            return false;
        }

        options = options with { Intel = source };
        return true;
    }

    /// <summary>Adds how many entries there are.</summary>
    public static RunSummary WithIntel(this RunSummary summary, IntelSource? source) =>
        source is null
            ? summary
            : summary with
            {
                Details = [.. summary.Details, new("intel.entries", source.Current.Count), new("intel.reloads", source.Reloads)],
            };
}
