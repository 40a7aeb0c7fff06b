using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Spillway.Metrics;
using Spillway.Metrics.Names;
using Spillway.Metrics.Traffic;

namespace Spillway.CommandLine;

/// <summary>The options of <c>run</c> that say what is counted.</summary>
internal static class MetricsCommandLine
{
    private static readonly Option<HomeNetworks?> Home = new("--homenet")
    {
        Description =
            "The networks that count as your own, separated by commas [default: 10.0.0.0/8,172.16.0.0/12,192.168.0.0/16,fc00::/7]",
        HelpName = "CIDR",
        CustomParser = ReadNetworks,
    };

    private static readonly Option<bool> NoMetrics = new("--no-metrics")
    {
        Description = "Do not count traffic by hosts, ports, protocols and so on: only what scripts count",
    };

    private static readonly Option<int?> MaxKeys = new("--max-keys")
    {
        Description = "Keys of each counter group in a window; the least make room for others [default: 100000]",
        HelpName = "COUNT",
        CustomParser = WholeNumber.Between(1, 10_000_000),
    };

    private static readonly Option<int?> Window = new("--window")
    {
        Description = "Length of the windows that counters come in, in seconds of packet time; it must divide an hour evenly [default: 60]",
        HelpName = "SECONDS",
        CustomParser = ReadWindow,
    };

    private static readonly Option<PublicSuffixList?> Suffixes = new("--public-suffixes")
    {
        Description =
            "The Public Suffix List to find registered domains by, as public_suffix_list.dat [default: the one the program brings along]",
        HelpName = "FILE",
        CustomParser = ReadSuffixes,
    };

    /// <summary>Adds the options.</summary>
    public static void AddTo(Command command)
    {
        foreach (Option option in new Option[] { Home, NoMetrics, MaxKeys, Window, Suffixes })
            command.Options.Add(option);
    }

    /// <summary>What was asked for.</summary>
    public static MetricOptions ToOptions(ParseResult result)
    {
        var usual = new MetricOptions();
        return usual with
        {
            Traffic = result.GetValue(NoMetrics)
                ? null
                : new TrafficOptions { Home = ToHome(result), Suffixes = result.GetValue(Suffixes) },
            MaxTransactions = RecordsCommandLine.ToMaxTransactions(result) ?? usual.MaxTransactions,
            MaxKeysPerGroup = result.GetValue(MaxKeys) ?? usual.MaxKeysPerGroup,
            Window = result.GetValue(Window) is { } seconds ? TimeSpan.FromSeconds(seconds) : usual.Window,
        };
    }

    /// <summary>The networks that count as one's own.</summary>
    public static HomeNetworks ToHome(ParseResult result) => result.GetValue(Home) ?? HomeNetworks.Default;

    // Windows that straddled the hours could not be added up to hours and days.
    private static int? ReadWindow(ArgumentResult result)
    {
        string text = result.Tokens.Count == 1 ? result.Tokens[0].Value : "";
        if (
            int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int seconds)
            && seconds is >= 1 and <= 3600
            && 3600 % seconds == 0
        )
            return seconds;
        result.AddError($"--window must divide an hour evenly, such as 1, 10, 30, 60 or 300 seconds, not '{text}'");
        return null;
    }

    private static PublicSuffixList? ReadSuffixes(ArgumentResult result)
    {
        string path = result.Tokens.Count == 1 ? result.Tokens[0].Value : "";
        if (PublicSuffixList.TryRead(path, out PublicSuffixList? list, out string? flaw))
            return list;
        result.AddError("--public-suffixes: " + flaw);
        return null;
    }

    private static HomeNetworks? ReadNetworks(ArgumentResult result)
    {
        string text = result.Tokens.Count == 1 ? result.Tokens[0].Value : "";
        if (HomeNetworks.TryParse(text, out HomeNetworks? networks, out string? flaw))
            return networks;
        result.AddError("--homenet: " + flaw);
        return null;
    }
}
