using System.Globalization;
using Spillway.Configuration;
using Spillway.Figures;
using Spillway.Logging;
using Spillway.Metrics.Stores;
using Spillway.Pipeline;
using Spillway.Report;
using Spillway.Telemetry;

namespace Spillway.Run;

/// <content>What a run reads, and how much of it.</content>
internal sealed partial class Probe
{
    private CaptureReader? _captures;
    private OtlpExport? _export;
    private RunPages? _pages;

    private void ReadInput()
    {
        var figures = new RunFigures(_lanes, Account, _async, _writer, _ram, _options.Output) { Backend = _backend?.Host };
        using FigureServer? server = _options.FiguresAt is { } address ? FigureServer.Start(address, figures.All, figures.Health) : null;
        _pages = RunPages.Begin(_options, figures, ScriptsSoFar, _console);
        _export = _options.Telemetry is { } receiver ? OtlpExport.Start(receiver, figures.All) : null;
        using ServiceWatch? service = _options.IsService ? ServiceWatch.Begin(_lanes.Lanes, _stop) : null;
        figures.IsReading = true;
        if (_options.Input is { } input)
            new ScriptInputReader(_lanes, _room, _stop, _problems).Read(input, _progress);
        _interfaces?.Read(_progress, _console);
        _captures = new CaptureReader(_options, _lanes, _stop, _progress, _problems);
        _captures.ReadAll();
    }

    // Any thread.
    private IEnumerable<Scripting.ScriptFigures> ScriptsSoFar() => [.. _lanes.Live().Scripts, .. _backend?.Host?.GetFigures() ?? []];

    // Logs have been rotated, and the configuration may have changed. On the signal's thread.
    private void OnHangUp()
    {
        _eve?.Reopen();
        _console.Reopen();
        if (_options.Reload is not { } reload)
            return;
        ReloadOutcome outcome = reload.Look();
        foreach (string line in outcome.Lines)
        {
            if (outcome.IsRefused)
                _console.Run.ReloadRefused(line);
            else
                _console.Run.Reloaded(line);
        }
    }

    // What can change while the run goes on. On the signal's thread.
    private void TakeChanges(ConfigurationReload reload)
    {
        SqliteStoreOptions store = _options.Store;
        reload.Live["log-level"] = text => _console.Level = ScriptConsole.LevelOf(text);
        reload.Live["keep-days"] = text =>
            Keep(store with { MaxAge = text is null ? null : TimeSpan.FromDays(int.Parse(text, CultureInfo.InvariantCulture)) });
        reload.Live["store-size"] = text =>
            Keep(store with { MaxBytes = text is not null && ByteSize.TryParse(text, out long bytes) ? bytes : null });

        void Keep(SqliteStoreOptions options)
        {
            store = options;
            _writer.Keep(RunOutput.StoreOf(_options with { Store = store }));
        }
    }

    private IEnumerable<NamedCount> DetailsOfInput() =>
        _options.Range.IsAll ? [] : [new NamedCount("input.outside_range", _captures?.LeftOut ?? 0)];

    // Any thread. Null if captures are read.
    private CaptureSummary? Account() => _interfaces is { } interfaces ? interfaces.Account() with { Behind = Behind() } : null;

    private DroppedBehind Behind() =>
        new()
        {
            ResultBatches = _writer.DroppedBatches,
            PacketsNotStored = _storage.Dropped,
            FilesNotExtracted = _ram.Statistics.RefusedFull + _ram.Statistics.RefusedNoSpace + _ram.Statistics.Failed,
            Tasks = _async.GetStatistics().Sum(pool => pool.Dropped),
            EveEvents = _eve?.Lost ?? 0,
            ConsoleLines = _console.LostLines,
        };

    // On the writer's thread; null while the lanes are being made, and before the first packet.
    private RunProgress? HowFar()
    {
        if (_lanes is not { } lanes)
            return null;
        LaneFigures[] figures = [.. lanes.Lanes.Select(lane => lane.Figures).Where(lane => lane.FirstNs is not null)];
        return figures.Length == 0
            ? null
            : new RunProgress(
                figures.Sum(lane => lane.Packets),
                figures.Sum(lane => lane.Bytes),
                figures.Min(lane => lane.FirstNs!.Value),
                figures.Max(lane => lane.LastNs)
            );
    }
}
