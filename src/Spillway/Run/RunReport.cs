using System.Diagnostics;
using Spillway.Life;
using Spillway.Metrics.Results;
using Spillway.Report;

namespace Spillway.Run;

/// <summary>The end of a run as its user sees it: the exit code, the last complaints, the summary.</summary>
internal sealed class RunReport(RunOptions options, ScriptConsole console, RunProblems problems)
{
    private readonly long _startedAt = Stopwatch.GetTimestamp();

    private string? _toldFault;

    /// <summary>The store has failed in a run that goes on, for days maybe: that is reported at once. On the writer's thread.</summary>
    public void TellStoreFault(string fault)
    {
        _toldFault = fault;
        console.Warn(fault);
    }

    /// <summary>Since the run began.</summary>
    public TimeSpan WallTime => Stopwatch.GetElapsedTime(_startedAt);

    /// <summary>The exit code as far as the store has no say in it.</summary>
    /// <param name="stop">The signal, if one came.</param>
    /// <param name="hasScriptErrors">Whether some script has failed somewhere.</param>
    public int ExitCode(StopSignal stop, bool hasScriptErrors) =>
        problems.HasFailed ? ExitCodes.Failed
        : stop.IsRequested && !options.Listens ? stop.ExitCode
        : hasScriptErrors ? ExitCodes.ScriptErrors
        : ExitCodes.Good;

    /// <summary>What the store and the log say at their end.</summary>
    /// <returns>The exit code.</returns>
    public int Close(int exitCode, RunResults results, Eve.EveLog? eve)
    {
        if (results.StoreNotice is { } notice)
            console.Warn(notice);
        if (results.StoreFault is { } fault)
        {
            if (_toldFault is null)
                console.Warn(fault);
            exitCode = ExitCodes.Failed;
        }

        if (RunEve.Complaint(eve) is { } complaint)
        {
            problems.Warn(complaint);
            exitCode = ExitCodes.Failed;
        }

        return exitCode;
    }

    /// <summary>Writes the summary in the form that was asked for.</summary>
    /// <param name="exitCode">The exit code so far.</param>
    /// <param name="build">Makes the summary; called only if somebody wants it.</param>
    /// <returns>The exit code.</returns>
    public int Write(int exitCode, Func<RunSummary> build)
    {
        console.Flush();
        if (options.Quiet && !options.Json)
            return Checked(exitCode);
        RunSummary summary = build();
        try
        {
            if (options.Json)
                JsonReport.Write(StandardOutput.Open(), summary);
            else if (options.IsTest)
                TestReport.Write(Console.Out, summary, countsTraffic: options.Metrics.Traffic is not null);
            else
                ConsoleReport.Write(ReportConsole.ForStandardOutput(), summary);
        }
        catch (IOException exception)
        {
            if (console.PrintFailure is null)
                console.Error($"the summary cannot be written to standard output: {exception.Message}");
            return ExitCodes.Failed;
        }

        return Checked(exitCode);
    }

    // What scripts printed is part of what was asked for.
    private int Checked(int exitCode) => console.PrintFailure is null ? exitCode : ExitCodes.Failed;
}
