using Spillway.Report;
using Spillway.Scripting;
using Spillway.Web;
using Spillway.Web.Live;

namespace Spillway.Run;

/// <summary>
/// A run as the pages see it, and the server of the pages if the run has one of its own. Reads what lanes count anyway, on the server's
/// threads; once the run has ended, what it had counted last.
/// </summary>
internal sealed class RunPages : IProbe, IDisposable
{
    private readonly RunOptions _options;
    private readonly RunFigures _figures;
    private readonly Func<IEnumerable<ScriptFigures>> _scripts;
    private readonly WebServer? _server;
    private readonly Lock _gate = new();
    private (IReadOnlyList<Figure> Figures, Health Health, IReadOnlyList<ScriptState> Scripts)? _end;

    private RunPages(RunOptions options, RunFigures figures, Func<IEnumerable<ScriptFigures>> scripts, ScriptConsole console)
    {
        _options = options;
        _figures = figures;
        _scripts = scripts;
        if (options.Pages is { } pages)
            pages.Probe = this;
        if (options.Web is not { } web)
            return;
        _server = WebServer.Start(web);
        _server.Probe = this;
        console.Notice($"pages at {_server.Url}{(web.Users is null ? " (the token in it lets in whoever has it)" : "")}");
    }

    /// <summary>Begins to show a run; null if nobody wants to see it.</summary>
    /// <exception cref="WebException">The pages cannot be served.</exception>
    public static RunPages? Begin(
        RunOptions options,
        RunFigures figures,
        Func<IEnumerable<ScriptFigures>> scripts,
        ScriptConsole console
    ) => options.Web is null && options.Pages is null ? null : new RunPages(options, figures, scripts, console);

    /// <inheritdoc/>
    public bool IsRunning => _end is null;

    /// <inheritdoc/>
    public string State =>
        _end is not null ? "the run has ended"
        : _options.Listens ? $"listening on {string.Join(", ", _options.Interfaces)}"
        : $"reading {string.Join(", ", _options.Sources.Select(Path.GetFileName))}";

    /// <inheritdoc/>
    public IReadOnlyList<Figure> Figures()
    {
        lock (_gate)
            return _end?.Figures ?? [.. _figures.All()];
    }

    /// <inheritdoc/>
    public Health Health()
    {
        lock (_gate)
            return _end?.Health ?? _figures.Health();
    }

    /// <inheritdoc/>
    public IReadOnlyList<ScriptState> Scripts()
    {
        lock (_gate)
            return _end?.Scripts ?? [.. _scripts().Select(StateOf)];
    }

    /// <inheritdoc/>
    public IReadOnlyList<(string Name, string Value, string Origin)> Settings() => _options.Settings;

    /// <summary>Keeps what was counted last, before the run closes what counts.</summary>
    public void End()
    {
        lock (_gate)
            _end ??= ([.. _figures.All()], _figures.Health(), [.. _scripts().Select(StateOf)]);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        End();
        _server?.Dispose();
    }

    private static ScriptState StateOf(ScriptFigures figures)
    {
        ScriptSummary summary = SummaryBuilder.ScriptOf(figures);
        return new ScriptState(summary.Name, summary.Title)
        {
            Callbacks = [.. summary.Callbacks.Select(callback => (callback.Name, callback.Count))],
            Errors = summary.Errors,
            FirstError = summary.FirstError,
            Disabled = summary.Disabled,
            Declined = summary.WhatDeclined,
            Tasks = figures.Tasks is { Submitted: > 0 } tasks ? TasksOf(tasks, summary.Async!) : null,
        };
    }

    private static TaskState TasksOf(Async.Figures.AsyncStatistics tasks, AsyncSummary summary) =>
        new()
        {
            Workers = tasks.Workers,
            Busy = tasks.Busy,
            Waiting = Math.Max(0, tasks.Queued - tasks.Busy),
            Submitted = tasks.Submitted,
            Succeeded = tasks.Succeeded,
            Failed = tasks.Failed,
            TimedOut = tasks.TimedOut,
            Dropped = tasks.Dropped,
            Wait = (summary.Wait.P50, summary.Wait.P99, summary.Wait.Max),
            Run = (summary.Run.P50, summary.Run.P99, summary.Run.Max),
            OldestWaiting = tasks.OldestWaiting,
            LastError = tasks.LastError,
        };
}
