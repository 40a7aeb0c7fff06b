using System.CommandLine;
using Spillway.Configuration;
using Spillway.Logging;
using Spillway.Scripting;

namespace Spillway.CommandLine;

/// <summary>The options that say what is logged, and where.</summary>
internal static class LogCommandLine
{
    private const int MostFiles = 1000;

    private static readonly Option<string> Level = new("--log-level")
    {
        Description = "Show what scripts log (T.log) from this level up: error, warning, info, debug",
        HelpName = "LEVEL",
        DefaultValueFactory = _ => "warning",
    };

    private static readonly Option<string?> LogFile = new("--log-file")
    {
        Description = "Write what is shown on standard error to this file too, with time, level and number of its kind",
        HelpName = "FILE",
    };

    private static readonly Option<long?> FileSize = new("--log-file-size")
    {
        Description = "Begin another log file at this size; the one before becomes FILE.1 [default: 10M]",
        HelpName = "SIZE",
        CustomParser = ByteSize.Between(LogFileOptions.LeastBytes, 1L << 40, "at least 64K"),
    };

    private static readonly Option<int?> Files = new("--log-files")
    {
        Description = "Log files that are kept, the one that is written included, 1 to 1000 [default: 5]",
        HelpName = "N",
        CustomParser = WholeNumber.Between(1, MostFiles),
    };

    /// <summary>Adds the options.</summary>
    public static void AddTo(Command command)
    {
        Level.AcceptOnlyFromAmong("error", "warning", "info", "debug");
        foreach (Option option in new Option[] { Level, LogFile, FileSize, Files })
            command.Options.Add(option);
        command.Validators.Add(result =>
        {
            if (result.GetValue(LogFile) is not null)
                return;
            foreach (Option option in new Option[] { FileSize, Files })
            {
                if (result.GetResult(option) is { Implicit: false })
                    result.AddError($"{option.Name} has no meaning without --log-file FILE");
            }
        });
    }

    /// <summary>The most verbose level that is shown.</summary>
    public static ScriptLogLevel ToLevel(ParseResult result) => LevelOf(result.GetValue(Level));

    /// <summary>The level of a name.</summary>
    public static ScriptLogLevel LevelOf(string? name) =>
        name switch
        {
            "error" => ScriptLogLevel.Error,
            "info" => ScriptLogLevel.Information,
            "debug" => ScriptLogLevel.Debug,
            _ => ScriptLogLevel.Warning,
        };

    /// <summary>The log in a file; null if there is none.</summary>
    public static LogFileOptions? ToFile(ParseResult result)
    {
        if (result.GetValue(LogFile) is not { } path)
            return null;
        var usual = new LogFileOptions { Path = path };
        return usual with { FileBytes = result.GetValue(FileSize) ?? usual.FileBytes, Files = result.GetValue(Files) ?? usual.Files };
    }
}
