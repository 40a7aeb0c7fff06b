using System.CommandLine;

namespace Spillway.CommandLine;

/// <summary>Whether changes of scripts are taken while a run goes on.</summary>
internal static class ReloadCommandLine
{
    private static readonly Option<bool> NoReload = new("--no-reload")
    {
        Description = "Leave backend scripts as they were at the start; else files that come, change or go are taken within seconds (not with --deterministic)",
    };

    /// <summary>Adds the option.</summary>
    public static void AddTo(Command command) => command.Options.Add(NoReload);

    /// <summary>Whether changes are to be taken.</summary>
    public static bool IsWanted(ParseResult result) => !result.GetValue(NoReload);
}
