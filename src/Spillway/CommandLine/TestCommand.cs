using System.CommandLine;
using Spillway.Metrics;
using Spillway.Run;
using Spillway.Scripting;

namespace Spillway.CommandLine;

/// <summary><c>spillway test</c>: a run for the author of a script, the same each time, that ends with what each script did.</summary>
internal static class TestCommand
{
    private static readonly Option<string[]> Read = new("--read", "-r")
    {
        Description = "Capture files to read, one after the other",
        HelpName = "FILE",
        Required = true,
        AllowMultipleArgumentsPerToken = true,
        Arity = ArgumentArity.OneOrMore,
    };

    private static readonly Option<string?> Filter = new("--filter", "-f") { Description = "Take only packets that match this BPF filter", HelpName = "BPF" };

    /// <summary>Builds the command.</summary>
    public static Command Create()
    {
        var command = new Command("test", "Try scripts on a capture: as run --deterministic, with what each did at the end; results go unless -o names their place") { Read, Filter };
        PipelineCommandLine.AddTo(command);
        Read.Validators.Add(PipelineCommandLine.RefuseOptions);
        command.SetAction(Execute);
        return command;
    }

    private static int Execute(ParseResult result)
    {
        RunOptions options = PipelineCommandLine.ToOptions(result) with
        {
            Captures = result.GetValue(Read)!,
            Filter = result.GetValue(Filter),
            Deterministic = true,
            IsTest = true,
            Metrics = new MetricOptions(),   // without those of the traffic itself: what is told is the scripts' doing
        };
        if (!IsGiven(result, "--log-level")) options = options with { LogLevel = ScriptLogLevel.Information };
        if (IsGiven(result, "--output")) return CaptureRun.Execute(options);
        DirectoryInfo directory = Directory.CreateTempSubdirectory("spillway-test-");
        try
        {
            return CaptureRun.Execute(options with { Output = directory.FullName });
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    private static bool IsGiven(ParseResult result, string option) => result.GetResult(option) is System.CommandLine.Parsing.OptionResult { Implicit: false };
}
