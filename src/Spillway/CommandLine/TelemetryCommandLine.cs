using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Spillway.Telemetry;

namespace Spillway.CommandLine;

/// <summary>The options that send figures and traces away.</summary>
internal static class TelemetryCommandLine
{
    private static readonly Option<Uri?> Receiver = new("--otlp")
    {
        Description =
            "Send figures every 10 s, and traces of tasks, to this receiver of OTLP over HTTP, such as http://127.0.0.1:4318 "
            + "[default: nowhere]",
        HelpName = "URL",
        CustomParser = ParseReceiver,
    };

    private static readonly Option<double?> Sample = new("--trace-sample")
    {
        Description = "The share of tasks of T.async that are traced with --otlp, 0 to 1 [default: 0.01]",
        HelpName = "SHARE",
        CustomParser = ParseShare,
    };

    /// <summary>Adds the options.</summary>
    public static void AddTo(Command command)
    {
        command.Options.Add(Receiver);
        command.Options.Add(Sample);
        command.Validators.Add(result =>
        {
            if (result.GetResult(Sample) is { Implicit: false } && result.GetResult(Receiver) is not { Implicit: false })
                result.AddError("--trace-sample has no meaning without --otlp URL");
        });
    }

    /// <summary>What was asked for; null for nothing.</summary>
    public static TelemetryOptions? ToOptions(ParseResult result)
    {
        if (result.GetValue(Receiver) is not { } receiver)
            return null;
        var usual = new TelemetryOptions { Receiver = receiver };
        return usual with { TraceSample = result.GetValue(Sample) ?? usual.TraceSample };
    }

    private static Uri? ParseReceiver(ArgumentResult result)
    {
        string text = result.Tokens.Count == 1 ? result.Tokens[0].Value : "";
        if (Uri.TryCreate(text, UriKind.Absolute, out Uri? uri) && uri.Scheme is "http" or "https")
            return uri;
        result.AddError($"--otlp takes an address such as http://127.0.0.1:4318, not '{text}'");
        return null;
    }

    private static double? ParseShare(ArgumentResult result)
    {
        string text = result.Tokens.Count == 1 ? result.Tokens[0].Value : "";
        if (double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double share) && share is >= 0 and <= 1)
            return share;
        result.AddError($"--trace-sample is a number from 0 to 1, not '{text}'");
        return null;
    }
}
