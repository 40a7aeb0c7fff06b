using System.CommandLine;
using System.CommandLine.Parsing;

namespace Spillway.CommandLine;

/// <summary>The option that names databases of countries, cities and AS numbers.</summary>
internal static class GeoCommandLine
{
    private static readonly Option<IReadOnlyList<string>?> Files = new("--geoip")
    {
        Description =
            "Count by country, city, AS number and network too: databases in MaxMind's format (.mmdb), separated by "
            + "commas; may be given again",
        HelpName = "FILE",
        Arity = ArgumentArity.OneOrMore,
        AllowMultipleArgumentsPerToken = false,
        CustomParser = ReadFiles,
    };

    /// <summary>Adds the option.</summary>
    public static void AddTo(Command command)
    {
        command.Options.Add(Files);
        command.Validators.Add(result =>
        {
            if (result.GetResult(Files) is { Implicit: false } && result.GetResult("--no-metrics") is OptionResult { Implicit: false })
                result.AddError("--geoip has no meaning with --no-metrics: leave one of them out");
        });
    }

    /// <summary>The files that were given, each once.</summary>
    public static IReadOnlyList<string> ToFiles(ParseResult result) => result.GetValue(Files) ?? [];

    // A file may have a comma in its name.
    private static List<string>? ReadFiles(ArgumentResult result)
    {
        List<string> files =
        [
            .. result
                .Tokens.SelectMany(token =>
                    File.Exists(token.Value)
                        ? [token.Value]
                        : token.Value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
                )
                .Distinct(),
        ];
        if (files.Count == 0)
            result.AddError("--geoip names no file: give one, such as GeoLite2-Country.mmdb");
        return files;
    }
}
