using Spillway.Eve;
using Spillway.Life;
using Spillway.Life.Native;
using Spillway.Metrics.Groups;
using Spillway.Report;

namespace Spillway.Run;

/// <summary>The EVE log of a run, if one is wanted: how it is opened and what is told of it.</summary>
internal static class RunEve
{
    /// <summary>Opens it; null if none is wanted.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    /// <param name="run">What is written, and where, and what is read.</param>
    /// <param name="groups">For the names of alert groups.</param>
    /// <param name="stop">Ends the wait for a FIFO's reader.</param>
    /// <param name="warn">Takes a line when a FIFO has no reader; on the metrics thread.</param>
    public static EveLog? Open(RunOptions run, GroupRegistry groups, StopSignal stop, Action<string> warn)
    {
        if (run.Eve is not { } options)
            return null;
        try
        {
            return new EveLog(options, groups, path => new Fifo(path, new FifoPatience(() => stop.IsRequested, () => stop.IsOver), warn))
            {
                Captures = run.CapturesRead,
            };
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new IOException(
                $"EVE events cannot be written to '{options.Path}': {exception.Message.TrimEnd('.')}; give --eve another file",
                exception
            );
        }
    }

    /// <summary>What the user is told at the end; null if every event was written.</summary>
    public static string? Complaint(EveLog? log) =>
        log is not { Fault: { } fault } ? null
        : log.Lost == 0 ? fault
        : $"{fault}; {Units.Count(log.Lost, "event")} lost";

    /// <summary>Adds its counts.</summary>
    public static RunSummary WithEve(this RunSummary summary, EveLog? log) =>
        log is null
            ? summary
            : summary with
            {
                Details =
                [
                    .. summary.Details,
                    new("eve.events", log.Written),
                    new("eve.bytes", log.Bytes),
                    new("eve.events_lost", log.Lost),
                ],
            };
}
