using System.CommandLine;
using Spillway.Metrics;
using Spillway.Run;
using Spillway.Scripting;
using Spillway.Scripting.Loading;

namespace Spillway.CommandLine;

/// <summary><c>spillway test</c>: a run for the author of a script, the same each time, that ends with what each script did.</summary>
internal static class TestCommand
{
    // An author's loops end by mistake only. Not for the debugger, which steps by the hook that a limit needs.
    private static readonly TimeSpan UsualTimeout = TimeSpan.FromSeconds(10);

    private static readonly Option<string?> Filter = new("--filter", "-f")
    {
        Description = "Take only packets that match this BPF filter",
        HelpName = "BPF",
    };

    /// <summary>Builds the command.</summary>
    public static Command Create()
    {
        var command = new Command(
            "test",
            "Try scripts on a capture: as run --deterministic, with what each did at the end; results go unless -o names their place"
        )
        {
            Filter,
        };
        CapturesCommandLine.AddTo(command);
        PipelineCommandLine.AddTo(command);
        command.Validators.Add(given =>
        {
            if (!CapturesCommandLine.AreGiven(given))
                given.AddError("nothing to read: give a capture with -r FILE");
        });
        command.SetAction(Execute);
        return command;
    }

    private static int Execute(ParseResult result)
    {
        RunOptions asked = PipelineCommandLine.ToOptions(result);
        RunOptions options = asked with
        {
            Captures = CapturesCommandLine.Of(result),
            Filter = result.GetValue(Filter),
            Deterministic = true,
            IsTest = true,
            // what is told is the scripts' doing: nobody else needs the traffic's own
            Metrics = WatchesCounters(asked.Scripts) ? asked.Metrics : new MetricOptions(),
        };
        if (!IsGiven(result, "--callback-timeout") && !Any(asked.Scripts, "debugger"))
            options = options with { ScriptLimits = options.ScriptLimits with { CallbackTimeout = UsualTimeout } };
        if (!IsGiven(result, "--log-level"))
            options = options with { LogLevel = ScriptLogLevel.Information };
        if (IsGiven(result, "--output"))
            return Probe.Execute(options);
        DirectoryInfo directory = Directory.CreateTempSubdirectory("spillway-test-");
        try
        {
            return Probe.Execute(options with { Output = directory.FullName });
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    // A monitor of counter groups may be after those that traffic feeds. A word in a comment only costs the counting.
    private static bool WatchesCounters(IEnumerable<string> scripts) => Any(scripts, "cg_monitor");

    private static bool Any(IEnumerable<string> scripts, string word)
    {
        var files = new ScriptFiles();
        foreach (string script in scripts)
            files.TryAdd(script, out _);
        return files.Found.Any(file => Mentions(file.Path, word));
    }

    private static bool Mentions(string path, string word)
    {
        try
        {
            return File.ReadLines(path).Any(line => line.Contains(word, StringComparison.Ordinal));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return false; // told when it is loaded
        }
    }

    private static bool IsGiven(ParseResult result, string option) =>
        result.GetResult(option) is System.CommandLine.Parsing.OptionResult { Implicit: false };
}
