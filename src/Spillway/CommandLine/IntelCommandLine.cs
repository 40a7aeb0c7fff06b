using System.CommandLine;

namespace Spillway.CommandLine;

/// <summary>The option that names lists of known-bad things.</summary>
internal static class IntelCommandLine
{
    private static readonly Option<string[]> Files = new("--intel")
    {
        Description =
            "Raise an alert for what is on these lists: addresses, networks, domains with all below them, URLs, hashes (MD5, SHA-1, "
            + "SHA-256, JA3), one a line, CSV, or Zeek's intel format; read anew when they change; may be given again",
        HelpName = "FILE",
        DefaultValueFactory = _ => [],
    };

    /// <summary>Adds the option.</summary>
    public static void AddTo(Command command) => command.Options.Add(Files);

    /// <summary>The files, each once.</summary>
    public static IReadOnlyList<string> ToFiles(ParseResult result) => [.. result.GetValue(Files)!.Distinct()];
}
