using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Spillway.Net.Flows;

namespace Spillway.CommandLine;

/// <summary>The options of the flow table.</summary>
internal static class FlowsCommandLine
{
    private const int LongestTimeout = 604_800;

    private static readonly Option<int?> Update = new("--flow-update")
    {
        Description = "Report a flow that lasts each so many seconds of packet time, 10 to 86400; 0 reports its end only [default: 300]",
        HelpName = "SECONDS",
        CustomParser = result => Read(result, seconds => seconds is 0 or (>= 10 and <= 86_400), "0, or 10 to 86400 seconds"),
    };

    private static readonly Option<int?> Timeout = new("--flow-timeout")
    {
        Description = "Idle time that ends a flow, in seconds of packet time, 1 to 604800; for TCP see --tcp-timeout [default: 120]",
        HelpName = "SECONDS",
        CustomParser = ReadTimeout,
    };

    private static readonly Option<int?> TcpTimeout = new("--tcp-timeout")
    {
        Description =
            "Idle time that ends an open TCP connection of which both ends were seen, in seconds of packet time, 1 to "
            + "604800 [default: 3600]",
        HelpName = "SECONDS",
        CustomParser = ReadTimeout,
    };

    /// <summary>Adds the options.</summary>
    public static void AddTo(Command command)
    {
        command.Options.Add(Update);
        command.Options.Add(Timeout);
        command.Options.Add(TcpTimeout);
    }

    /// <summary>What was asked for.</summary>
    public static FlowTableOptions ToOptions(ParseResult result)
    {
        FlowTableOptions defaults = FlowTableOptions.Default;
        return defaults with
        {
            UpdateInterval = Given(Update, defaults.UpdateInterval),
            OtherTimeout = Given(Timeout, defaults.OtherTimeout),
            TcpEstablishedTimeout = Given(TcpTimeout, defaults.TcpEstablishedTimeout),
        };

        TimeSpan Given(Option<int?> option, TimeSpan otherwise) =>
            result.GetValue(option) is { } seconds ? TimeSpan.FromSeconds(seconds) : otherwise;
    }

    private static int? ReadTimeout(ArgumentResult result) =>
        Read(result, seconds => seconds is >= 1 and <= LongestTimeout, "1 to 604800 seconds");

    private static int? Read(ArgumentResult result, Func<int, bool> isInRange, string range)
    {
        string text = result.Tokens.Count == 1 ? result.Tokens[0].Value : "";
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int seconds) && isInRange(seconds))
            return seconds;
        string option = result.Parent is OptionResult parent ? parent.Option.Name : "the time";
        result.AddError($"{option} must be {range}, not '{text}'");
        return null;
    }
}
