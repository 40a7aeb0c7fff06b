using System.CommandLine;
using Spillway.Async.Inspection;
using Spillway.Configuration;

namespace Spillway.CommandLine;

/// <summary>The options of scanning files with YARA.</summary>
internal static class YaraCommandLine
{
    private const int LongestSeconds = 3600;

    private static readonly Option<string[]> Rules = new("--yara")
    {
        Description =
            "Scan each extracted file with these rules of YARA, on workers off the packet path, and raise an alert for each that matches: "
            + "a file, or a directory with all its .yar and .yara files; may be given again",
        HelpName = "RULES",
        DefaultValueFactory = _ => [],
    };

    private static readonly Option<int?> Timeout = new("--yara-timeout")
    {
        Description = "Longest scan of one file, in seconds, 1 to 3600 [default: 10]",
        HelpName = "SECONDS",
        CustomParser = WholeNumber.Between(1, LongestSeconds, "from 1 to 3600 seconds"),
    };

    private static readonly Option<long?> MaxSize = new("--yara-max-size")
    {
        Description = "Largest file that is scanned, 4K to 1G [default: 32M]",
        HelpName = "SIZE",
        CustomParser = ByteSize.Between(4 << 10, 1L << 30, "from 4K to 1G"),
    };

    /// <summary>Adds the options.</summary>
    public static void AddTo(Command command)
    {
        command.Options.Add(Rules);
        command.Options.Add(Timeout);
        command.Options.Add(MaxSize);
    }

    /// <summary>Files and directories of rules, each once.</summary>
    public static IReadOnlyList<string> ToRules(ParseResult result) => [.. result.GetValue(Rules)!.Distinct()];

    /// <summary>How long and how much is scanned.</summary>
    public static ScanLimits ToLimits(ParseResult result)
    {
        var usual = new ScanLimits();
        return new ScanLimits
        {
            Timeout = result.GetValue(Timeout) is { } seconds ? TimeSpan.FromSeconds(seconds) : usual.Timeout,
            MaxBytes = result.GetValue(MaxSize) ?? usual.MaxBytes,
        };
    }
}
