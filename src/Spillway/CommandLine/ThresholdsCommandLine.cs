using System.CommandLine;

namespace Spillway.CommandLine;

/// <summary>The option that names files of thresholds.</summary>
internal static class ThresholdsCommandLine
{
    private static readonly Option<string[]> Files = new("--thresholds")
    {
        Description =
            "Raise an alert when a host moves too many bytes, has too many connections, is new, or asks for too many names that do not "
            + "exist, as this file says (docs/thresholds.md); read anew when it changes; may be given again",
        HelpName = "FILE",
        DefaultValueFactory = _ => [],
    };

    /// <summary>Adds the option.</summary>
    public static void AddTo(Command command) => command.Options.Add(Files);

    /// <summary>The files, each once.</summary>
    public static IReadOnlyList<string> ToFiles(ParseResult result) => [.. result.GetValue(Files)!.Distinct()];
}
