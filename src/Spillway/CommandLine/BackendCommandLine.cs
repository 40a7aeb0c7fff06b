using System.CommandLine;

namespace Spillway.CommandLine;

/// <summary>How scripts behind the lanes are run: whether their changes are taken, and how long windows wait for their tasks.</summary>
internal static class BackendCommandLine
{
    private const double MostSeconds = 86_400;

    private static readonly Option<bool> NoReload = new("--no-reload")
    {
        Description =
            "Leave backend scripts as they were at the start; else files that come, change or go are taken within "
            + "seconds (not with --deterministic)",
    };

    private static readonly Option<double?> WindowWait = new("--window-wait")
    {
        Description =
            "Before a window ends, wait at most so many seconds for tasks that backend scripts began in those before, "
            + "so that results are counted when they would be live; 0 for never [default: 10]",
        HelpName = "SECONDS",
        CustomParser = Seconds.UpTo(MostSeconds),
    };

    /// <summary>Adds the options.</summary>
    public static void AddTo(Command command)
    {
        command.Options.Add(NoReload);
        command.Options.Add(WindowWait);
    }

    /// <summary>Whether changes are to be taken.</summary>
    public static bool TakesChanges(ParseResult result) => !result.GetValue(NoReload);

    /// <summary>How long a window waits; null for the usual time.</summary>
    public static TimeSpan? WaitOf(ParseResult result) => result.GetValue(WindowWait) is { } seconds ? TimeSpan.FromSeconds(seconds) : null;
}
