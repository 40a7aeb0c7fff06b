using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Spillway.Net.Flows;

namespace Spillway.CommandLine;

/// <summary>The options of the flow table.</summary>
internal static class FlowsCommandLine
{
    private static readonly Option<int?> Update = new("--flow-update")
    {
        Description = "Report a flow that lasts each so many seconds of packet time, 10 to 86400; 0 reports its end only [default: 300]",
        HelpName = "SECONDS",
        CustomParser = ReadSeconds,
    };

    /// <summary>Adds the options.</summary>
    public static void AddTo(Command command) => command.Options.Add(Update);

    /// <summary>What was asked for.</summary>
    public static FlowTableOptions ToOptions(ParseResult result) => result.GetValue(Update) is { } seconds
        ? FlowTableOptions.Default with { UpdateInterval = TimeSpan.FromSeconds(seconds) }
        : FlowTableOptions.Default;

    private static int? ReadSeconds(ArgumentResult result)
    {
        string text = result.Tokens.Count == 1 ? result.Tokens[0].Value : "";
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int seconds) && seconds is 0 or (>= 10 and <= 86_400)) return seconds;
        result.AddError($"--flow-update must be 0, or 10 to 86400 seconds, not '{text}'");
        return null;
    }
}
