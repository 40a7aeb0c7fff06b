using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Net;
using Spillway.Life;
using Spillway.Run;

namespace Spillway.CommandLine;

/// <summary><c>spillway run</c>: captures through scripts.</summary>
internal static class RunCommand
{
    private static readonly Option<string?> Filter = new("--filter", "-f")
    {
        Description = "Take only packets that match this BPF filter, such as 'tcp port 80'",
        HelpName = "BPF",
    };

    private static readonly Option<int?> Count = new("--count", "-c")
    {
        Description = "End after so many packets [default: all]",
        HelpName = "N",
        CustomParser = WholeNumber.Between(1, int.MaxValue, "at least 1"),
    };

    private static readonly Option<int> Lanes = new("--lanes")
    {
        Description =
            "Work on packets on so many threads beside the one that reads, 2 to 64, or auto: one for each processor "
            + "but one; 1 does all on one thread",
        HelpName = "N|auto",
        DefaultValueFactory = _ => 1,
        CustomParser = ParseLanes,
    };

    private static readonly Option<IPEndPoint?> FiguresAt = new("--http")
    {
        Description =
            "Serve figures for Prometheus (/metrics) and health (/healthz, /readyz) at this address while the run goes on, "
            + "without a password; a port alone is one of 127.0.0.1",
        HelpName = "[ADDRESS:]PORT",
        CustomParser = result => WebCommandLine.ParseEndPoint(result, "--http"),
    };

    /// <summary>Builds the command.</summary>
    public static Command Create()
    {
        Command command = Create(
            "run",
            """
            Read captures, or listen to interfaces, and run scripts on the packets

            Examples:
              spillway run traffic.pcap                          count, find flows and files; then: spillway top hosts
              spillway run traffic.pcap -s mine.lua -o results
              spillway run ring/                                 a directory of captures, in the order of their time
              spillway run traffic.pcap --resources all --documents all; spillway search example.com
              spillway run traffic.pcap --extract files --eve eve.json
              spillway run day.pcap --from 08:00 --to 08:15      only these packets
              spillway run -i eth0 -s mine.lua                   until Ctrl-C or SIGTERM
              spillway run --config spillway.yaml                with options from a file; see spillway config
            """,
            Count
        );
        command.Options.Add(ConfigurationCommandLine.File);
        command.SetAction(result => Execute(result, Count, isService: false));
        return command;
    }

    /// <summary>Builds a command with the options of <c>run</c>, without an action.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="description">What it does.</param>
    /// <param name="count">Its option to end after some packets.</param>
    internal static Command Create(string name, string description, Option<int?> count)
    {
        var command = new Command(name, description) { Filter, count, Lanes };
        CapturesCommandLine.AddTo(command);
        RangeCommandLine.AddTo(command);
        LiveCommandLine.AddTo(command);
        command.Options.Add(FiguresAt);
        WebCommandLine.AddTo(command);
        TelemetryCommandLine.AddTo(command);
        PipelineCommandLine.AddTo(command);
        command.Validators.Add(result =>
        {
            LiveCommandLine.Validate(
                result,
                captures: CapturesCommandLine.AreGiven(result),
                isDeterministic: PipelineCommandLine.IsDeterministic(result),
                isCounted: result.GetResult(count) is { Implicit: false },
                lanes: result.GetResult(Lanes) is { Implicit: false } given ? given.GetValueOrDefault<int>() : 1
            );
            RangeCommandLine.Validate(result, listens: LiveCommandLine.Listens(result));
            if (
                PipelineCommandLine.IsDeterministic(result)
                && result.GetResult(Lanes) is { Implicit: false } lanes
                && lanes.GetValueOrDefault<int>() > 1
            )
                result.AddError("--deterministic means one lane: leave --lanes out, or one of the two");
        });
        return command;
    }

    /// <summary>Does the run that a command line asks for.</summary>
    /// <param name="result">The command line.</param>
    /// <param name="count">The option to end after some packets.</param>
    /// <param name="isService">Whether the service manager is notified of the state of the run.</param>
    internal static int Execute(ParseResult result, Option<int?> count, bool isService)
    {
        try
        {
            RunOptions pipeline = PipelineCommandLine.ToOptions(result);
            IReadOnlyList<string> captures = CapturesCommandLine.Of(result);
            return Probe.Execute(
                pipeline with
                {
                    Web = WebCommandLine.ToOptions(result, pipeline),
                    Settings = WebCommandLine.Given(result),
                    Captures = captures,
                    Range = RangeCommandLine.ToRange(result, captures),
                    Interfaces = LiveCommandLine.Interfaces(result),
                    Listening = LiveCommandLine.ToOptions(result, result.GetValue(Lanes)),
                    User = LiveCommandLine.RunUser(result),
                    Duration = LiveCommandLine.Duration(result),
                    Filter = result.GetValue(Filter),
                    Count = result.GetValue(count),
                    IsService = isService,
                    FiguresAt = result.GetValue(FiguresAt),
                    Telemetry = TelemetryCommandLine.ToOptions(result),
                    Reload = ConfigurationCommandLine.Again(result),
                    Lanes = result.GetValue(Lanes),
                }
            );
        }
        catch (UsageException exception)
        {
            Console.Error.WriteLine("error: " + SafeText.Clean(exception.Message));
            return ExitCodes.Usage;
        }
    }

    private static int ParseLanes(ArgumentResult result)
    {
        const int most = 64;
        string text = result.Tokens.Count == 1 ? result.Tokens[0].Value : "";
        if (text == "auto")
            return Math.Clamp(Environment.ProcessorCount - 1, 1, most);
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int lanes) && lanes is >= 1 and <= most)
            return lanes;
        result.AddError($"--lanes takes a number from 1 to {most}, or auto, not '{text}'");
        return 1;
    }
}
