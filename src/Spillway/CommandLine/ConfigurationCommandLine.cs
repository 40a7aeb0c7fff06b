using System.CommandLine;
using System.CommandLine.Parsing;
using Spillway.Configuration;

namespace Spillway.CommandLine;

/// <summary>Options that come from a configuration file or the environment.</summary>
internal static class ConfigurationCommandLine
{
    /// <summary>The configuration file of a run.</summary>
    public static readonly Option<string?> File = new("--config")
    {
        Description = "A configuration file; what the command line says goes before it. See spillway config",
        HelpName = "FILE",
    };

    /// <summary>The same for a service, where it is what one gives.</summary>
    public static readonly Option<string?> ServiceFile = new("--config", "-c") { Description = File.Description, HelpName = File.HelpName };

    // What the process was started with, before file and environment have added theirs.
    private static (CommandResult Parsed, string[] Args)? _typed;

    /// <summary>The arguments with what file and environment add to them; null if that is wrong, which is reported.</summary>
    /// <param name="args">The command line, the command first.</param>
    /// <param name="result">The same, parsed. It may have errors: what is missing may stand in the file.</param>
    public static string[]? Expand(string[] args, ParseResult result)
    {
        Command command = result.CommandResult.Command;
        if (OptionOf(command) is null || result.Action is SectionedHelp)
            return args;
        string? file = FileOf(command, result);
        _typed = (result.CommandResult, args[1..]);
        var effective = EffectiveSettings.Gather(command, file, Environment.GetEnvironmentVariables(), result.CommandResult);
        if (effective.Errors.Count > 0)
        {
            Report(effective.Errors);
            return null;
        }

        return [args[0], .. effective.Arguments, .. args[1..]];
    }

    /// <summary>Looks at the file of a command line again; null without a file.</summary>
    public static ConfigurationReload? Again(ParseResult result)
    {
        Command command = result.CommandResult.Command;
        if (FileOf(command, result) is not { } file)
            return null;
        return new ConfigurationReload(command, file, Environment.GetEnvironmentVariables(), _typed);
    }

    private static string? FileOf(Command command, ParseResult result)
    {
        if (OptionOf(command) is not { } config)
            return null;
        return result.GetResult(config) is { Implicit: false, Tokens: [.., { Value: var name }] }
            ? name
            : Environment.GetEnvironmentVariable(EnvironmentSettings.FileVariable);
    }

    private static Option<string?>? OptionOf(Command command) =>
        command.Options.Contains(File) ? File
        : command.Options.Contains(ServiceFile) ? ServiceFile
        : null;

    /// <summary>Writes what is wrong, a line each.</summary>
    public static void Report(IEnumerable<string> errors)
    {
        foreach (string error in errors)
            Console.Error.WriteLine("error: " + SafeText.Clean(error));
    }
}
