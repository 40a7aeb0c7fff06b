using System.CommandLine;
using Spectre.Console;
using Spillway.Configuration;
using Spillway.Life;
using Spillway.Report;

namespace Spillway.CommandLine;

/// <summary><c>spillway config</c>: writes, checks and shows configurations.</summary>
internal static class ConfigCommand
{
    private const string UsualFile = "spillway.yaml";

    /// <summary>Builds the command.</summary>
    public static Command Create() => new("config", "Write, check or show a configuration file") { Init(), Check(), Show(), Reference() };

    private static Command Init()
    {
        var file = new Argument<string>("FILE")
        {
            Description = "The file, or - for standard output",
            DefaultValueFactory = _ => UsualFile,
        };
        var force = new Option<bool>("--force") { Description = "Replace a file that exists" };
        var command = new Command("init", "Write a file with every key: what it does, its values, its default") { file, force };
        command.SetAction(result => Write(result.GetValue(file)!, result.GetValue(force)));
        return command;
    }

    private static Command Check()
    {
        var file = new Argument<string>("FILE") { Description = "The configuration file", DefaultValueFactory = _ => UsualFile };
        var command = new Command("check", "Say what is wrong with a file: unknown keys, values out of range, what does not go together")
        {
            file,
        };
        command.SetAction(result => Check(result.GetValue(file)!));
        return command;
    }

    private static Command Show()
    {
        var file = new Option<string?>("--config", "-c") { Description = "The configuration file", HelpName = "FILE" };
        var set = new Option<bool>("--set") { Description = "Only what is set" };
        var command = new Command("show", "Show what holds, and whether the file, the environment or a default says so") { file, set };
        command.SetAction(result =>
            Show(
                result.GetValue(file) ?? Environment.GetEnvironmentVariable(EnvironmentSettings.FileVariable),
                onlySet: result.GetValue(set)
            )
        );
        return command;
    }

    // For docs/configuration.md, which a test compares.
    private static Command Reference()
    {
        var command = new Command("reference", "Print all keys as Markdown") { Hidden = true };
        command.SetAction(_ => Console.Out.Write(ConfigurationText.ToMarkdown(new OptionCatalog(RunCommand.Create()))));
        return command;
    }

    private static int Write(string file, bool replaces)
    {
        string text = ConfigurationText.ToFile(new OptionCatalog(RunCommand.Create()));
        if (file == "-")
        {
            Console.Out.Write(text);
            return ExitCodes.Good;
        }

        try
        {
            using var stream = new FileStream(file, replaces ? FileMode.Create : FileMode.CreateNew);
            using var writer = new StreamWriter(stream);
            writer.Write(text);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine(
                !replaces && File.Exists(file)
                    ? $"error: {SafeText.Clean(file)} exists: give another name, or --force"
                    : $"error: {SafeText.Clean(file)} cannot be written: {exception.Message.TrimEnd('.')}"
            );
            return ExitCodes.Failed;
        }

        Console.Out.WriteLine($"{SafeText.Clean(file)} has every key as a comment; next: spillway config check {SafeText.Clean(file)}");
        return ExitCodes.Good;
    }

    private static int Check(string file)
    {
        Command run = RunCommand.Create();
        var effective = EffectiveSettings.Gather(run, file, Environment.GetEnvironmentVariables());
        List<string> errors = [.. effective.Errors];
        // What goes together is a matter of the whole. A file without a source is fine: the command line may name it.
        if (errors.Count == 0)
        {
            string[] source = effective.Settings.Any(setting => setting.Entry.Key is "read" or "interface" or "input") ? [] : ["--read=-"];
            errors.AddRange(run.Parse([.. effective.Arguments, .. source]).Errors.Select(error => $"{file}: {error.Message.TrimEnd('.')}"));
        }

        if (errors.Count > 0)
        {
            ConfigurationCommandLine.Report(errors);
            return ExitCodes.Usage;
        }

        Console.Out.WriteLine($"{SafeText.Clean(file)}: {Units.Count(effective.Settings.Count, "setting")}, nothing wrong");
        return ExitCodes.Good;
    }

    private static int Show(string? file, bool onlySet)
    {
        var effective = EffectiveSettings.Gather(RunCommand.Create(), file, Environment.GetEnvironmentVariables());
        if (effective.Errors.Count > 0)
        {
            ConfigurationCommandLine.Report(effective.Errors);
            return ExitCodes.Usage;
        }

        Dictionary<OptionEntry, Setting> set = effective.Settings.ToDictionary(setting => setting.Entry);
        TextTable table = new TextTable().Fixed("Key").Text("Value", 24).Text("Set by", 16);
        foreach (OptionEntry entry in effective.Catalog.Entries)
        {
            if (set.TryGetValue(entry, out Setting? setting))
                table.Row($"{entry.Section}.{entry.Key}", string.Join(", ", setting.Values), setting.Origin);
            else if (!onlySet)
                table.Row($"{entry.Section}.{entry.Key}", entry.Default, "default");
        }

        table.Write(ReportConsole.ForStandardOutput(), Style.Plain);
        return ExitCodes.Good;
    }
}
