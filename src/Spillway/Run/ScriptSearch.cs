using Spillway.Scripting.Loading;

namespace Spillway.Run;

/// <summary>Where a run's scripts are looked for: what the command line names, and the directories of the environment.</summary>
internal static class ScriptSearch
{
    private const string PathsVariable = "TRISUL_LUA_PATHS";

    /// <summary>The directories that the environment names.</summary>
    public static IReadOnlyList<string> Directories =>
        (Environment.GetEnvironmentVariable(PathsVariable) ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>
    /// Finds them. What was named on the command line must be there; a directory of the environment that is gone is reported. A file that
    /// is found twice is one.
    /// </summary>
    /// <returns>False if one that was named cannot be had; that was reported.</returns>
    public static bool TryFind(RunOptions options, ScriptConsole console, ScriptFiles scripts)
    {
        if (options.Input is { } input)
            scripts.AddNamed(input);
        foreach (string path in options.Scripts)
        {
            bool isThere = scripts.TryAdd(path, out string message);
            if (message.Length > 0)
                console.Tell(isError: !isThere, message);
            if (!isThere)
                return false;
        }

        foreach (string path in Directories)
        {
            if (!scripts.TryAdd(path, out string message))
                console.Warn($"{PathsVariable}: {message}");
        }

        return true;
    }
}
